"""Loss on held-out pictures: fixed noise at fixed timesteps, so that two measurements differ by the weights alone."""

from collections.abc import Mapping
from itertools import islice
from statistics import fmean
from typing import NamedTuple

from lib_train.config.training import TrainingConfig
from lib_train.dataset.batches import Batches
from lib_train.diffusion.noise import generator_of
from lib_train.training.step import Loss

BANDS = 5
"""Of equal width; each is measured at its middle."""


class Measured(NamedTuple):
    """Mean losses of the held-out pictures by timestep: (prediction - target)^2, whatever the run minimises."""

    on: Mapping[int, float]
    off: Mapping[int, float]
    """Of the base model alone."""


class Validation:
    """Measures a run without touching its numbers: all chance depends on validation_seed, picture and timestep.

    Args:
        batches: of the held-out pictures, which do not vary.
    """

    def __init__(self, batches: Batches, loss: Loss, config: TrainingConfig) -> None:
        self._batches, self._loss = batches, loss
        self._seed = config.seed if config.validation_seed is None else config.validation_seed
        self._uses = list(islice(batches.epoch(0), config.max_validation_steps))
        self._timesteps = timesteps_of(config.min_timestep, config.max_timestep)
        self._off: Mapping[int, float] | None = None

    def measured(self) -> Measured:
        """The present losses; those of the base model are computed once."""
        if self._off is None:
            self._off = self._means(base=True)
        return Measured(self._means(base=False), self._off)

    def present(self) -> Mapping[int, float]:
        """The present losses alone."""
        return self._means(base=False)

    def _means(self, *, base: bool) -> dict[int, float]:
        losses: dict[int, list[float]] = {timestep: [] for timestep in self._timesteps}
        for place, uses in enumerate(self._uses):
            batch = self._batches.batch(uses, 0)
            for timestep, found in losses.items():
                chance = generator_of(self._seed, "validation", place, timestep)
                found += self._loss.plain(batch, timestep, chance, base=base).tolist()
        return {timestep: fmean(found) for timestep, found in losses.items()}


def timesteps_of(low: int, high: int) -> tuple[int, ...]:
    """The middles of ``BANDS`` equal bands of the timesteps from ``low`` up to, not including, ``high``.

    >>> timesteps_of(0, 1000)
    (100, 300, 500, 700, 900)
    """
    width = (high - low) / BANDS
    return tuple(dict.fromkeys(int(low + (place + 0.5) * width) for place in range(BANDS)))
