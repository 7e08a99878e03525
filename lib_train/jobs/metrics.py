"""Handler of a run's events that writes metrics.csv."""

import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any

from lib_train.config.run import RunConfig
from lib_train.errors import reason
from lib_train.pictures.records import Scan
from lib_train.store.metrics import MetricsFile, Rows, columns, rows_of
from lib_train.store.runs import Run
from lib_train.texts import say
from lib_train.training.events import Event, RunStarted, StateReady, StepDone, Validated
from lib_train.training.validation import timesteps_of


def columns_of(config: RunConfig, found: Scan) -> tuple[str, ...]:
    """Columns of a run with these settings and pictures."""
    training = config.training
    timesteps = timesteps_of(training.min_timestep, training.max_timestep) if found.held_out else ()
    return columns(training.rates, bool(training.scale_weight_norms), timesteps)


def told(event: StepDone | Validated) -> dict[str, Any]:
    """An event in the form of a log, without its time."""
    facts = {"event": type(event).__name__, **vars(event)}
    if isinstance(event, StepDone):
        facts["norms"] = event.norms._asdict() if event.norms else None
    return facts


class MetricsWriter:
    """Writes a row for each step, beginning with those of the log where a run is resumed. Never ends a run.

    Args:
        warn: called once with a sentence when the file cannot be written.
    """

    def __init__(
        self, run: Run, names: Sequence[str], warn: Callable[[str], None], clock: Callable[[], float] = time.monotonic
    ) -> None:
        self._run, self._warn, self._warned = run, warn, False
        self._file, self._rows = MetricsFile(run.folder / "metrics.csv", names, clock), Rows()

    def __call__(self, event: Event) -> None:
        with self._telling():
            if isinstance(event, RunStarted):
                self._rows, done = rows_of(self._run.events())
                self._file.begin(done)
            elif isinstance(event, StepDone | Validated):
                self._file.add(self._rows.take(told(event)))
            elif isinstance(event, StateReady):
                self._file.write()

    def close(self) -> None:
        """Write what waits: the run goes on no more."""
        with self._telling():
            self._file.add(self._rows.rest())
            self._file.write()

    @contextmanager
    def _telling(self) -> Iterator[None]:
        try:
            yield
        except OSError as error:
            if not self._warned:
                self._warn(_unwritten(self._file.path.name, error))
            self._warned = True


def _unwritten(name: str, error: OSError) -> str:
    return say(
        "note: {name} cannot be written ({why}): close the program that has it open, or make room; what it lacks is "
        "added as soon as it can be written, at the latest when the run is resumed",
        name=name, why=reason(error),
    )  # fmt: skip
