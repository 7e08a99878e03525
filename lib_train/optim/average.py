"""Averages of trained weights: what is saved in their place, or beside them."""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any

import torch
from torch import Tensor, nn


def decay_after(step: int, most: float) -> float:
    """How much of the average an update keeps: little at first, so that the first weights are soon forgotten.

    Args:
        step: optimizer steps so far, from 1.
        most: what it rises to; ema_decay.

    Source:
        OneTrainer's EMAModule.py, which counts steps from 0: (1 + n) / (10 + n).

    >>> [round(decay_after(step, 0.99), 3) for step in (1, 10, 100, 10_000)]
    [0.1, 0.526, 0.917, 0.99]
    """
    return min(step / (9 + step), most)


class MovingAverage:
    """Exponential moving average of parameters. Begins as what they are now."""

    def __init__(self, parameters: Sequence[nn.Parameter], decay: float, every: int) -> None:
        """
        Args:
            decay: see ``decay_after``.
            every: steps from one update to the next.
        """
        self._parameters, self._decay, self._every = list(parameters), decay, every
        self._averages = [parameter.detach().clone() for parameter in self._parameters]

    @torch.no_grad()
    def update(self, step: int) -> None:
        """Take the parameters in, where ``step``, from 1, is one after which that is done."""
        if step % self._every == 0:
            torch._foreach_lerp_(self._averages, [*self._parameters], 1 - decay_after(step, self._decay))

    @contextmanager
    def shown(self) -> Iterator[None]:
        """While entered, the parameters hold the average; afterwards they have their own values to the bit."""
        before = _copies(self._parameters)
        _put(self._parameters, self._averages)
        try:
            yield
        finally:
            _put(self._parameters, before)

    def tensors(self) -> dict[str, Tensor]:
        """The live averages by number, for a state."""
        return {str(place): average for place, average in enumerate(self._averages)}

    def load(self, tensors: Mapping[str, Tensor]) -> None:
        """Take what ``tensors`` gave; without any, begin as what the parameters are now."""
        _put(self._averages, [tensors[name] for name in self.tensors()] if tensors else self._parameters)


class OwnAverage:
    """The average x that a schedule-free optimizer keeps, while the parameters are y, where gradients are taken.

    Going to x and back would round y otherwise each time; so y is kept.
    """

    def __init__(self, optimizer: Any) -> None:
        """``optimizer`` has ``eval()`` and ``train()``."""
        self._optimizer = optimizer

    def update(self, step: int) -> None:
        """The optimizer's own step has done it."""

    @contextmanager
    def shown(self) -> Iterator[None]:
        """As that of ``MovingAverage``."""
        parameters = [parameter for group in self._optimizer.param_groups for parameter in group["params"]]
        before = _copies(parameters)
        self._optimizer.eval()
        try:
            yield
        finally:
            self._optimizer.train()
            _put(parameters, before)

    def tensors(self) -> dict[str, Tensor]:
        """None: the optimizer's state has them."""
        return {}

    def load(self, tensors: Mapping[str, Tensor]) -> None:
        """Nothing to take."""


@torch.no_grad()
def _copies(tensors: Sequence[Tensor]) -> list[Tensor]:
    return [tensor.detach().clone() for tensor in tensors]


@torch.no_grad()
def _put(into: Sequence[Tensor], values: Sequence[Tensor]) -> None:
    for tensor, value in zip(into, values, strict=True):
        tensor.copy_(value)
