"""Handlers of a run's events that write its numbers for other programs: metrics.csv, and TensorBoard's event file."""

import time
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Protocol

from lib_train.config.run import RunConfig
from lib_train.errors import reason
from lib_train.optim.optimizers import KINDS
from lib_train.pictures.records import Scan
from lib_train.store.metrics import MetricsFile, columns
from lib_train.store.runs import Run
from lib_train.store.tensorboard import EventFile, Scalars
from lib_train.texts import say
from lib_train.training.events import Event, FixedLoss, RunStarted, StateReady, StepDone, Validated
from lib_train.training.plan import TrainPlan
from lib_train.training.validation import timesteps_of


class Record(Protocol):
    """A file that is made of the events of a run, in the form of its log. Its methods may raise OSError."""

    @property
    def path(self) -> Path:
        """Where it lies."""

    def begin(self, events: Iterable[Mapping[str, Any]]) -> None:
        """Write it anew, with what is in the log."""

    def take(self, event: Mapping[str, Any]) -> None:
        """Take in an event."""

    def write(self) -> None:
        """Bring all of it into the file."""

    def close(self) -> None:
        """As ``write``: no event follows."""


def records_of(run: Run, config: RunConfig, found: Scan, plan: TrainPlan) -> list[Record]:
    """The files that a run with these settings writes."""
    training = config.training
    timesteps = timesteps_of(training.min_timestep, training.max_timestep) if found.held_out else ()
    finds_rate = KINDS[training.optimizer_type].finds_rate
    norms, fixed = bool(training.scale_weight_norms), bool(training.stop_when_learned)
    names = columns([*training.rates], norms, timesteps, finds_rate, fixed)
    made: list[Record] = [MetricsFile(run.folder / "metrics.csv", names)]
    if training.log_with == "tensorboard":
        measured = "step_average" if training.validation_interval[0] else "epoch_average"
        made.append(EventFile(run.folder, lambda: Scalars(plan.steps_per_epoch, measured)))
    return made


class RecordWriter:
    """Writes such a file, beginning with what is in the log where a run is resumed. Never ends a run.

    Args:
        warn: called once with a sentence when the file cannot be written.
    """

    def __init__(self, run: Run, record: Record, warn: Callable[[str], None]) -> None:
        self._run, self._record, self._warn, self._warned = run, record, warn, False

    def __call__(self, event: Event) -> None:
        with self._telling():
            if isinstance(event, RunStarted):
                self._record.begin(self._run.events())
            elif isinstance(event, StepDone | Validated | FixedLoss):
                self._record.take(_told(event))
            elif isinstance(event, StateReady):
                self._record.write()

    def close(self) -> None:
        """Write what waits: the run goes on no more."""
        with self._telling():
            self._record.close()

    @contextmanager
    def _telling(self) -> Iterator[None]:
        try:
            yield
        except OSError as error:
            if not self._warned:
                self._warn(_unwritten(self._record.path.name, error))
            self._warned = True


def _told(event: StepDone | Validated | FixedLoss) -> dict[str, Any]:
    """As the log tells it, without the losses of pictures."""
    facts = {"event": type(event).__name__, "time": time.time(), **vars(event)}
    if isinstance(event, StepDone):
        facts["norms"] = event.norms._asdict() if event.norms else None
    return facts


def _unwritten(name: str, error: OSError) -> str:
    return say(
        "note: {name} cannot be written ({why}): close the program that has it open, or make room; what it lacks is "
        "added as soon as it can be written, at the latest when the run is resumed",
        name=name, why=reason(error),
    )  # fmt: skip
