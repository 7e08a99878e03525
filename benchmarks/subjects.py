"""What is measured: the embedded model, and a full-size SD1.5 with random weights, with pictures to train on."""

import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import torch
from PIL import Image
from safetensors.torch import save_file

from benchmarks.random_models import random_model
from lib_train.networks.keys import ldm_unet_weight, ldm_vae_weight


@dataclass(frozen=True)
class Subject:
    """A model to measure with its training size. ``file`` empty is the embedded model."""

    name: str
    file: str
    side: int


def write_sd15(path: Path) -> None:
    """A full-size SD1.5 checkpoint in fp16 (2 GB) whose weights are small random numbers."""
    model = random_model("sd1", torch.device("cpu"), torch.float16)
    tensors = dict(ldm_unet_weight(*item) for item in model.unet.state_dict().items())
    tensors |= dict(ldm_vae_weight(*item) for item in model.vae.state_dict().items())
    text = model.text_encoders[0].state_dict()
    tensors |= {f"cond_stage_model.transformer.{name}": tensor for name, tensor in text.items()}
    save_file({name: tensor.contiguous() for name, tensor in tensors.items()}, path)


@contextmanager
def pictures(side: int, count: int) -> Iterator[Path]:
    """A dataset folder of ``count`` noise pictures of ``side`` pixels with captions, each counted 100 times."""
    with tempfile.TemporaryDirectory() as folder:
        inner = Path(folder) / "100_noise"
        inner.mkdir()
        generator = torch.Generator().manual_seed(1)
        for index in range(count):
            pixels = torch.randint(0, 256, (side, side, 3), generator=generator, dtype=torch.uint8)
            Image.fromarray(pixels.numpy()).save(inner / f"{index}.png")
            (inner / f"{index}.txt").write_text(f"noise, number {index}")
        yield Path(folder)
