"""Files that come in one after another, as one edit: each is noted before it has its name.

So undo finds all of them, also those of a process that was killed in the middle.
"""

import time
from collections.abc import Callable, Collection, Mapping, Sequence
from contextlib import AbstractContextManager
from pathlib import Path

from lib_train.pictures.changes import Made, Step
from lib_train.pictures.edit_log import EditLog, Noted, Record
from lib_train.pictures.log_bound import bound

_MADE = "made"


class Coming:
    """One such edit; see ``Journal.coming``."""

    def __init__(
        self,
        log: EditLog,
        alone: Callable[[], AbstractContextManager[None]],
        require_possible: Callable[[Sequence[Step]], None],
        label: Callable[[int], str],
        number: int,
    ) -> None:
        self._log, self._alone, self._require_possible, self._label = log, alone, require_possible, label
        self._joined, self._number = number, 0
        self._places: dict[Path, int] = {}
        """Of the steps in the edit."""

    def add(self, files: Mapping[Path, str]) -> None:
        """Note files that are about to get their names, with the digests of their contents.

        Raises:
            TrainToolsError: as ``Journal.apply``.
        """
        steps: list[Noted] = [(Made(path), digest) for path, digest in files.items()]
        self._require_possible([step for step, _ in steps])
        with self._alone():
            if record := self._standing():
                counts = _with_made(record, len(steps))
                self._log.extend(record.number, self._label(counts[_MADE]), steps, counts, durable=False)
            else:
                self._places.clear()
                self._number = self._log.begin(self._label(len(steps)), time.time(), steps, {_MADE: len(steps)})
                self._log.append(self._number, "done")
            self._log.refresh()
            record = self._log.records[self._number]
            first = sum(record.counts.values()) + len(record.left) - len(steps)
            self._places.update((path, first + place) for place, path in enumerate(files))

    def end(self, made: Collection[Path]) -> int:
        """Say which of them are there; returns the number by which they are undone, 0 where there are none.

        Raises:
            TrainToolsError: as ``Journal.apply``.
        """
        if not self._places:
            return 0
        with self._alone():
            if not (record := self._standing()):
                return 0  # somebody took it back meanwhile
            missing = {place for path, place in self._places.items() if path not in made}
            if len(missing) == sum(record.counts.values()):
                self._log.append(record.number, "void")
                return 0
            counts = _with_made(record, -len(missing))
            if missing:
                self._log.append(record.number, "done", sorted(record.left | missing), counts)
            self._log.extend(record.number, self._label(counts[_MADE]), (), counts)  # brings all lines to the disk
            self._log.refresh()
            bound(self._log)
            return record.number if len(missing) < len(self._places) else 0

    def _standing(self) -> Record | None:
        """The edit, where files may still join it: another one's only while it is the last."""
        if self._number:
            record = self._log.records.get(self._number)
        else:
            newest = self._log.newest
            record = newest if newest and newest.number == self._joined else None
        if record is None or record.state != "done":
            return None
        self._number = record.number
        return record


def _with_made(record: Record, more: int) -> dict[str, int]:
    return {**record.counts, _MADE: record.counts.get(_MADE, 0) + more}
