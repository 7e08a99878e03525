"""Noise of a step, drawn on the CPU so that every device trains on the same."""

import torch
from torch import Generator, Tensor

from lib_train.chance import seed_of


def generator_of(*position: int | str) -> Generator:
    """A CPU generator whose stream depends on ``position`` alone, such as (seed, "noise", step, micro-step)."""
    return Generator().manual_seed(seed_of(*position))


def training_noise(latents: Tensor, generator: Generator, *, offset: float = 0.0) -> Tensor:
    """Gaussian noise, float32, for latents (B, C, h, w).

    Args:
        offset: standard deviation of a second noise (B, C, 1, 1) that is added to each whole channel; 0 is off.

    Source:
        Guttenberg 2023, "Diffusion with Offset Noise"; noise_offset of kohya's sd-scripts.
    """
    noise = torch.randn(latents.shape, generator=generator)
    if offset:
        noise += offset * torch.randn(*latents.shape[:2], 1, 1, generator=generator)
    return noise
