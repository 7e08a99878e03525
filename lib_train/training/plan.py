"""Length of a run, and the steps after which something is saved. Pure: settings and counts in, numbers out."""

import math
from dataclasses import dataclass, replace

from lib_train.config.training import TrainingConfig

MOST_STEPS = 10_000_000
"""Longer runs are treated as typing errors."""


@dataclass(frozen=True, kw_only=True)
class TrainPlan:
    """The length of a run and when it saves. A step is an optimizer step; steps and epochs count from 1."""

    batches_per_epoch: int
    steps_per_epoch: int
    """Optimizer steps of an epoch; a last, smaller accumulation counts as one."""
    total_steps: int
    epochs: int
    """Number of epochs, the last possibly cut short by max_train_steps."""
    text_steps: int
    """Steps after which the text encoder stays as it is, at most all."""
    save_every_n_epochs: int | None
    save_every_n_steps: int | None
    save_state_every_n_steps: int | None
    validation_interval: tuple[int | None, int | None] = (None, None)
    """Steps and epochs between two measurements of held-out pictures; without both there are none."""

    @classmethod
    def of(cls, batches_per_epoch: int, config: TrainingConfig) -> "TrainPlan":
        """The plan for that many batches (forward passes) an epoch; max_train_steps wins over max_train_epochs."""
        steps = max(1, math.ceil(batches_per_epoch / config.gradient_accumulation_steps))
        total = config.max_train_steps or steps * (config.max_train_epochs or 1)
        return cls(
            batches_per_epoch=batches_per_epoch,
            steps_per_epoch=steps,
            total_steps=total,
            epochs=math.ceil(total / steps),
            text_steps=max(1, round(config.text_encoder_stop * min(total, 2**53))),  # no float holds every number
            save_every_n_epochs=config.save_every_n_epochs,
            save_every_n_steps=config.save_every_n_steps,
            save_state_every_n_steps=config.save_state_every_n_steps,
            validation_interval=config.validation_interval if config.validates else (None, None),
        )

    def at_least(self, steps: int) -> "TrainPlan":
        """The same plan, but no shorter than that many steps, which were done already."""
        total = max(self.total_steps, steps)
        return replace(self, total_steps=total, epochs=math.ceil(total / self.steps_per_epoch))

    def epoch_of(self, step: int) -> int:
        """The epoch that a step belongs to."""
        return (step - 1) // self.steps_per_epoch + 1

    def ends_epoch(self, step: int) -> bool:
        """Whether the step is its epoch's last."""
        return step % self.steps_per_epoch == 0

    def is_due(self, step: int, every_n_steps: int | None, every_n_epochs: int | None = None) -> bool:
        """Whether something that is done every n steps, or at every n-th epoch's end, is done after a step."""
        by_epoch = bool(every_n_epochs) and self.ends_epoch(step) and self.epoch_of(step) % (every_n_epochs or 1) == 0
        return by_epoch or (bool(every_n_steps) and step % (every_n_steps or 1) == 0)

    def saves_after(self, step: int) -> bool:
        """Whether a checkpoint is due after a step: at every n-th epoch's end, every n steps, and at the end."""
        return step == self.total_steps or self.is_due(step, self.save_every_n_steps, self.save_every_n_epochs)

    def keeps_state_after(self, step: int) -> bool:
        """Whether a state to resume from is due after a step: with each checkpoint, and every n steps."""
        return self.saves_after(step) or self.is_due(step, self.save_state_every_n_steps)

    def validates_after(self, step: int) -> bool:
        """Whether held-out pictures are measured after a step: at each interval, and at the end."""
        every = self.validation_interval
        return any(every) and (step == self.total_steps or self.is_due(step, *every))

    @property
    def validations(self) -> int:
        """How often that is in the whole run, at most."""
        steps, epochs = self.validation_interval
        found = [self.total_steps // each for each in (steps, epochs and epochs * self.steps_per_epoch) if each]
        return sum(found) + 1 if found else 0

    def saves(self) -> list[int]:
        """All steps after which a checkpoint is written."""
        total = self.total_steps
        found = {total}
        if self.save_every_n_epochs:
            apart = self.save_every_n_epochs * self.steps_per_epoch
            found.update(range(apart, total, apart))
        if self.save_every_n_steps:
            found.update(range(self.save_every_n_steps, total, self.save_every_n_steps))
        return sorted(found)
