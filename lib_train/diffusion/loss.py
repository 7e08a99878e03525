"""The denoising loss. Pure functions of tensors and numbers."""

from torch import Tensor


def picture_losses(predicted: Tensor, target: Tensor) -> Tensor:
    """(B,), float32: mean squared error of each picture of (B, C, h, w)."""
    return (predicted.float() - target.float()).square().mean((1, 2, 3))
