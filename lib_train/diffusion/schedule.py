"""The noise schedule that SD1, SD2 and SDXL were trained with, and what follows from it."""

import torch
from torch import Tensor

NUM_TIMESTEPS = 1000


def alphas_cumprod() -> Tensor:
    """(1000,), float32: cumulative product of 1 - beta, with betas evenly spaced in their square roots.

    >>> [round(float(alphas_cumprod()[t]), 5) for t in (0, 500, 999)]
    [0.99915, 0.27633, 0.00466]

    Source:
        Stable Diffusion's "scaled_linear", beta from 0.00085 to 0.012; computed in float64.
    """
    betas = torch.linspace(0.00085**0.5, 0.012**0.5, NUM_TIMESTEPS, dtype=torch.float64) ** 2
    return torch.cumprod(1 - betas, dim=0).float()


def with_zero_terminal_snr(bars: Tensor) -> Tensor:
    """Cumulative alphas (1000,) stretched so that the last one is 0, pure noise, and the first one stays; float32.

    Source:
        Lin et al. 2023, https://arxiv.org/abs/2305.08891, algorithm 1.
    """
    roots = bars.double().sqrt()
    return ((roots - roots[-1]) * roots[0] / (roots[0] - roots[-1])).square().float()


def signal_to_noise(bars: Tensor) -> Tensor:
    """Signal-to-noise ratio bar / (1 - bar), from cumulative alphas of any shape: 0 at pure noise, infinite without."""
    return bars / (1 - bars)


def add_noise(latents: Tensor, noise: Tensor, bars: Tensor) -> Tensor:
    """Latents (B, C, h, w) after diffusion to the timesteps whose cumulative alphas are ``bars`` (B,).

    Source:
        Ho et al. 2020, https://arxiv.org/abs/2006.11239, equation 4.
    """
    bars = bars[:, None, None, None]
    return bars.sqrt() * latents + (1 - bars).sqrt() * noise
