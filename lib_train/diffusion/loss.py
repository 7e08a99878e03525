"""The denoising loss. Pure functions of tensors and numbers.

Errors are (B, C, h, w), float32, from predictions and targets of that shape on any device, with timesteps (B,) there.
"""

import math

import torch
from torch import Tensor

from lib_train.diffusion.schedule import NUM_TIMESTEPS


def squared_errors(predicted: Tensor, target: Tensor, timesteps: Tensor) -> Tensor:
    """L2."""
    return (predicted.float() - target.float()).square()


def absolute_errors(predicted: Tensor, target: Tensor, timesteps: Tensor) -> Tensor:
    """L1."""
    return (predicted.float() - target.float()).abs()


class HuberErrors:
    """Squared for small errors and linear for large ones: 2 c (sqrt(d^2 + c^2) - c), near d^2 for small d.

    Args:
        thresholds: c of each timestep (1000,), on the device.
        smooth: whether the factor c is left out, as in PyTorch's smooth L1: near d^2 / c for small d.

    Source:
        Khrapov et al. 2024, https://arxiv.org/abs/2403.16728; loss_type "huber" and "smooth_l1" of kohya's sd-scripts.
    """

    def __init__(self, thresholds: Tensor, *, smooth: bool = False) -> None:
        self._thresholds, self._smooth = thresholds, smooth

    def __call__(self, predicted: Tensor, target: Tensor, timesteps: Tensor) -> Tensor:
        c = self._thresholds[timesteps][:, None, None, None]
        error = ((predicted.float() - target.float()).square() + c.square()).sqrt() - c
        return 2 * error if self._smooth else 2 * c * error


def huber_thresholds(schedule: str, bars: Tensor, c: float, scale: float) -> Tensor:
    """c of each timestep (1000,), float32.

    Args:
        schedule: "constant" is c scale; "exponential" falls from scale to c scale; "snr" falls from nearly 1 to c, with
            the noise, whatever scale is.
        bars: cumulative alphas (1000,).
    """
    if schedule == "snr":
        sigmas = ((1 - bars) / bars).sqrt()
        return (1 - c) / (1 + sigmas).square() + c
    if schedule == "exponential":
        return torch.exp(math.log(c) / NUM_TIMESTEPS * torch.arange(NUM_TIMESTEPS)) * scale
    return torch.full((NUM_TIMESTEPS,), c * scale)


def picture_means(errors: Tensor) -> Tensor:
    """(B,): the mean of each picture of (B, C, h, w)."""
    return errors.mean((1, 2, 3))
