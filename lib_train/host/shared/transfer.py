"""Tensors on their way to a device and numbers on their way back, without waiting for other work there."""

from typing import Any

import torch
from torch import Tensor


def sent(tensor: Tensor, to: torch.device) -> Tensor:
    """The tensor on the device; to a GPU from page-locked memory, without which the program would wait for it."""
    return tensor.pin_memory().to(to, non_blocking=True) if to.type == "cuda" else tensor.to(to)


class Arriving:
    """A tensor's numbers, copied behind the work that makes them.

    Reading a tensor of a GPU waits for everything that was sent there, also for what came after it; reading this
    waits for the numbers alone, so that the next step may already run.
    """

    def __init__(self, tensor: Tensor) -> None:
        self._value, self._there = tensor, _copied(tensor) if tensor.is_cuda else None

    def numbers(self) -> list[float]:
        """All of them, in the tensor's order."""
        found: list[float] = self._arrived().flatten().tolist()
        return found

    def __float__(self) -> float:
        return float(self._arrived())

    def _arrived(self) -> Tensor:
        if self._there is not None:
            self._value, copied = self._there[0], self._there[1]
            copied.synchronize()
            self._there = None
        return self._value


def _copied(tensor: Tensor) -> tuple[Tensor, Any]:
    """A pending page-locked copy, and the CUDA event that is set when it is complete."""
    copy = torch.empty(tensor.shape, dtype=tensor.dtype, pin_memory=True)
    copy.copy_(tensor, non_blocking=True)
    there: Any = torch.cuda.Event(blocking=True)  # type: ignore[no-untyped-call]
    there.record(torch.cuda.current_stream(tensor.device))
    return copy, there
