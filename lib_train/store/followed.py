"""Logs that grow while they are read: each reader goes on where it ended before."""

import json
import threading
from collections import OrderedDict
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Generic, Protocol, TypeVar

_LOGS = 256  # that are remembered
_BLOCK = 2**20  # bytes that are read at once


class _Reader(Protocol):
    def take(self, lines: bytes) -> None:
        """Read one or more whole lines; the last one may lack its line break."""


Reader = TypeVar("Reader", bound=_Reader)


class Followed(Generic[Reader]):
    """A reader for each log, remembered with how far it has read. A log that was written anew is read anew."""

    def __init__(self, make: Callable[[], Reader]) -> None:
        self._make = make
        self._known: OrderedDict[Path, tuple[int, int, Reader]] = OrderedDict()
        self._reading = threading.Lock()

    @contextmanager
    def of(self, log: Path) -> Iterator[Reader | None]:
        """The log's reader, which has read all whole lines; None where there is no log. Nobody else reads meanwhile."""
        with self._reading:
            yield self._up_to_date(log)

    def _up_to_date(self, log: Path) -> Reader | None:
        try:
            stat = log.stat()
            inode, read, reader = self._known.pop(log, (stat.st_ino, 0, None))
            if reader is None or inode != stat.st_ino or read > stat.st_size:
                read, reader = 0, self._make()
            if read < stat.st_size:
                read = _go_on(log, read, reader)
        except OSError:
            return None
        self._known[log] = stat.st_ino, read, reader
        while len(self._known) > _LOGS:
            self._known.popitem(last=False)
        return reader


def _go_on(log: Path, read: int, reader: _Reader) -> int:
    """Read on from a place; returns where the last whole line ends."""
    rest = b""
    with log.open("rb") as file:
        file.seek(read)
        while block := file.read(_BLOCK):
            whole, found, begun = block.rpartition(b"\n")
            if not found:
                rest += block
                continue
            reader.take(rest + whole + found)
            read += len(rest) + len(whole) + 1
            rest = begun
    if event_in(rest) is None:
        return read  # the last line is being written
    reader.take(rest)
    return read + len(rest)


def event_in(line: bytes) -> dict[str, Any] | None:
    """The object in a line of a log; None where a crash tore it."""
    try:
        value = json.loads(line)
    except (ValueError, RecursionError):
        return None
    return value if isinstance(value, dict) else None
