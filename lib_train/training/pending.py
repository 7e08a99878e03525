"""Steps whose loss was not read yet, as the trainer and its state keep them."""

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

import torch
from torch import Tensor

from lib_train.host.shared.transfer import Arriving


class Pending(NamedTuple):
    """One step."""

    step: int
    arriving: Arriving
    """Loss of the step, then that of each picture, then ``Norms`` where updates are limited."""
    rates: Mapping[str, float]
    seen: tuple[tuple[int, int], ...]
    """Index and timestep of each picture."""

    def to_json(self) -> list[Any]:
        """As JSON values; waits for the losses."""
        loss, *each = self.arriving.numbers()
        return [self.step, loss, dict(self.rates), each, self.seen]

    @classmethod
    def from_json(
        cls,
        step: int,
        loss: float,
        rates: Mapping[str, float],
        each: Sequence[float] = (),
        seen: Sequence[Sequence[int]] = (),
    ) -> "Pending":
        """As a state keeps it; states of earlier versions do not tell of pictures."""
        return cls(step, Arriving(torch.tensor([loss, *each])), rates, tuple((one, other) for one, other in seen))


def parts_of(tensors: Mapping[str, Tensor]) -> dict[str, dict[str, Tensor]]:
    """Tensors of a state by part, "network", "optimizer" and "ema", under their names in it."""
    parts: dict[str, dict[str, Tensor]] = {"network": {}, "optimizer": {}, "ema": {}}
    for name, tensor in tensors.items():
        part, _, rest = name.partition(".")
        parts[part][rest] = tensor
    return parts
