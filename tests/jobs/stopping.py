"""Runs that end early, and what comes of resuming them."""

import pytest
from PIL import Image
from safetensors.torch import load_file

from lib_train.config.codec import from_json
from lib_train.errors import RunChanged

SETTINGS = {
    "resolution": 64, "min_bucket_reso": 64, "max_bucket_reso": 64, "network_dim": 2, "train_batch_size": 2,
    "max_train_epochs": 4, "save_every_n_epochs": 2, "save_precision": "float", "flip_aug": True,
    "learning_rate": 1e-2, "cache_latents_to_disk": True,
}  # fmt: skip


def draw(folder, name, colour, caption=None):
    folder.mkdir(parents=True, exist_ok=True)
    Image.new("RGB", (64, 64), colour).save(folder / f"{name}.png")
    if caption is not None:
        (folder / f"{name}.txt").write_text(caption)


def stopped(service, data, after=7, **more):
    """A run of 12 steps that ended after some of them."""
    service.host.between_steps = lambda done, total: (done, total) != (after, 12)
    outcome = service.train("p", "v1", from_json({**SETTINGS, "train_data_dir": [str(data)], **more})[0])
    service.host.between_steps = lambda done, total: True
    assert not outcome.finished
    return outcome.run


def weights(run):
    """The tensors of the run's newest checkpoint, as lists."""
    return {name: tensor.tolist() for name, tensor in load_file(run.checkpoints()[-1]).items()}


def refused(service, **more):
    """The changes that resuming names."""
    with pytest.raises(RunChanged) as caught:
        service.resume("p", "v1", **more)
    return list(caught.value.changes)
