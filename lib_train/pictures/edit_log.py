"""The file of a journal: one edit is a line of contents and a line about it; later lines say what became of it.

Only appended to, and on the disk before anything is done. A line that a crash tore is passed over.
"""

import json
import os
import threading
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import lru_cache
from io import FileIO
from pathlib import Path
from typing import Any

from lib_train.errors import FileError, reason, unwritten
from lib_train.files import sync_folder
from lib_train.pictures.changes import Change, Made, Move, Step, content_from, content_json
from lib_train.texts import say, text_from, text_json

_TAIL = 64
"""Bytes by which a log is known again."""
CONTENTS = b'{"contents"'
"""How a line of contents begins."""
Noted = tuple[Step, str]
"""A step with the digest of what was made; empty for others."""
_STATES = ("done", "void", "undoing", "undone", "redoing", "redone")


@dataclass
class Record:
    """What the log says of one edit."""

    number: int
    label: str
    time: float
    """Seconds since 1970."""
    counts: dict[str, int]
    places: tuple[int, ...]
    """Bytes at which its lines of contents begin."""
    state: str = "edit"
    """The last line about it: edit, done, undoing, undone, redoing, redone."""
    left: frozenset[int] = field(default_factory=frozenset)
    """Places of the steps that were not done, so that nothing of them is to be undone."""
    size: int = 0
    """Bytes of its contents and of the lines about them."""

    @property
    def half(self) -> bool:
        """Whether something was begun and not ended."""
        return self.state in ("edit", "undoing", "redoing")


class EditLog:
    """Reads and extends one log. Reads only what was added since it last looked."""

    def __init__(self, path: Path, base: Path) -> None:
        self.path, self._base = path, Path(os.path.abspath(base))
        self._reading = threading.Lock()
        self._forget()

    def _forget(self) -> None:
        self.records: dict[int, Record] = {}
        self.taken_back: list[int] = []
        """Numbers of edits that may be done again, the next one last."""
        self._given_up: list[int] = []
        """Those that the newest edit ended, to be given back where it did nothing."""
        self.newest: Record | None = None
        """The one that the last line is about."""
        self._read_to, self._inode, self._contents, self._tail = 0, 0, -1, b""

    def refresh(self) -> None:
        """Read what was added; all of it, where the file is another one.

        Raises:
            FileError: it cannot be read.
        """
        with self._reading:
            self._refresh()

    def known(self) -> tuple[list[Record], int | None]:
        """All records as they are now, newest first, and the number of the one that ``again`` gives.

        Raises:
            FileError: see ``refresh``.
        """
        with self._reading:
            self._refresh()
            again, records = self.again, sorted(self.records.items(), reverse=True)
            return [replace(record) for _, record in records], again.number if again else None

    @property
    def again(self) -> Record | None:
        """What redo concerns: the last edit where that was not ended, else the one that was undone last."""
        if self.newest and self.newest.half:
            return self.newest
        return self.records[self.taken_back[-1]] if self.taken_back else None

    def _refresh(self) -> None:
        try:
            with self.path.open("rb") as file:
                inode = os.fstat(file.fileno()).st_ino
                file.seek(max(0, self._read_to - len(self._tail)))
                if inode != self._inode or file.read(len(self._tail)) != self._tail:
                    self._forget()
                    self._inode = inode
                    file.seek(0)
                for line in file:
                    if not line.endswith(b"\n"):
                        break  # torn, or being written
                    self._take(line)
                    self._read_to += len(line)
                    self._tail = line[-_TAIL:]
        except FileNotFoundError:
            self._forget()
        except OSError as error:
            raise FileError(
                say("{path}: cannot be read ({why}); check its permissions", path=self.path, why=reason(error))
            ) from error

    def append(
        self, number: int, state: str, left: Sequence[int] = (), counts: Mapping[str, int] | None = None
    ) -> None:
        """Note what became of an edit. One that is "void" did nothing and is forgotten.

        Args:
            left: steps that were not done.
            counts: of the steps that were, where some were not.

        Raises:
            FileError: the disk is full or cannot be written to.
        """
        line = _line({state: number, "left": list(left), "counts": dict(counts or {})} if left else {state: number})
        self._write(line, durable=False)  # where a power cut takes it, undo and redo find what is done already

    def begin(self, label: str, time: float, steps: Sequence[Noted], counts: Mapping[str, int]) -> int:
        """Note a new edit before it is done, and give its number.

        Raises:
            FileError: as ``append``. Nothing of the edit is noted then.
        """
        number = max(self.records, default=0) + 1
        self._note_contents(steps, {"edit": number, **_about(label, counts), "time": time})
        return number

    def extend(
        self, number: int, label: str, steps: Sequence[Noted], counts: Mapping[str, int], durable: bool = True
    ) -> None:
        """Note further steps of an edit that is done, which are done too.

        Args:
            label, counts: of the whole edit from now on.
            durable: whether they, and all lines before them, are on the disk when this returns.

        Raises:
            FileError: as ``append``.
        """
        self._note_contents(steps, {"more": number, **_about(label, counts)}, durable)

    def _note_contents(self, steps: Sequence[Noted], about: Mapping[str, Any], durable: bool = True) -> None:
        contents = [self._packed(step, digest) for step, digest in steps]
        self._write(_line({"contents": contents}) + _line(about), durable)

    def steps(self, record: Record) -> list[Noted]:
        """The steps of an edit.

        Raises:
            FileError: they cannot be read.
        """
        try:
            steps: list[Noted] = []
            with self.path.open("rb") as file:
                for place in record.places:
                    file.seek(place)
                    steps += [self._unpacked(packed) for packed in json.loads(file.readline())["contents"]]
            return steps
        except (OSError, ValueError, TypeError, KeyError, RecursionError) as error:
            raise FileError(
                say("{path}: what edit {number} did cannot be read any more ({why}); its files are left as they are",
                    path=self.path, number=record.number, why=reason(error))
            ) from error  # fmt: skip

    def _take(self, line: bytes) -> None:
        if line.startswith(CONTENTS):
            self._contents = self._read_to
            return
        place, self._contents = self._contents, -1
        size = self._read_to + len(line) - place
        try:
            facts = json.loads(line)
            state, number = next(iter(facts.items()))
            left = frozenset(map(int, facts.get("left", ())))
            if state == "edit" and place >= 0:
                counts = _counts(facts["counts"])
                self.newest = Record(int(number), _label(facts), float(facts["time"]), counts, (place,), size=size)
                self.records[int(number)] = self.newest
                self._given_up, self.taken_back = self.taken_back, []
            elif state == "more" and place >= 0 and (record := self.records.get(number)):
                record.label, record.counts = _label(facts), _counts(facts["counts"])
                record.places, record.size = (*record.places, place), record.size + size
            elif (record := self.records.get(number)) and state in _STATES:
                self._note(record, state, left)
                if left:
                    record.counts = _counts(facts["counts"])
        except (ValueError, TypeError, KeyError, AttributeError, StopIteration, RecursionError):
            return  # torn

    def _note(self, record: Record, state: str, left: frozenset[int]) -> None:
        record.state, self.newest = state, record
        if state == "void":
            del self.records[record.number]
            self.newest, self.taken_back = None, self._given_up
        if state == "done":
            record.left = left
        if state == "undone":
            self.taken_back.append(record.number)
        if state == "redone" and record.number in self.taken_back:
            self.taken_back.remove(record.number)

    def _write(self, content: bytes, durable: bool = True) -> None:
        try:
            self.path.parent.mkdir(parents=True, exist_ok=True)
            with self.path.open("a+b", buffering=0) as file:
                start = file.seek(0, os.SEEK_END)
                if start and (file.seek(start - 1), file.read(1))[1] != b"\n":
                    content = b"\n" + content  # behind what a crash tore
                try:
                    _write_all(file, content)
                    if durable:
                        os.fsync(file.fileno())
                except OSError:
                    file.truncate(start)
                    raise
            if not start:
                sync_folder(self.path.parent)
        except OSError as error:
            raise unwritten(self.path, error) from error

    def _packed(self, step: Step, digest: str) -> dict[str, Any]:
        if isinstance(step, Change):
            return {
                "file": self._name(step.path),
                "before": content_json(step.before),
                "after": content_json(step.after),
            }
        if isinstance(step, Move):
            return {"from": self._name(step.source), "to": self._name(step.target)}
        return {"made": self._name(step.path), "digest": digest}

    def _unpacked(self, packed: Mapping[str, Any]) -> tuple[Step, str]:
        if "file" in packed:
            return Change(self._path(packed["file"]), content_from(packed["before"]), content_from(packed["after"])), ""
        if "from" in packed:
            return Move(self._path(packed["from"]), self._path(packed["to"])), ""
        return Made(self._path(packed["made"])), str(packed["digest"])

    def _name(self, path: Path) -> str:
        path = Path(os.path.abspath(path))
        return path.relative_to(self._base).as_posix() if path.is_relative_to(self._base) else str(path)

    def _path(self, name: str) -> Path:
        return self._base / name


@lru_cache(maxsize=64)
def log_at(path: Path, base: Path) -> EditLog:
    """The log of a file, the same one for all who ask: it was read already, and logs grow long."""
    return EditLog(path, base)


def _about(label: str, counts: Mapping[str, int]) -> dict[str, Any]:
    return {"label": str(label), "label_text": text_json(label), "counts": dict(counts)}


def _label(facts: Mapping[str, Any]) -> str:
    return text_from(facts.get("label_text"), str(facts["label"]))


def _counts(facts: Mapping[str, Any]) -> dict[str, int]:
    return {str(name): int(count) for name, count in facts.items()}


def _write_all(file: FileIO, content: bytes) -> None:
    rest = memoryview(content)
    while rest:
        rest = rest[file.write(rest) :]


def _line(facts: Mapping[str, Any]) -> bytes:
    try:
        return json.dumps(facts, ensure_ascii=False).encode() + b"\n"
    except UnicodeEncodeError:  # a file's name that is no Unicode: escaped, it comes back as it was
        return json.dumps(facts).encode() + b"\n"
