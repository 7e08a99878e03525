"""TensorBoard's event file of a run, with the tags of sd-scripts."""

import time
from collections import deque
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import suppress
from pathlib import Path
from statistics import fmean
from typing import Any

from lib_train.store.event_file import first_records, scalars
from lib_train.store.growing import GrowingFile

_NAME = "events.out.tfevents.{}.train-tools"
_PARTS = {"text_encoder": "textencoder"}
_NORMS = {"shortened": "max_norm/keys_scaled", "mean": "max_norm/average_key_norm", "largest": "max_norm/max_key_norm"}


class Scalars:
    """Makes scalars by tag of a run's events, in the form of its log.

    Args:
        per_epoch: steps of an epoch, over as many of which the average goes.
        measured: tag of the losses of held-out pictures: "step_average" or "epoch_average".

    Source:
        sd-scripts' train_network.py, and library/train_util.py: LossRecorder. The tag "loss/fixed_batch" is our own.
    """

    def __init__(self, per_epoch: int, measured: str) -> None:
        self._losses: deque[float] = deque()
        self._total, self._per_epoch, self._measured = 0.0, per_epoch, measured
        self._step = self._validated = self._fixed = 0

    def take(self, event: Mapping[str, Any]) -> dict[str, float]:
        """Scalars of one event; none of what was told before, as a resumed run repeats its last loss."""
        if event["event"] == "StepDone" and event["step"] > self._step:
            found = dict(self._of_step(event["step"], event["loss"], event["lr"], event.get("norms") or {}))
            self._step = event["step"]
            return found
        if event["event"] == "Validated" and event["step"] > self._validated:
            found = dict(self._of_measurement(event["on"], event["off"]))
            self._validated = event["step"]
            return found
        if event["event"] == "FixedLoss" and event["step"] > self._fixed:
            found = {"loss/fixed_batch": float(event["loss"])}
            self._fixed = event["step"]
            return found
        return {}

    def _of_step(
        self, step: int, loss: float, rates: Mapping[str, float], norms: Mapping[str, float]
    ) -> Iterator[tuple[str, float]]:
        self._losses.append(float(loss))
        self._total += loss - (self._losses.popleft() if len(self._losses) > self._per_epoch else 0.0)
        average = self._total / len(self._losses)
        yield "loss/current", float(loss)
        yield "loss/average", average
        if step % self._per_epoch == 0:
            yield "loss/epoch_average", average
        yield from ((_tag_of(part), float(rate)) for part, rate in rates.items())
        yield from ((tag, float(norms[name])) for name, tag in _NORMS.items() if name in norms)

    def _of_measurement(self, on: Mapping[Any, float], off: Mapping[Any, float]) -> Iterator[tuple[str, float]]:
        yield f"loss/validation/{self._measured}", fmean(on.values())
        yield "loss/validation/base_model", fmean(off.values())
        yield from ((f"loss/validation/timestep_{band}", float(loss)) for band, loss in on.items())


def _tag_of(part: str) -> str:
    """
    >>> _tag_of("text_encoder"), _tag_of("d*lr unet")
    ('lr/textencoder', 'lr/d*lr/unet')
    """
    adapted, _, name = part.rpartition(" ")
    return "/".join(filter(None, ("lr", adapted, _PARTS.get(name, name))))


class EventFile:
    """The event file of one run in its folder; see ``GrowingFile``.

    A resumed run writes it anew, under a name that sorts behind the old one, which stays without content: so a
    TensorBoard that reads the old one goes on with it, and no step is there twice.

    Args:
        make: makes new ``Scalars``.
    """

    def __init__(self, folder: Path, make: Callable[[], Scalars], clock: Callable[[], float] = time.monotonic) -> None:
        self._folder, self._make, self._clock = folder, make, clock
        self._scalars, self._file = make(), GrowingFile(folder / _NAME.format(0), clock)

    @property
    def path(self) -> Path:
        """Where it lies."""
        return self._file.path

    def begin(self, events: Iterable[Mapping[str, Any]]) -> None:
        """Write it anew, with the values of a log's lines.

        Raises:
            OSError: it cannot be written now; nothing is lost.
        """
        self._scalars, now, before = self._make(), time.time(), event_files(self._folder)
        content = [first_records(now)]
        for event in events:
            with suppress(KeyError, TypeError, ValueError):
                content.append(self._record(event))
        seconds = max([int(now), *(_seconds_of(path) + 1 for path in before)])
        self._file = GrowingFile(self._folder / _NAME.format(seconds), self._clock)
        for path in before:
            _emptied(path)
        self._file.begin(b"".join(content))

    def take(self, event: Mapping[str, Any]) -> None:
        """Take in an event in the form of the log.

        Raises:
            OSError: as for ``begin``.
        """
        self._file.add(self._record(event))

    def write(self) -> None:
        """Bring all that waits into the file.

        Raises:
            OSError: as for ``begin``.
        """
        self._file.write()

    close = write

    def _record(self, event: Mapping[str, Any]) -> bytes:
        found = self._scalars.take(event)
        return scalars(float(event["time"]), event["step"], found) if found else b""


def event_files(folder: Path) -> list[Path]:
    """Event files of this kind in a run's folder."""
    return sorted(folder.glob(_NAME.format("*")))


def _emptied(path: Path) -> None:
    if path.stat().st_size:
        with path.open("r+b") as file:
            file.truncate()
    else:
        path.unlink()


def _seconds_of(path: Path) -> int:
    seconds = path.name.split(".")[3]
    return int(seconds) if seconds.isdecimal() else 0
