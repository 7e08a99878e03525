"""Which timesteps are trained, drawn on the CPU so that every device trains on the same ones.

A shape says how probable each timestep is. Most are given by the share of all draws that lies below x, for x from 0,
the least noisy of the timesteps that are trained, to 1.
"""

import math
from collections.abc import Callable

import torch
from torch import Generator, Tensor

ShareBelow = Callable[[Tensor], Tensor]
"""x from 0 to 1, float64 -> the share of draws below it, rising from 0 to 1."""


def uniform_timesteps(count: int, generator: Generator, *, low: int = 0, high: int = 1000) -> Tensor:
    """(count,) int64, uniform over ``low`` <= t < ``high``."""
    return torch.randint(low, high, (count,), generator=generator)


class ShapedTimesteps:
    """Draws (B,) int64 as probable as ``chances`` (1000,) says; ``__call__`` takes B and the generator."""

    def __init__(self, chances: Tensor) -> None:
        self.chances = chances

    def __call__(self, count: int, generator: Generator) -> Tensor:
        return torch.multinomial(self.chances, count, replacement=True, generator=generator)


class OneTimestep:
    """Draws one timestep for all pictures of a batch, as ``inner`` draws them for one."""

    def __init__(self, inner: Callable[[int, Generator], Tensor]) -> None:
        self._inner = inner

    def __call__(self, count: int, generator: Generator) -> Tensor:
        return self._inner(1, generator).expand(count)


def evenly(x: Tensor) -> Tensor:
    """All timesteps are as probable as each other."""
    return x


def logit_normal(mean: float, deviation: float) -> ShareBelow:
    """x is the sigmoid of a normal number.

    Source:
        Esser et al. 2024, https://arxiv.org/abs/2403.03206, equation 19.
    """
    return lambda x: torch.special.ndtr((torch.logit(x) - mean) / deviation)


def cosmap(x: Tensor) -> Tensor:
    """Density 2 / (pi - 2 pi x + 2 pi x^2): the middle is twice as probable as the ends.

    Source:
        Esser et al. 2024, https://arxiv.org/abs/2403.03206, equation 21.
    """
    return torch.atan2(x, 1 - x) * (2 / math.pi)


def beta(alpha: float) -> ShareBelow:
    """x is Beta(alpha, 1): more noise is more probable above 1, less noise below.

    Source:
        Zheng et al. 2024, "Beta-Tuned Timestep Diffusion Model", section 3.3.
    """
    return lambda x: x**alpha


def chances_of(share: ShareBelow, low: int, high: int, shift: float = 1.0) -> Tensor:
    """(1000,), float64, sum 1: each timestep from ``low`` to below ``high`` has its part of the whole; others have 0.

    Args:
        shift: what was at u is put at x = shift u / (1 + (shift - 1) u): to more noise above 1, to less below; see
            Esser et al., equation 23.
    """
    x = torch.linspace(0, 1, high - low + 1, dtype=torch.float64)
    parts = share(x / (shift - (shift - 1) * x)).diff()
    return _placed(parts, low)


def laplace_chances(bars: Tensor, low: int, high: int, mean: float, spread: float) -> Tensor:
    """(1000,), float64, sum 1: ln SNR is Laplace-distributed, so that steps around one strength of noise are trained.

    Args:
        bars: cumulative alphas (1000,).
        mean: ln SNR that is trained most; 0 is as much noise as picture.
        spread: the distribution's scale.

    Source:
        Hang et al. 2024, https://arxiv.org/abs/2407.03297, table 1.
    """
    known = bars.double().clamp(1e-8, 1 - 1e-8)
    noise = (1 - known).log() - known.log()  # -ln SNR rises with the timestep
    ends = torch.tensor([-math.inf]), (noise[1:] + noise[:-1]) / 2, torch.tensor([math.inf])
    x = (torch.cat(ends) + mean) / spread
    below = torch.where(x < 0, x.clamp(max=0).exp() / 2, 1 - (-x.clamp(min=0)).exp() / 2)
    return _placed(below.diff()[low:high], low)


def _placed(parts: Tensor, low: int) -> Tensor:
    """``parts`` for the timesteps from ``low`` on; evenly where they are too small to be told from 0."""
    parts = parts if float(parts.sum()) > 0 else torch.ones_like(parts)
    chances = torch.zeros(1000, dtype=torch.float64)
    chances[low : low + len(parts)] = parts / parts.sum()
    return chances
