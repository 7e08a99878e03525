"""Keeps a log of edits from growing without end: the oldest are forgotten, and so are the bytes that they replaced."""

import json
from collections.abc import Collection, Iterator
from contextlib import suppress
from pathlib import Path
from typing import BinaryIO

from lib_train.files import written
from lib_train.pictures.edit_log import CONTENTS, EditLog

MOST_EDITS, MOST_BYTES = 1000, 500 * 2**20
_STAYS = 0.8
"""Share of both that is left, so that not every further edit writes the log anew."""


def bound(log: EditLog) -> None:
    """Forget the oldest edits where the log holds too many. Whoever calls holds the lock, and has refreshed the log.

    The last one stays whatever its size, and so do those that are half done or may be done again. The log is whole at
    every moment: the shorter one replaces it. Where that cannot be written it stays as it is.
    """
    if len(log.records) <= MOST_EDITS and sum(record.size for record in log.records.values()) <= MOST_BYTES:
        return
    staying = _staying(log)
    if len(staying) < len(log.records):
        with suppress(OSError):
            _write(log.path, staying)
            log.refresh()


def _staying(log: EditLog) -> set[int]:
    again = set(log.taken_back)
    staying: set[int] = set()
    count = size = 0
    for number, record in sorted(log.records.items(), reverse=True):
        count, size = count + 1, size + record.size
        fits = count <= _STAYS * MOST_EDITS and size <= _STAYS * MOST_BYTES
        if not staying or fits or record.half or number in again:
            staying.add(number)
    return staying


def _write(path: Path, staying: Collection[int]) -> None:
    with path.open("rb") as old, written(path) as partial, partial.open("wb") as new:
        for line in _lines(old, staying):
            new.write(line)


def _lines(old: BinaryIO, staying: Collection[int]) -> Iterator[bytes]:
    """Lines about some edits, each line of contents before the one about it."""
    contents = b""
    for line in old:
        if line.startswith(CONTENTS):
            contents = line
            continue
        if _number_in(line) in staying:
            yield contents + line
        contents = b""


def _number_in(line: bytes) -> int | None:
    """Of the edit that a line is about; None of a torn line."""
    try:
        number = next(iter(json.loads(line).values()))
        return number if isinstance(number, int) else None
    except (ValueError, AttributeError, StopIteration, RecursionError):
        return None
