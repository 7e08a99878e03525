"""``python -m benchmarks.gpu.full_size sd15_512_b1``: steps a second, share of the card's peak, memory; as JSON."""

import argparse
import json
import resource
import sys
import time
from collections.abc import Generator
from dataclasses import dataclass
from itertools import pairwise
from statistics import median

import torch

from benchmarks.gpu.cards import peak_tflops, settle
from benchmarks.random_models import random_model
from benchmarks.subjects import pictures
from lib_train.config.dataset import DatasetConfig
from lib_train.config.network import NetworkConfig
from lib_train.config.run import RunConfig
from lib_train.config.training import TrainingConfig
from lib_train.host.protocol import BaseModel
from lib_train.pictures.scan import scan
from lib_train.training.assemble import assemble
from lib_train.training.events import Event, StepDone

_WARM_UP = 4


@dataclass(frozen=True)
class Case:
    """What is trained: a LoRA of dim 16 on the attention blocks, everything encoded before."""

    family: str
    side: int
    batch: int
    tflop: float | None
    """A picture's forward and backward pass; nothing counts twice that checkpointing computes twice. Counted by torch's
    FlopCounterMode on the meta device, 2 for a multiplication and its sum."""
    checkpointed: bool = False
    tiny: bool = False


CASES = {
    "sd15_512_b1": Case("sd1", 512, 1, 1.737),
    "sd15_512_b4": Case("sd1", 512, 4, 1.737),
    "sdxl_1024_b1": Case("sdxl", 1024, 1, 14.257),
    "sdxl_1024_b1_checkpointed": Case("sdxl", 1024, 1, 14.257, checkpointed=True),
    "tiny_sd1": Case("sd1", 64, 2, None, tiny=True),
    "tiny_sdxl": Case("sdxl", 64, 1, None, checkpointed=True, tiny=True),
}


def measure(case: Case, precision: str, device: torch.device, seconds: float) -> dict[str, float | str]:
    """Figures of one case, by name; ``error`` where the device's memory does not suffice.

    Args:
        precision: "fp16" or "bf16"; weights are kept so too.
        seconds: how long steps are counted.
    """
    kept = {"fp16": torch.float16, "bf16": torch.bfloat16}[precision]
    try:
        model = random_model(case.family, device, kept, tiny=case.tiny)
        return _measured(model, case, precision, seconds)
    except torch.cuda.OutOfMemoryError as error:
        return {"error": str(error).splitlines()[0]}


def _measured(model: BaseModel, case: Case, precision: str, seconds: float) -> dict[str, float | str]:
    device = model.device
    with pictures(case.side, 8) as folder:
        config = _settings(str(folder), case, precision)
        assembly = assemble(config, scan(config.dataset), model, None)
        begun = time.perf_counter()
        for _ in assembly.prepare():
            pass
        encoded = 8 / (time.perf_counter() - begun)
        times = _times(assembly.trainer.events(), device, seconds)
    rate = (len(times) - 1) / (times[-1] - times[0])
    found: dict[str, float | str] = {
        "it_s": rate,
        "pictures_s": rate * case.batch,
        "step_ms": 1000 * median(later - earlier for earlier, later in pairwise(times)),
        "encoded_pictures_s": encoded,
        "peak_gb": _peak_bytes(device) / 2**30,
    }
    if case.tflop:
        found["tflops"] = rate * case.batch * case.tflop
        peak = peak_tflops(torch.cuda.get_device_name(device)) if device.type == "cuda" else None
        if peak:
            found["share_of_peak"] = rate * case.batch * case.tflop / peak
    return found


def _settings(folder: str, case: Case, precision: str) -> RunConfig:
    return RunConfig(
        network=NetworkConfig(network_dim=16, network_alpha=16),
        dataset=DatasetConfig(
            train_data_dir=(folder,), resolution=(case.side,), enable_bucket=False, cache_latents_to_disk=False
        ),
        training=TrainingConfig(
            learning_rate=1e-4,
            text_encoder_lr=0.0,
            mixed_precision=precision,
            gradient_checkpointing=case.checkpointed,
            lr_scheduler="constant",
            train_batch_size=case.batch,
            max_train_steps=100_000,
        ),
    )


def _times(events: Generator[Event, None, None], device: torch.device, seconds: float) -> list[float]:
    """When the loss of each step was there, from the end of the warm-up on, for so long."""
    times: list[float] = []
    for event in events:
        if not isinstance(event, StepDone) or event.step < _WARM_UP:
            continue
        if event.step == _WARM_UP:
            settle(device)
            if device.type == "cuda":
                torch.cuda.reset_peak_memory_stats(device)
        times.append(time.perf_counter())
        if len(times) > 2 and times[-1] - times[0] > seconds:
            break
    events.close()
    return times


def _peak_bytes(device: torch.device) -> int:
    if device.type == "cuda":
        return torch.cuda.max_memory_allocated(device)
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * (1 if sys.platform == "darwin" else 1024)


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.gpu.full_size", description=__doc__)
    parser.add_argument("case", choices=CASES)
    parser.add_argument("--precision", choices=("fp16", "bf16"), default="bf16")
    parser.add_argument("--seconds", type=float, default=8.0)
    options = parser.parse_args()
    device = torch.device("cuda" if torch.cuda.is_available() else "cpu")
    found = measure(CASES[options.case], options.precision, device, options.seconds)
    rounded = {name: value if isinstance(value, str) else round(value, 3) for name, value in found.items()}
    sys.stdout.write(json.dumps(rounded) + "\n")


if __name__ == "__main__":
    main()
