"""Pictures and captions as rows of a catalog's tables."""

import sqlite3
from collections.abc import Mapping, Sequence
from typing import NamedTuple

from lib_train.marks import Mark
from lib_train.pictures.facts import Facts
from lib_train.pictures.sidecars import Words

_COLUMNS = {
    "path": "BLOB PRIMARY KEY", "id": "INTEGER", "mark": "TEXT", "width": "INTEGER", "height": "INTEGER",
    "animated": "INTEGER", "damaged": "INTEGER", "whole": "INTEGER", "transparent": "INTEGER",
    "clear_edge": "INTEGER", "tint": "INTEGER", "content": "TEXT", "likeness": "INTEGER", "sharpness": "REAL",
}  # fmt: skip
_CAPTION_COLUMNS = {"path": "BLOB PRIMARY KEY", "mark": "TEXT", "text": "TEXT"}
TABLES = {"pictures": _COLUMNS, "captions": _CAPTION_COLUMNS}
"""Columns of each table, by name."""
_AT_ONCE = 500
"""Paths that one question asks for: older sqlite3 takes 999."""


class Row(NamedTuple):
    """A picture file as it was when it was looked at."""

    id: int
    mark: Mark | None
    """None where there is no such file any more, or it cannot be read."""
    facts: Facts | None = None
    """None where it was not looked at since it changed."""
    before: Facts | None = None
    """Of another content, or of the same one with another date."""


class Known(NamedTuple):
    """Pictures and captions by key."""

    rows: Mapping[str, Row]
    words: Mapping[str, Words]


def loaded(file: sqlite3.Connection) -> tuple[dict[str, Row], dict[str, Words]]:
    """All pictures and captions by key.

    Raises:
        sqlite3.Error, ValueError: no version of ours has written them.
    """
    if file.execute("PRAGMA quick_check(1)").fetchone()[0] != "ok":
        raise sqlite3.DatabaseError("malformed")
    rows = dict(map(_row, file.execute("SELECT * FROM pictures")))
    words = {
        _key(path): Words(_text(text), "", _mark(mark)) for path, mark, text in file.execute("SELECT * FROM captions")
    }
    return rows, words


def found(file: sqlite3.Connection, keys: Sequence[str]) -> dict[str, Row]:
    """Some pictures by key; raises as ``loaded``."""
    rows: dict[str, Row] = {}
    for start in range(0, len(keys), _AT_ONCE):
        some = [as_blob(key) for key in keys[start : start + _AT_ONCE]]
        places = ",".join("?" * len(some))
        rows |= map(_row, file.execute(f"SELECT * FROM pictures WHERE path IN ({places})", some))
    return rows


def write_rows(file: sqlite3.Connection, known: Known) -> None:
    """Put pictures and captions into the tables, over what has their keys."""
    rows = [_picture_values(key, row) for key, row in known.rows.items() if row.mark]
    words = [(as_blob(key), _mark_text(one.mark), one.text) for key, one in known.words.items()
             if one.mark and not one.problem]  # fmt: skip
    file.executemany(f"REPLACE INTO pictures VALUES ({','.join('?' * len(_COLUMNS))})", rows)
    file.executemany("REPLACE INTO captions VALUES (?, ?, ?)", words)


def _row(values: Sequence[object]) -> tuple[str, Row]:
    path, number, mark, width, height, animated, damaged, whole, *measured = values
    transparent, clear_edge, tint, content, likeness, sharpness = measured
    numbers = number, width, height, tint, likeness
    if not all(isinstance(one, int) for one in numbers) or not isinstance(sharpness, float):
        raise ValueError("no such row was written")
    facts = Facts(
        width=width, height=height, animated=bool(animated), damaged=bool(damaged),  # type: ignore[arg-type]
        whole=bool(whole), transparent=bool(transparent), clear_edge=bool(clear_edge), tint=tint,  # type: ignore[arg-type]
        content=_text(content), likeness=likeness % 2**64, sharpness=sharpness,  # type: ignore[operator]
    )  # fmt: skip
    return _key(path), Row(number, _mark(mark), facts if width else None)  # type: ignore[arg-type]


def _picture_values(key: str, row: Row) -> tuple[object, ...]:
    facts = row.facts
    if facts is None or facts.problem or facts.unseen:
        facts = Facts()
    likeness = facts.likeness - 2**64 if facts.likeness >= 2**63 else facts.likeness
    return (as_blob(key), row.id, _mark_text(row.mark), facts.width, facts.height, facts.animated, facts.damaged,
            facts.whole, facts.transparent, facts.clear_edge, facts.tint, facts.content, likeness,
            facts.sharpness)  # fmt: skip


def as_blob(key: str) -> bytes:
    """A key as the tables have it: names need not be Unicode."""
    return key.encode("utf-8", "surrogatepass")


def _key(path: object) -> str:
    return bytes(path).decode("utf-8", "surrogatepass")  # type: ignore[call-overload, no-any-return]


def _mark_text(mark: Mark | None) -> str:
    return ",".join(map(str, mark or ()))


def _mark(text: object) -> Mark:
    size, changed, noted, more = map(int, str(text).split(","))
    return size, changed, noted, more


def _text(value: object) -> str:
    if not isinstance(value, str):
        raise ValueError("no such row was written")
    return value
