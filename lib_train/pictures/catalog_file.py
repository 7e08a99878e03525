"""What was measured of pictures and read of captions, in a sqlite3 file that may be deleted at any time.

Every transaction is short, and the file is open no longer, so that several processes share it and its folder can be
renamed meanwhile. Whatever is wrong with it, nobody is told: it is made anew, or done without.
"""

import os
import sqlite3
import time
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from contextlib import closing, suppress
from typing import TypeVar

from lib_train.pictures.catalog_rows import TABLES, Known, Row, as_blob, found, loaded, write_rows
from lib_train.pictures.places import Places
from lib_train.pictures.sidecars import Words

NAME = "catalog.sqlite3"
_SCHEMA = 2
"""Another number whenever a table or what is measured changes."""
_BUSY_SECONDS = 2.0
_APART_SECONDS = 60.0
_MISSING_SECONDS = 30 * 24 * 3600.0
"""How long files may be away, as on a disk that is not there or after an undo, and still be known when they return."""
_MISSING = {"path": "BLOB PRIMARY KEY", "since": "REAL"}
"""A table beside those of the schema: files of former versions have it not, and stay."""
_OUT_OF_REACH = ("locked", "busy", "readonly", "unable to open", "full", "disk I/O", "interrupted")
_T = TypeVar("_T")


class CatalogFile:
    """The file in a cache. Paths are keys: relative to ``places.base`` inside of it."""

    def __init__(self, places: Places) -> None:
        self._path = places.cache / NAME
        self._apart_until = 0.0
        self._is_any_missing = False

    def load(self) -> tuple[dict[str, Row], dict[str, Words]]:
        """All pictures that were measured and captions that were read, by key."""
        if not self._path.is_file():
            return {}, {}

        def load(file: sqlite3.Connection) -> tuple[dict[str, Row], dict[str, Words]]:
            has_table = file.execute("PRAGMA table_info(missing)").fetchone()
            is_any = has_table and file.execute("SELECT EXISTS (SELECT 1 FROM missing)").fetchone()[0]
            self._is_any_missing = bool(is_any)
            return loaded(file)

        return self._done(load, "BEGIN") or ({}, {})

    def find(self, keys: Sequence[str]) -> dict[str, Row]:
        """Those of some pictures, as another process may have kept them meanwhile."""
        if not keys or not self._path.is_file():
            return {}
        return self._done(lambda file: found(file, keys), "BEGIN") or {}

    def keep(self, some: "Known", everything: Callable[[], "Known"]) -> None:
        """Write some over; everything where there is no file yet, or none any more; nothing where there is no cache.

        Of what cannot be used the id alone is kept: why may change without the file.
        """
        if not some.rows and not some.words or not self._path.parent.is_dir():
            return

        def write(file: sqlite3.Connection) -> None:
            is_new = not file.execute("SELECT EXISTS (SELECT 1 FROM pictures)").fetchone()[0]
            write_rows(file, everything() if is_new else some)

        self._done(write)

    def forget(self, keys: Iterable[str]) -> None:
        """Delete some pictures."""
        blobs = [(as_blob(key),) for key in keys]
        if blobs and self._path.is_file():
            self._done(lambda file: file.executemany("DELETE FROM pictures WHERE path = ?", blobs))

    def forget_missing(self, keys: Collection[str], now: float) -> set[str]:
        """Note which pictures and captions are not there; deletes those that are away for long, and returns them.

        Args:
            keys: all that are not there.
            now: seconds since 1970.
        """
        if not keys and not self._is_any_missing or not self._path.is_file():
            return set()

        def write(file: sqlite3.Connection) -> set[str]:
            _create(file, "missing", _MISSING)
            known = {bytes(path): float(since) for path, since in file.execute("SELECT * FROM missing")}
            away = {as_blob(key): min(known.get(as_blob(key), now), now) for key in keys}
            old = {path for path, since in away.items() if since < now - _MISSING_SECONDS}
            if old or away != known:
                file.execute("DELETE FROM missing")
                file.executemany(
                    "INSERT INTO missing VALUES (?, ?)", [one for one in away.items() if one[0] not in old]
                )
            for table in TABLES:
                file.executemany(f"DELETE FROM {table} WHERE path = ?", [(path,) for path in old])
            return {key for key in keys if as_blob(key) in old}

        self._is_any_missing = bool(keys)
        return self._done(write) or set()

    def _done(self, do: Callable[[sqlite3.Connection], _T], begin: str = "BEGIN IMMEDIATE") -> _T | None:
        """What ``do`` answers in one transaction; None where the file cannot be used now."""
        if time.monotonic() < self._apart_until:
            return None
        for _ in range(2):
            try:
                with closing(self._opened()) as file:
                    file.execute(begin)
                    answer = do(file)
                    file.execute("COMMIT")
                    return answer
            except sqlite3.Error as error:
                if _is_out_of_reach(error):
                    break
                self._remove()
            except (ValueError, TypeError, OSError):  # values that no version of ours has written
                self._remove()
        self._apart_until = time.monotonic() + _APART_SECONDS
        return None

    def _opened(self) -> sqlite3.Connection:
        file = sqlite3.connect(self._path, timeout=_BUSY_SECONDS, isolation_level=None)
        try:
            file.execute("PRAGMA synchronous = OFF")  # who loses power loses what can be made anew
            (schema,) = file.execute("PRAGMA user_version").fetchone()
            if schema not in (0, _SCHEMA):
                raise sqlite3.DatabaseError("of another version")
            if not schema:
                file.execute("BEGIN IMMEDIATE")
                for table, columns in TABLES.items():
                    _create(file, table, columns)
                file.execute(f"PRAGMA user_version = {_SCHEMA}")
                file.execute("COMMIT")
            for table, columns in TABLES.items():  # names that are not there raise
                file.execute(f"SELECT {', '.join(columns)} FROM {table} LIMIT 0")
        except BaseException:
            file.close()
            raise
        return file

    def _remove(self) -> None:
        for ending in ("", "-journal", "-wal", "-shm"):
            with suppress(OSError):
                os.unlink(f"{self._path}{ending}")


def _create(file: sqlite3.Connection, table: str, columns: Mapping[str, str]) -> None:
    wanted = ", ".join(f"{name} {kind}" for name, kind in columns.items())
    file.execute(f"CREATE TABLE IF NOT EXISTS {table} ({wanted}) WITHOUT ROWID")


def _is_out_of_reach(error: sqlite3.Error) -> bool:
    """Whether the file cannot be used now; else it is damaged, or of somebody else's making."""
    return isinstance(error, sqlite3.OperationalError) and any(words in str(error) for words in _OUT_OF_REACH)
