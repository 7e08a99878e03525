"""All that is known of the pictures of one place: measured once, kept in its cache, and true to the files.

The files are the truth: whoever asks gets what lies there now. What has not changed is not read again, and a picture
that was moved keeps its id.
"""

import os
import threading
from collections import OrderedDict
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor

from lib_train.config.dataset import DatasetConfig
from lib_train.errors import PictureError
from lib_train.pictures.catalog_file import CatalogFile
from lib_train.pictures.catalog_rows import Known, Row
from lib_train.pictures.facts import Facts, digest, looked, measured
from lib_train.pictures.identity import identified
from lib_train.pictures.images import open_picture
from lib_train.pictures.places import Places
from lib_train.pictures.records import Scan
from lib_train.pictures.shelves import Seen, Shelf, Slot, glanced
from lib_train.pictures.sidecars import Words, read_words
from lib_train.pictures.stock import Part, Stock
from lib_train.pictures.thumbnails import SIDES, Thumbnails, smaller, webp

Progress = Callable[[int, int], object]
"""(done, total)"""
_SHELVES = 4
"""Choices of folders that are followed at once: those of a version, and those that somebody is trying."""
_KEPT_TOGETHER = 64


class _Kept:
    """A choice of folders, with what was seen of it last."""

    def __init__(self, shelf: Shelf) -> None:
        self.shelf, self.seen = shelf, Seen((), {})
        self.parts: tuple[Part, ...] = ()
        self.stock: Stock | None = None
        self.stale = True

    def parts_by_slot(self) -> Iterator[Part | None]:
        """The last part of each slot, or None, in their order."""
        if len(self.parts) == len(self.seen.slots) and all(map(_is_slot, self.parts, self.seen.slots)):
            return iter(self.parts)
        known = {part.slot: part for part in self.parts}
        return map(known.get, self.seen.slots)


def _is_slot(part: Part, slot: Slot) -> bool:
    return part.slot is slot


class Catalog:
    """Of one place. Its methods may be called from several threads."""

    def __init__(self, places: Places) -> None:
        self.places = places
        self._file, self._thumbnails = CatalogFile(places), Thumbnails(places)
        self._lock = threading.RLock()
        self._rows: dict[str, Row] = {}
        self._words: dict[str, Words] = {}
        self._tokens: dict[str, int] = {}
        self._shelves: OrderedDict[tuple[object, ...], _Kept] = OrderedDict()
        self._loaded = False

    def stock(self, dataset: DatasetConfig) -> Stock:
        """Every picture file of the settings' folders and those taken out, with its caption and what is known of it.

        Opens no picture: what was not looked at yet has a size of 0.
        """
        with self._lock:
            self._load()
            kept = self._kept(dataset)
            seen = kept.shelf.seen()
            if seen.slots is not kept.seen.slots or seen.marks != kept.seen.marks:
                self._read(seen)
                kept.seen, kept.stale = seen, True
            return self._stocked(kept)

    def recent(self, dataset: DatasetConfig) -> Stock:
        """The last ``stock``, without looking whether it still holds; the first is made."""
        with self._lock:
            kept = self._kept(dataset)
            return self._stocked(kept) if kept.stock else self.stock(dataset)

    def look(self, dataset: DatasetConfig, progress: Progress | None = None) -> Stock:
        """The same with every size known, or why there is none: reads each new picture once, to its end."""
        return self._completed(dataset, lambda part: part.row.facts is None, self._look, progress)

    def measure(
        self, dataset: DatasetConfig, progress: Progress | None = None, only: Callable[[int], bool] | None = None
    ) -> Stock:
        """The same with everything known, and thumbnails made: decodes each new picture once.

        Args:
            only: says by its id whether a picture is wanted; None wants all.
        """

        def is_wanted(part: Part) -> bool:
            facts = part.row.facts
            return not (facts and facts.whole) and (only is None or only(part.row.id))

        return self._completed(dataset, is_wanted, self._measure, progress)

    def scan(self, dataset: DatasetConfig, progress: Progress | None = None) -> Scan:
        """What ``pictures.scan.scan`` finds with these settings."""
        return self.look(dataset, progress).scan(dataset)

    def part(self, dataset: DatasetConfig, number: int) -> Part | None:
        """The picture with this id, with what lies there now; None where there is none."""
        part = self.recent(dataset).by_id.get(number)
        if part is None or not _is_current(part, dataset.caption_extension):
            part = self.stock(dataset).by_id.get(number)
        return part

    def thumbnail(self, dataset: DatasetConfig, part: Part, side: int) -> bytes:
        """A picture as a WebP file of at most ``side`` pixels; those of ``SIDES`` were made when it was measured.

        Raises:
            PictureError: it cannot be seen; says why.
        """
        nearest = next((one for one in reversed(SIDES) if one >= side), None)
        facts = part.row.facts
        if facts and facts.whole and nearest and (made := self._thumbnails.read(facts.content, nearest)):
            return made
        row = self._measure(part)
        facts = row.facts or Facts()
        if facts.problem or facts.unseen:
            raise PictureError(part.slot.path, facts.problem or facts.unseen)
        self._take([(part, row)])
        if nearest and (made := self._thumbnails.read(facts.content, nearest)):
            return made
        return webp(smaller(open_picture(part.slot.path, least=2 * side), side))

    def count(self, tokens: Mapping[str, int]) -> None:
        """Tell the tokens of captions' first lines, for ``Entry.tokens``; other captions have none then."""
        with self._lock:
            self._tokens = dict(tokens)
            for kept in self._shelves.values():
                kept.parts, kept.stale = (), True

    def _load(self) -> None:
        if self._loaded:
            return
        rows, words = self._file.load()
        self._rows = {self._path(key): row for key, row in rows.items()}
        self._words = {self._path(key): one for key, one in words.items()}
        self._loaded = True

    def _kept(self, dataset: DatasetConfig) -> "_Kept":
        choice = dataset.train_data_dir, dataset.reg_data_dir, dataset.caption_extension
        if choice not in self._shelves:
            self._shelves[choice] = _Kept(Shelf(dataset, self.places.left_out))
        self._shelves.move_to_end(choice)
        while len(self._shelves) > _SHELVES:
            self._shelves.popitem(last=False)
        return self._shelves[choice]

    def _read(self, seen: Seen) -> None:
        """Identify pictures that are new or changed, and read captions that are."""
        rows, gone = identified(seen, self._rows, self._find, self._key)
        words: dict[str, Words] = {}
        for slot in seen.slots:
            if slot.caption:
                known, mark = self._words.get(slot.caption_file), seen.marks[slot.caption_file]
                if (known is None or known.mark != mark) and slot.caption_file not in words:
                    words[slot.caption_file] = read_words(slot.caption, mark)
        if gone:
            self._rows = {file: row for file, row in self._rows.items() if file not in gone}
            self._file.forget(map(self._key, gone))
        self._rows |= rows
        self._words |= words
        self._keep(rows, words)

    def _stocked(self, kept: _Kept) -> Stock:
        if kept.stock is None or kept.stale:
            parts = []
            for slot, part in zip(kept.seen.slots, kept.parts_by_slot(), strict=True):
                row, words = self._rows[slot.file], self._words.get(slot.caption_file) if slot.caption else None
                if part is None or part.row is not row or part.words is not words:
                    part = Part(slot, row, words, self._tokens)
                parts.append(part)
            kept.parts = tuple(parts)
            kept.stock, kept.stale = Stock(kept.parts, kept.shelf.folders, kept.shelf.notes), False
        return kept.stock

    def _completed(
        self,
        dataset: DatasetConfig,
        is_wanted: Callable[[Part], bool],
        work: Callable[[Part], Row],
        progress: Progress | None,
    ) -> Stock:
        """The stock after ``work`` on each wanted file, which may take minutes; other threads go on meanwhile."""
        stock = self.stock(dataset)
        wanted = list({part.slot.file: part for part in stock.parts if is_wanted(part)}.values())
        if not wanted:
            return stock
        done: list[tuple[Part, Row]] = []
        threads = ThreadPoolExecutor(min(4, os.cpu_count() or 1))
        try:
            for part, row in zip(wanted, threads.map(work, wanted), strict=True):
                done.append((part, row))
                if len(done) % _KEPT_TOGETHER == 0:
                    self._take(done[-_KEPT_TOGETHER:])
                if progress:
                    progress(len(done), len(wanted))
        finally:
            threads.shutdown(cancel_futures=True)
            self._take(done[len(done) // _KEPT_TOGETHER * _KEPT_TOGETHER :])
        with self._lock:
            return self._stocked(self._kept(dataset))

    def _look(self, part: Part) -> Row:
        return part.row._replace(facts=looked(part.slot.path))

    def _measure(self, part: Part) -> Row:
        row, content = part.row, None
        if row.before and row.before.whole:
            content = _bytes_of(part)
            if content and digest(content) == row.before.content:
                return row._replace(facts=row.before, before=None)
        facts, picture = measured(part.slot.path, content)
        if picture and not self._thumbnails.has(facts.content):
            self._thumbnails.make(facts.content, picture)
        return row._replace(facts=facts, before=None)

    def _take(self, done: Sequence[tuple[Part, Row]]) -> None:
        """Take what was found out, but of files that have changed again meanwhile."""
        with self._lock:
            rows = {part.slot.file: row for part, row in done if self._is_same(part, row)}
            if not rows:
                return
            self._rows |= rows
            for kept in self._shelves.values():
                kept.stale = True
            self._keep(rows, {})

    def _is_same(self, part: Part, row: Row) -> bool:
        known = self._rows.get(part.slot.file)
        if known is None or (known.id, known.mark) != (row.id, row.mark):
            return False
        return not (known.facts and known.facts.whole) or bool(row.facts and row.facts.whole)

    def _keep(self, rows: Mapping[str, Row], words: Mapping[str, Words]) -> None:
        self._file.keep(self._known(rows, words), lambda: self._known(self._rows, self._words))

    def _known(self, rows: Mapping[str, Row], words: Mapping[str, Words]) -> Known:
        return Known({self._key(file): row for file, row in rows.items()},
                     {self._key(file): one for file, one in words.items()})  # fmt: skip

    def _find(self, files: Sequence[str]) -> dict[str, Row]:
        return {self._path(key): row for key, row in self._file.find([self._key(file) for file in files]).items()}

    def _key(self, file: str) -> str:
        """Relative inside of the place's folder, which may be renamed."""
        path, base = os.path.abspath(file), os.path.join(os.path.abspath(self.places.base), "")
        return path[len(base) :].replace(os.sep, "/") if path.startswith(base) else path

    def _path(self, key: str) -> str:
        return key if os.path.isabs(key) else os.path.join(str(self.places.base), *key.split("/"))


def _is_current(part: Part, endings: Sequence[str]) -> bool:
    """Whether a picture and its caption file are as they were."""
    slot = part.slot
    if slot.caption is None and any(os.path.lexists(os.path.splitext(slot.file)[0] + ending) for ending in endings):
        return False
    caption = part.words.mark if part.words else None
    return glanced(slot.file) == part.row.mark and (not slot.caption_file or glanced(slot.caption_file) == caption)


def _bytes_of(part: Part) -> bytes | None:
    try:
        return part.slot.path.read_bytes()
    except OSError:
        return None
