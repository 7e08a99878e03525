"""Memory for a module's weights."""

import math
import mmap
from collections.abc import Mapping
from contextlib import suppress

import torch
from torch import Tensor

_ALIGNED = 64
"""Bytes: a line of the cache."""


def room_for(
    wanted: Mapping[str, Tensor], dtype: torch.dtype, device: torch.device, memory_format: torch.memory_format
) -> dict[str, Tensor]:
    """Unfilled tensors of these names and shapes. Those with four dimensions lie as ``memory_format`` says.

    On a CPU all of them lie in one piece of memory, which stays as long as one of them does.
    """
    formats = {name: memory_format if t.dim() == 4 else torch.contiguous_format for name, t in wanted.items()}
    if device.type != "cpu":
        return {
            name: torch.empty(tensor.shape, dtype=dtype, device=device, memory_format=formats[name])
            for name, tensor in wanted.items()
        }
    step = _ALIGNED // dtype.itemsize
    begins, end = {}, 0
    for name, tensor in wanted.items():
        begins[name], end = end, end + math.ceil(tensor.numel() / step) * step
    memory = _bytes(max(1, end) * dtype.itemsize).untyped_storage()
    return {
        name: torch.empty(0, dtype=dtype).set_(memory, begins[name], tensor.shape, _strides(tensor, formats[name]))  # type: ignore[call-overload]
        for name, tensor in wanted.items()
    }


def _strides(tensor: Tensor, memory_format: torch.memory_format) -> tuple[int, ...]:
    return torch.empty(tensor.shape, device="meta", memory_format=memory_format).stride()


def _bytes(count: int) -> Tensor:
    """Memory in pages of 2 MB where the system has them.

    The system hands these out several times as fast as those of 4 KB, and needs one for 512 of those.
    """
    if not hasattr(mmap, "MADV_HUGEPAGE"):
        return torch.empty(count, dtype=torch.uint8)
    memory = mmap.mmap(-1, count, flags=mmap.MAP_PRIVATE | mmap.MAP_ANONYMOUS)
    with suppress(OSError):  # a kernel without them
        memory.madvise(mmap.MADV_HUGEPAGE)
    return torch.frombuffer(memory, dtype=torch.uint8)
