"""Events of a run. Frozen records: safe to log, to queue and to replay.

RunStarted
for each epoch:
    EpochStarted
    for each optimizer step:
        StepDone                 its loss may arrive one step later: reading it must not hold up the device
        CheckpointReady          when the plan says so, after the StepDone of the same step
            CheckpointSaved      from whoever wrote it, once it lies on the disk
        StateReady               when the plan says so: a good moment to ask for ``Trainer.state()``
RunFinished

A run that is resumed after its last step tells RunStarted, CheckpointReady of its present weights, and RunFinished.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from torch import Tensor


@dataclass(frozen=True)
class RunStarted:
    total_steps: int
    first_step: int
    """1, or the step after the one that is resumed from."""


@dataclass(frozen=True)
class EpochStarted:
    epoch: int
    """From 1."""


@dataclass(frozen=True)
class StepDone:
    step: int
    """Optimizer step, from 1."""
    epoch: int
    loss: float
    """Mean loss of the step's pictures."""
    lr: Mapping[str, float]
    """Learning rate of each part: "unet", "text_encoder"."""


@dataclass(frozen=True)
class CheckpointReady:
    step: int
    epoch: int
    tensors: Mapping[str, Tensor]
    """The live weights under their names in a file, not a copy: read them before asking for the next event."""


@dataclass(frozen=True)
class CheckpointSaved:
    step: int
    epoch: int
    path: Path
    again: bool = False
    """Whether the file of this step existed already."""


@dataclass(frozen=True)
class StateReady:
    step: int


@dataclass(frozen=True)
class RunFinished:
    step: int


Event = RunStarted | EpochStarted | StepDone | CheckpointReady | CheckpointSaved | StateReady | RunFinished
