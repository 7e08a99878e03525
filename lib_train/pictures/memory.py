"""What a process remembers of pictures and captions by their paths, and keeps in the catalog's file."""

import os
import time
from collections.abc import Mapping, Sequence
from functools import cached_property

from lib_train.pictures.catalog_file import CatalogFile
from lib_train.pictures.catalog_rows import Known, Row
from lib_train.pictures.identity import identified
from lib_train.pictures.places import Places
from lib_train.pictures.shelves import Seen
from lib_train.pictures.sidecars import Words, read_words


class Memory:
    """Of one place. Not for several threads at once."""

    def __init__(self, places: Places) -> None:
        self._base, self._file = f"{places.base.absolute()}{os.sep}", CatalogFile(places)
        self._is_tidy = False

    @cached_property
    def _loaded(self) -> tuple[dict[str, Row], dict[str, Words]]:
        rows, words = self._file.load()
        return ({self._path(key): row for key, row in rows.items()},
                {self._path(key): one for key, one in words.items()})  # fmt: skip

    @property
    def rows(self) -> dict[str, Row]:
        """Picture files, also those that are missing now."""
        return self._loaded[0]

    @property
    def words(self) -> dict[str, Words]:
        """Caption files."""
        return self._loaded[1]

    def read(self, seen: Seen) -> None:
        """Identify pictures that are new or changed, and read captions that are."""
        rows, gone = identified(seen, self.rows, self._find, self._key)
        known, words = self.words, dict[str, Words]()
        for slot in seen.slots:
            if slot.caption:
                before, mark = known.get(slot.caption_file), seen.marks[slot.caption_file]
                if (before is None or before.mark != mark) and slot.caption_file not in words:
                    words[slot.caption_file] = read_words(slot.caption, mark)
        for file in gone:
            del self.rows[file]
        self._file.forget(map(self._key, gone))
        self.rows.update(rows)
        known.update(words)
        self._keep(rows, words)

    def tidy(self, seen: Seen) -> set[str]:
        """Forget files that other programs have deleted or moved away long ago, once; call it after ``read``.

        Returns:
            Digests of contents that no picture has any more.
        """
        if self._is_tidy:
            return set()
        self._is_tidy = True
        known = {*self.rows, *self.words}
        missing = [file for file in known.difference(seen.marks) if not os.path.lexists(file)]
        old = {self._path(key) for key in self._file.forget_missing(list(map(self._key, missing)), time.time())}
        gone = {row.facts.content for file in old if (row := self.rows.pop(file, None)) and row.facts}
        for file in old:
            self.words.pop(file, None)
        return gone.difference(row.facts.content for row in self.rows.values() if row.facts) if gone else gone

    def take(self, done: Mapping[str, Row]) -> bool:
        """Take what was found out of picture files that have not changed again meanwhile; whether there are any."""
        rows = {file: row for file, row in done.items() if self._is_same(file, row)}
        self.rows.update(rows)
        self._keep(rows, {})
        return bool(rows)

    def _is_same(self, file: str, row: Row) -> bool:
        known = self.rows.get(file)
        if known is None or (known.id, known.mark) != (row.id, row.mark):
            return False
        return not (known.facts and known.facts.whole) or bool(row.facts and row.facts.whole)

    def _keep(self, rows: Mapping[str, Row], words: Mapping[str, Words]) -> None:
        self._file.keep(self._known(rows, words), lambda: self._known(self.rows, self.words))

    def _known(self, rows: Mapping[str, Row], words: Mapping[str, Words]) -> Known:
        return Known({self._key(file): row for file, row in rows.items()},
                     {self._key(file): one for file, one in words.items()})  # fmt: skip

    def _find(self, files: Sequence[str]) -> dict[str, Row]:
        return {self._path(key): row for key, row in self._file.find([self._key(file) for file in files]).items()}

    def _key(self, file: str) -> str:
        """Relative inside of the place's folder, which may be renamed."""
        return file[len(self._base) :].replace(os.sep, "/") if file.startswith(self._base) else file

    def _path(self, key: str) -> str:
        return key if os.path.isabs(key) else self._base + key.replace("/", os.sep)
