"""Facts from a run's log, read incrementally: pages poll, and logs grow long."""

from collections import deque
from collections.abc import Iterator
from functools import lru_cache
from pathlib import Path
from typing import Any, NamedTuple

from lib_train.store.followed import Followed, event_in

_SMOOTHED = 100
_TAIL = 1 << 14


class Newest(NamedTuple):
    """Progress of a run."""

    step: int
    """The last step in the log; 0 before the first."""
    finished: bool
    """Whether the run came to its end."""


class Saved(NamedTuple):
    """A checkpoint recorded in a log."""

    file: str
    step: int
    epoch: int
    loss: float | None
    """Mean over the last 100 steps before it: that of one step says little. None where no loss is logged."""


def newest_in(log: Path) -> Newest:
    """The last step, and whether the run finished: from the log's end alone; step 0 where there is no log."""
    try:
        stat = log.stat()
        return _newest(log, stat.st_ino, stat.st_mtime_ns, stat.st_size)
    except OSError:
        return Newest(0, False)


@lru_cache(maxsize=1000)
def _newest(log: Path, inode: int, changed: int, size: int) -> Newest:
    """Everything behind ``log`` is part of the key alone."""
    step, finished = 0, False
    for event in _from_the_end(log, size):
        finished = finished or event.get("event") == "RunFinished"
        if event.get("event") == "StepDone" and (step := _whole(event.get("step"))):
            break
    return Newest(step, finished)


def _from_the_end(log: Path, size: int) -> Iterator[dict[str, Any]]:
    with log.open("rb") as file:
        end, rest = size, b""
        while end > 0:
            start = max(0, end - _TAIL)
            file.seek(start)
            lines = (file.read(end - start) + rest).split(b"\n")
            end, rest = start, lines[0]
            yield from filter(None, map(event_in, reversed(lines[1:])))
        yield from filter(None, [event_in(rest)])


def _whole(value: Any) -> int:
    return value if isinstance(value, int) and not isinstance(value, bool) else 0


class _Reader:
    """Checkpoints of one log, as far as it was read. Losses are parsed around checkpoints only: most lines are not."""

    def __init__(self) -> None:
        self._recent: deque[bytes] = deque(maxlen=_SMOOTHED)
        self._saved: list[tuple[str, int, int, list[float]]] = []
        self._late = False  # whether losses of steps before the newest checkpoint may follow it

    def take(self, lines: bytes) -> None:
        for line in filter(None, lines.split(b"\n")):
            self._take(line)

    def _take(self, line: bytes) -> None:
        if b'"CheckpointSaved"' in line:
            self._keep(event_in(line) or {})
        else:
            self._recent.append(line)
            self._late = self._late and self._took(line)

    def _keep(self, event: dict[str, Any]) -> None:
        if event.get("event") != "CheckpointSaved":
            return
        step, losses = _whole(event.get("step")), []
        for line in self._recent:
            at, loss = _loss(line)
            if loss is not None and step - _SMOOTHED < at <= step:
                losses.append(loss)
        self._saved.append((str(event.get("file")), step, _whole(event.get("epoch")), losses))
        self._late = True

    def _took(self, line: bytes) -> bool:
        (step, loss), (_, newest, _, losses) = _loss(line), self._saved[-1]
        if loss is not None and newest - _SMOOTHED < step <= newest:
            losses.append(loss)
        return step <= newest

    def saved(self) -> list[Saved]:
        """The checkpoints so far, oldest first, each with the mean of the losses before it."""
        return [Saved(file, step, epoch, sum(losses) / len(losses) if losses else None)
                for file, step, epoch, losses in self._saved]  # fmt: skip


def _loss(line: bytes) -> tuple[int, float | None]:
    event = event_in(line) or {}
    step, loss = _whole(event.get("step")), event.get("loss")
    if event.get("event") != "StepDone" or not isinstance(loss, int | float):
        return step, None
    return step, float(loss)


_readers = Followed(_Reader)


def saved_in(log: Path) -> list[Saved]:
    """Checkpoints recorded in a log, oldest first. A log that grew is read from where the last reading ended."""
    with _readers.of(log) as reader:
        return reader.saved() if reader else []
