"""Tensors that hold NaN or infinity: what a diverged run or a broken file leaves."""

from collections.abc import Iterable, Sequence

import torch
from torch import Tensor


@torch.no_grad()
def not_finite(tensors: Iterable[tuple[str, Tensor]]) -> list[str]:
    """Names of the tensors, of any number format, that hold NaN or infinity."""
    return [name for name, tensor in tensors if not _is_finite(tensor)]


def _is_finite(tensor: Tensor) -> bool:
    if tensor.is_floating_point() and tensor.itemsize == 1:  # torch asks this of no 8-bit format
        tensor = tensor.float()
    return bool(torch.isfinite(tensor).all())


def some_of(names: Sequence[str], most: int = 3) -> str:
    """The first few names, and "..." for more.

    >>> some_of(["a", "b", "c", "d"])
    'a, b, c, ...'
    """
    return ", ".join([*names[:most], *(["..."] if len(names) > most else [])])
