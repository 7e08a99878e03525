"""Which timesteps are trained, drawn on the CPU so that every device trains on the same ones."""

import torch
from torch import Generator, Tensor


def uniform_timesteps(count: int, generator: Generator, *, low: int = 0, high: int = 1000) -> Tensor:
    """(count,) int64, uniform over ``low`` <= t < ``high``."""
    return torch.randint(low, high, (count,), generator=generator)
