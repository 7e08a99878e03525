"""Events of a run. Frozen records: safe to log, to queue and to replay.

RunStarted
for each epoch:
    EpochStarted
    for each optimizer step:
        FixedLoss                when stop_when_learned says so, before the StepDone of the same step
        StepDone                 its loss may arrive one step later: reading it must not hold up the device
        Validated                when the plan says so, after the StepDone of the same step
        CheckpointReady          when the plan says so, after the StepDone of the same step
            CheckpointSaved      from whoever wrote it, once it lies on the disk
        StateReady               when the plan says so: a good moment to ask for ``Trainer.state()``
RunFinished

A run that is resumed after its last step tells RunStarted, CheckpointReady of its present weights, and RunFinished.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple

from torch import Tensor

from lib_train.networks.norms import Norms


@dataclass(frozen=True)
class RunStarted:
    """The first event of a run, or of its part after a resume."""

    total_steps: int
    """Optimizer steps of the whole run."""
    first_step: int
    """1, or the step after the one that is resumed from."""


@dataclass(frozen=True)
class EpochStarted:
    """Steps of this epoch follow; after a resume those that are left of it."""

    epoch: int
    """From 1."""


class PictureLoss(NamedTuple):
    """What one picture had to do with a step."""

    picture: int
    """Its place in the scan."""
    timestep: int
    loss: float
    """Before any weighting."""


@dataclass(frozen=True)
class StepDone:
    """An optimizer step has moved the weights."""

    step: int
    """Optimizer step, from 1."""
    epoch: int
    loss: float
    """Mean loss of the step's pictures."""
    lr: Mapping[str, float]
    """Learning rate of each part: "unet", "text_encoder". See ``optim.optimizers.rates_of``."""
    pictures: tuple[PictureLoss, ...] = ()
    """One for each picture, in the order of the batches."""
    norms: Norms | None = None
    """Where scale_weight_norms is on."""


@dataclass(frozen=True)
class Validated:
    """The held-out pictures were measured."""

    step: int
    epoch: int
    on: Mapping[int, float]
    """Mean loss by timestep."""
    off: Mapping[int, float]
    """Of the base model alone."""


@dataclass(frozen=True)
class FixedLoss:
    """The loss of the fixed batch was measured."""

    step: int
    epoch: int
    loss: float
    learned: bool
    """Whether it has come to rest by now."""


@dataclass(frozen=True)
class CheckpointReady:
    """The weights after this step are to be written to a file."""

    step: int
    epoch: int
    tensors: Mapping[str, Tensor]
    """The live weights under their names in a file, not a copy: read them before asking for the next event. Or their
    average, where it is saved instead."""
    averaged: Mapping[str, Tensor] | None = None
    """The average of the same, where it is saved beside them."""


@dataclass(frozen=True)
class CheckpointSaved:
    """The checkpoint of this step is on the disk."""

    step: int
    epoch: int
    path: Path
    again: bool = False
    """Whether the file of this step existed already."""
    averaged: Path | None = None
    """The file of the average, where there is one beside it."""

    @property
    def paths(self) -> tuple[Path, ...]:
        """One or both files."""
        return (self.path, *((self.averaged,) if self.averaged else ()))


@dataclass(frozen=True)
class StateReady:
    """The state after this step is to be kept, so that the run can be resumed from it."""

    step: int


@dataclass(frozen=True)
class RunFinished:
    """The last event: all steps of the plan are done."""

    step: int


Event = (
    RunStarted
    | EpochStarted
    | FixedLoss
    | StepDone
    | Validated
    | CheckpointReady
    | CheckpointSaved
    | StateReady
    | RunFinished
)
