"""Hashes of the losses and files of a fixed run: the same before and after a change that should change no number.

``python -m tests.proof`` prints them, for ``diff``. They are those of one machine and one version of torch.
"""

import hashlib
import tempfile
from collections.abc import Iterator
from pathlib import Path

import torch
from safetensors import safe_open
from safetensors.torch import load_file

from lib_train.app.service import Service
from lib_train.config.codec import config_of
from lib_train.config.run import RunConfig
from lib_train.jobs.outcome import Outcome
from tests.fakes import FakeHost
from tests.training.test_loss_curve import curve

_SETTINGS = {
    "resolution": 64, "min_bucket_reso": 64, "network_dim": 2, "train_batch_size": 2, "max_train_steps": 8,
    "save_every_n_steps": 4, "save_precision": "float", "flip_aug": True, "shuffle_caption": True,
    "network_dropout": 0.1, "noise_offset": 0.05, "min_snr_gamma": 5, "lr_scheduler": "cosine", "seed": 7,
}  # fmt: skip


def lines(folder: Path) -> Iterator[str]:
    """What is printed.

    Args:
        folder: empty; everything is written below it.
    """
    for kind in ("epsilon", "v"):
        losses = curve(folder / kind, kind)
        yield from (f"loss {kind} {step} {loss.hex()}" for step, loss in enumerate(losses, 1))
    config = config_of({**_SETTINGS, "train_data_dir": [str(folder / "epsilon")]})
    yield from _files("whole", _run(folder / "whole", config))
    yield from _files("resumed", _run(folder / "resumed", config, stops_after=5))


def _run(root: Path, config: RunConfig, stops_after: int | None = None) -> Outcome:
    model = root.with_suffix(".safetensors")
    model.touch()
    host = FakeHost(model)
    host.between_steps = lambda done, total: done != stops_after or total != config.training.max_train_steps
    service = Service(host, root)
    outcome = service.train("p", "v1", config)
    if not outcome.finished:
        host.between_steps = lambda done, total: True
        outcome = service.resume("p", "v1")
    return outcome


def _files(name: str, outcome: Outcome) -> Iterator[str]:
    for path in outcome.checkpoints:
        with safe_open(path, "pt") as file:
            yield f"{name} {path.name} {file.metadata()['sshs_model_hash']}"
    for path in sorted(outcome.run.state_folder.rglob("*.safetensors")):
        yield f"{name} {path.relative_to(outcome.run.state_folder)} {_hash_of(path)}"
    yield from (f"{name} loss {step} {loss.hex()}" for step, loss in zip(*outcome.run.curves()["loss"], strict=True))


def _hash_of(path: Path) -> str:
    digest = hashlib.sha256()
    for key, tensor in sorted(load_file(path).items()):
        digest.update(key.encode())
        digest.update(tensor.contiguous().view(-1).view(torch.uint8).numpy().tobytes())
    return digest.hexdigest()


if __name__ == "__main__":
    torch.set_num_threads(1)
    with tempfile.TemporaryDirectory() as made:
        print("\n".join(lines(Path(made))))  # noqa: T201
