"""The loss of one fixed batch, which shows whether training has learned what it can: the usual loss does not."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from statistics import fmean
from typing import Any

import torch

from lib_train.config.training import TrainingConfig
from lib_train.dataset.batches import Batches
from lib_train.training.events import FixedLoss
from lib_train.training.plan import TrainPlan
from lib_train.training.settled import has_settled
from lib_train.training.step import Loss
from lib_train.training.validation import Validation

MOST = 8
"""Pictures."""


class FixedBatch:
    """The same pictures, captions, noise and timesteps at each measurement.

    Args:
        batches: of at most ``MOST`` training pictures, which do not vary.
    """

    def __init__(self, batches: Batches, loss: Loss, config: TrainingConfig) -> None:
        self._every = config.stop_when_learned or 0
        self._measuring = Validation(batches, loss, replace(config, max_validation_steps=None, validation_seed=None))
        self._steps: list[int] = []
        self._losses: list[float] = []
        self.learned_at: int | None = None
        """The first step after which the loss had come to rest."""

    def after(self, step: int, epoch: int) -> Iterator[FixedLoss]:
        """Measure it where that is due after this step."""
        if step % self._every:
            return
        with torch.inference_mode(False):
            loss = fmean(self._measuring.present().values())
        self._steps.append(step)
        self._losses.append(loss)
        if self.learned_at is None and has_settled(self._steps, self._losses):
            self.learned_at = step
        yield FixedLoss(step, epoch, loss, self.learned_at is not None)

    def learned_in(self, plan: TrainPlan, step: int) -> bool:
        """Whether the loss came to rest in the epoch of this step."""
        return self.learned_at is not None and plan.epoch_of(self.learned_at) == plan.epoch_of(step)

    def facts(self) -> dict[str, Any]:
        """What a resumed run needs, as JSON values."""
        return {"steps": self._steps, "losses": self._losses, "learned_at": self.learned_at}

    def load(self, facts: Mapping[str, Any]) -> None:
        """Go on from ``facts()``."""
        steps: Sequence[int] = facts.get("steps", ())
        self._steps, self._losses = list(steps), list(facts.get("losses", ()))
        self.learned_at = facts.get("learned_at")
