"""The denoising loss. Pure functions of tensors and numbers."""

from torch import Tensor


def squared_errors(predicted: Tensor, target: Tensor) -> Tensor:
    """(B, C, h, w), float32."""
    return (predicted.float() - target.float()).square()


def picture_means(errors: Tensor) -> Tensor:
    """(B,): the mean of each picture of (B, C, h, w)."""
    return errors.mean((1, 2, 3))
