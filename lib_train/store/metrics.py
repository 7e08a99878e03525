"""metrics.csv of a run: a row for each step, for spreadsheets and scripts. As RFC 4180 has it.

Source:
    https://www.rfc-editor.org/rfc/rfc4180
"""

import csv
import io
import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from typing import Any

from lib_train.smoothing import Smoothed
from lib_train.store.curves import step_values, validation_values
from lib_train.store.growing import GrowingFile
from lib_train.vocabulary import ADAPTED

Row = dict[str, Any]
"""Values by column."""
FIXED_LOSS = "loss_fixed"
"""Column of the loss of the batch by which a run ends when it has learned."""
_NORMS = {"shortened": "norms_shortened", "mean": "norm_mean", "largest": "norm_largest"}


def columns(
    parts: Sequence[str],
    norms: bool = False,
    timesteps: Sequence[int] = (),
    adapted: bool = False,
    fixed: bool = False,
) -> tuple[str, ...]:
    """Names of columns, in order.

    Args:
        parts: that are trained, each with a rate: "unet", "text_encoder".
        norms: whether scale_weight_norms is on.
        timesteps: at which held-out pictures are measured.
        adapted: whether the optimizer finds its rate, which stands beside those that it is given.
        fixed: whether the loss of a fixed batch is measured.

    >>> columns(["unet"], adapted=True)[4:]
    ('lr_unet', 'd*lr_unet')
    >>> columns(["unet"], timesteps=[100, 900])[3:]
    ('loss_smoothed', 'lr_unet', 'val_on', 'val_off', 'val_on_100', 'val_on_900', 'val_off_100', 'val_off_900')
    """
    bands = [f"{name}_{timestep}" for name in ("val_on", "val_off") for timestep in timesteps]
    measured = ["val_on", "val_off", *bands] if bands else []
    rates = [f"{kind}_{part}" for kind in ("lr", *([ADAPTED] if adapted else [])) for part in parts]
    limited = _NORMS.values() if norms else ()
    return ("step", "epoch", "loss", "loss_smoothed", *rates, *limited, *([FIXED_LOSS] if fixed else []), *measured)


class Rows:
    """Makes rows of a run's events, in the form of its log. The last row waits: a measurement may belong to it."""

    def __init__(self) -> None:
        self._smoothed = Smoothed()
        self._last: Row = {}
        self._fixed: dict[int, float] = {}  # by step, of those that are not told yet: a step follows its own

    def take(self, event: Mapping[str, Any]) -> list[Row]:
        """Take in one event; returns the row that it completes, if it does.

        A resumed run repeats the loss that was pending when it stopped.
        """
        if event["event"] == "StepDone" and event["step"] > self._last.get("step", 0):
            done, self._last = self._last, self._of_step(event)
            return [done] if done else []
        if event["event"] == "FixedLoss":
            self._fixed[event["step"]] = float(event["loss"])
        if event["event"] == "Validated" and event["step"] == self._last.get("step"):
            self._last |= _measured(event["on"], event["off"])
        return []

    def _of_step(self, event: Mapping[str, Any]) -> Row:
        loss = event["loss"]
        smoothed = float(f"{self._smoothed.add(loss):.9g}")
        row = {"step": event["step"], "epoch": event["epoch"], "loss": loss, "loss_smoothed": smoothed}
        row |= _in_columns(step_values(loss, event["lr"]))
        row |= {FIXED_LOSS: self._fixed.pop(event["step"])} if event["step"] in self._fixed else {}
        return row | {_NORMS[name]: value for name, value in (event.get("norms") or {}).items() if name in _NORMS}

    def rest(self) -> list[Row]:
        """The row that waits, after the last step."""
        return [self._last] if self._last else []


def rows_of(events: Iterable[Mapping[str, Any]]) -> tuple[Rows, list[Row]]:
    """Rows of a log's lines; what is no event of ours is left out. The first value goes on after them."""
    rows, found = Rows(), []
    for event in events:
        with suppress(KeyError, TypeError, ValueError):
            found += rows.take(event)
    return rows, found


def _measured(on: Mapping[Any, float], off: Mapping[Any, float]) -> Row:
    bands = (("val_off " + str(timestep), loss) for timestep, loss in off.items())
    return _in_columns([*validation_values(on, off), *bands])


def _in_columns(values: Iterable[tuple[str, float]]) -> Row:
    return {name.replace(" ", "_"): value for name, value in values}


class MetricsFile:
    """The table of one run; see ``GrowingFile``.

    Args:
        names: of its columns, beside those that its log has rows for.
    """

    def __init__(self, path: Path, names: Sequence[str], clock: Callable[[], float] = time.monotonic) -> None:
        self._file, self._names, self._rows = GrowingFile(path, clock), tuple(names), Rows()

    @property
    def path(self) -> Path:
        """Where it lies."""
        return self._file.path

    def begin(self, events: Iterable[Mapping[str, Any]]) -> None:
        """Write it anew, with the rows of a log's lines.

        Raises:
            OSError: it cannot be written now; nothing is lost.
        """
        self._rows, done = rows_of(events)
        self._names = tuple(dict.fromkeys((*self._names, *(name for row in done for name in row))))
        self._file.begin(self._text([{name: name for name in self._names}, *done]))

    def take(self, event: Mapping[str, Any]) -> None:
        """Take in an event in the form of the log.

        Raises:
            OSError: as for ``begin``.
        """
        self._file.add(self._text(self._rows.take(event)))

    def write(self) -> None:
        """Bring all rows into the file, but the one that waits for a measurement.

        Raises:
            OSError: as for ``begin``.
        """
        self._file.write()

    def close(self) -> None:
        """Bring all rows into the file: no event follows.

        Raises:
            OSError: as for ``begin``.
        """
        self._file.add(self._text(self._rows.rest()))
        self._file.write()

    def _text(self, rows: Iterable[Row]) -> bytes:
        text = io.StringIO(newline="")
        csv.writer(text).writerows([row.get(name, "") for name in self._names] for row in rows)
        return text.getvalue().encode()
