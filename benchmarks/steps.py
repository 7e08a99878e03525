"""Time of a training step beside the forward pass and the least that a step must do, in turn, in one process."""

import statistics
import time
from collections.abc import Callable

import torch

from benchmarks.subjects import Subject, pictures
from lib_train.config.dataset import DatasetConfig
from lib_train.config.network import NetworkConfig
from lib_train.config.run import RunConfig
from lib_train.config.training import TrainingConfig
from lib_train.host.protocol import BaseModel
from lib_train.host.standalone.host import StandaloneHost
from lib_train.pictures.scan import scan
from lib_train.training.assemble import assemble
from lib_train.training.events import StepDone


def settings(folder: str, side: int, precision: str, text: bool) -> RunConfig:
    """Batch 1, dim 16, everything cached; the text encoder trained or frozen."""
    return RunConfig(
        network=NetworkConfig(network_dim=16, network_alpha=16),
        dataset=DatasetConfig(
            train_data_dir=(folder,), resolution=(side,), enable_bucket=False, cache_latents_to_disk=False
        ),
        training=TrainingConfig(
            learning_rate=1e-4,
            text_encoder_lr=None if text else 0.0,
            mixed_precision=precision,
            lr_scheduler="constant",
        ),
    )


def measure(subject: Subject, precision: str, text: bool, rounds: int) -> dict[str, float]:
    """Median seconds of ``forward``, ``limit`` (forward and backward to the inputs, no adapters) and ``step``."""
    host = StandaloneHost()
    with pictures(subject.side, 4) as folder, host.borrow(host.find(subject.file)) as model:
        config = settings(str(folder), subject.side, precision, text)
        assembly = assemble(config, scan(config.dataset), model, None)
        for _ in assembly.prepare():
            pass
        trainer, times = assembly.trainer, dict[str, list[float]](forward=[], limit=[], step=[])
        events = trainer.events()

        def one_step() -> None:
            while not isinstance(next(events), StepDone):
                pass

        bare = _bare(model, subject.side, precision, text)
        for turn in range(rounds + 1):  # the first round warms up
            measured = {"step": _seconds(model, one_step)}
            with trainer.paused():
                measured |= {
                    "forward": _seconds(model, lambda: bare(False)),
                    "limit": _seconds(model, lambda: bare(True)),
                }
            if turn:
                for name, seconds in measured.items():
                    times[name].append(seconds)
        events.close()
    return {name: statistics.median(values) for name, values in times.items()}


def _bare(model: BaseModel, side: int, precision: str, text: bool) -> Callable[[bool], None]:
    """The frozen model alone: forward, and with True the backward pass through its activations too."""
    generator = torch.Generator().manual_seed(2)
    latents = torch.randn(1, 4, side // 8, side // 8, generator=generator).to(model.device)
    sizes = torch.tensor([[side, side, 0, 0, side, side]], dtype=torch.float32, device=model.device)
    timesteps = torch.tensor([500], device=model.device)
    with torch.no_grad():
        fixed = model.encode_captions(["noise, number 1"], 1, 75)

    def run(backward: bool) -> None:
        dtype = torch.float16 if precision == "fp16" else torch.bfloat16
        with torch.autocast(model.device.type, dtype, enabled=precision != "no"), torch.set_grad_enabled(backward):
            tracked = latents.detach().requires_grad_(backward)
            condition = fixed
            if text:
                with _inputs_tracked(model, backward):
                    condition = model.encode_captions(["noise, number 1"], 1, 75)
            output = model.predict(tracked, timesteps, condition, sizes)
        if backward:
            output.float().square().mean().backward()

    return run


class _inputs_tracked:
    """While entered, gradients flow back to the text encoder's embeddings, as they must to reach its first layer."""

    def __init__(self, model: BaseModel, on: bool) -> None:
        self.modules = [m for e in model.text_encoders for m in e.modules() if type(m).__name__ == "CLIPTextEmbeddings"]
        self.on, self.handles = on, []

    def __enter__(self) -> None:
        if self.on:
            self.handles = [m.register_forward_hook(lambda *a: a[-1].requires_grad_()) for m in self.modules]

    def __exit__(self, *error: object) -> None:
        for handle in self.handles:
            handle.remove()


def _seconds(model: BaseModel, work: Callable[[], None]) -> float:
    _settle(model)
    begun = time.perf_counter()
    work()
    _settle(model)
    return time.perf_counter() - begun


def _settle(model: BaseModel) -> None:
    if model.device.type == "cuda":
        torch.cuda.synchronize(model.device)
