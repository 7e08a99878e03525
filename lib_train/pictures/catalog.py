"""All that is known of the pictures of one place: measured once, kept in its cache, and true to the files.

The files are the truth: whoever asks gets what lies there now. What has not changed is not read again, and a picture
that was moved keeps its id.
"""

import io
import os
import threading
from collections import OrderedDict
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing

from PIL import Image

from lib_train.config.dataset import DatasetConfig
from lib_train.errors import PictureError
from lib_train.parallel import worked
from lib_train.pictures.catalog_rows import Row
from lib_train.pictures.facts import Facts, digest, looked, measured
from lib_train.pictures.followed import Followed
from lib_train.pictures.images import open_picture, smaller
from lib_train.pictures.memory import Memory
from lib_train.pictures.places import Places
from lib_train.pictures.records import Scan
from lib_train.pictures.shelves import Seen, Shelf, Slot, glanced
from lib_train.pictures.stock import Part, Stock
from lib_train.pictures.thumbnails import SIDES, Thumbnails, webp

Progress = Callable[[int, int], object]
"""(done, total)"""
_SHELVES = 4
"""Choices of folders that are followed at once: those of a version, and those that somebody is trying."""
_KEPT_TOGETHER = 64
_DECODING = ThreadPoolExecutor(2, "train-tools-thumbnails")
"""Memory once freed stays with the thread that had it: few threads decode, however many ask."""


class Catalog:
    """Of one place. Its methods may be called from several threads."""

    def __init__(self, places: Places) -> None:
        self.places = places
        self._memory, self._thumbnails = Memory(places), Thumbnails(places)
        self._lock = threading.RLock()
        self._tokens: dict[str, int] = {}
        self._shelves: OrderedDict[tuple[object, ...], Followed] = OrderedDict()

    def stock(self, dataset: DatasetConfig) -> Stock:
        """Every picture file of the settings' folders and those taken out, with its caption and what is known of it.

        Opens no picture: what was not looked at yet has a size of 0.
        """
        with self._lock:
            kept = self._kept(dataset)
            seen = kept.shelf.seen()
            if seen.slots is not kept.seen.slots or seen.marks != kept.seen.marks:
                self._memory.read(seen)
                self._thumbnails.forget(self._memory.tidy(seen))
                kept.seen, kept.stale = seen, True
            return self._stocked(kept)

    def recent(self, dataset: DatasetConfig) -> Stock:
        """The last ``stock``, without looking whether it still holds; the first is made."""
        with self._lock:
            kept = self._kept(dataset)
            return self._stocked(kept) if kept.stock else self.stock(dataset)

    def look(self, dataset: DatasetConfig, progress: Progress | None = None) -> Stock:
        """The same with every size known, or why there is none: reads each new picture once, to its end."""
        stock = self._completed(dataset, lambda part: part.row.facts is None, self._look, progress)
        while not stock.looked:  # others have come, and somebody has seen them, meanwhile
            stock = self._completed(dataset, lambda part: part.row.facts is None, self._look, progress)
        return stock

    def measure(
        self,
        dataset: DatasetConfig,
        progress: Progress | None = None,
        only: Callable[[int], bool] | None = None,
        threads: int | None = None,
    ) -> Stock:
        """The same with everything known, and thumbnails made: decodes each new picture once.

        This makes the cache; other questions write to one that is there.

        Args:
            progress: may raise; what was measured until then is kept.
            only: says by its id whether a picture is wanted; None wants all.
            threads: None takes as many as there are cores, at most four.
        """

        def is_wanted(part: Part) -> bool:
            facts = part.row.facts
            return not (facts and facts.whole) and (only is None or only(part.row.id))

        return self._completed(dataset, is_wanted, self._measure, progress, threads)

    def scan(self, dataset: DatasetConfig, progress: Progress | None = None) -> Scan:
        """What ``pictures.scan.scan`` finds with these settings."""
        return self.look(dataset, progress).scan(dataset)

    def part(self, dataset: DatasetConfig, number: int) -> Part | None:
        """The picture with this id, with what lies there now; None where there is none. Looks at no other file."""
        with self._lock:
            part, kept = self.recent(dataset).by_id.get(number), self._kept(dataset)
            if part is None or _has_other_caption(part.slot, dataset.caption_extension):
                return self.stock(dataset).by_id.get(number)
            slot = part.slot
            marks = {file: glanced(file) for file in (slot.file, slot.caption_file) if file}
            if None in marks.values():
                return self.stock(dataset).by_id.get(number)
            if any(kept.seen.marks[file] != mark for file, mark in marks.items()):
                self._memory.read(Seen((slot,), marks))
                kept.seen, kept.stale = Seen(kept.seen.slots, kept.seen.marks | marks), True
            return self._stocked(kept).by_id.get(number)

    def known(self, dataset: DatasetConfig, number: int) -> Part | None:
        """The same with everything measured."""
        part = self.part(dataset, number)
        if part is None or (part.row.facts and part.row.facts.whole):
            return part
        self._take([(part, self._measure(part))])
        return self.recent(dataset).by_id.get(number)

    def thumbnail(self, dataset: DatasetConfig, part: Part, side: int) -> bytes:
        """A picture as a WebP file of at most ``side`` pixels; those of ``SIDES`` were made when it was measured.

        Raises:
            PictureError: it cannot be seen; says why.
        """
        nearest = next((one for one in reversed(SIDES) if one >= side), None)
        facts = part.row.facts
        ready = self._thumbnails.read(facts.content, nearest) if nearest == side and facts and facts.whole else None
        return ready or _DECODING.submit(self._drawn, part, side, nearest).result()

    def _drawn(self, part: Part, side: int, nearest: int | None) -> bytes:
        facts = part.row.facts or Facts()
        if not facts.whole or (nearest and not self._thumbnails.read(facts.content, nearest)):
            row = self._measure(part)
            self._take([(part, row)])
            facts = row.facts or Facts()
        if facts.problem and not facts.width or facts.unseen:
            raise PictureError(part.slot.path, facts.problem or facts.unseen)
        made = self._thumbnails.read(facts.content, nearest) if nearest else None
        if made and nearest == side:
            return made
        source = Image.open(io.BytesIO(made)) if made else open_picture(part.slot.path, least=2 * side)
        return webp(smaller(source, side))

    def count(self, tokens: Mapping[str, int]) -> None:
        """Tell the tokens of captions' first lines, for ``Entry.tokens``; other captions have none then."""
        with self._lock:
            self._tokens = dict(tokens)
            for kept in self._shelves.values():
                kept.parts = tuple(map(self._with_tokens, kept.parts))
                kept.stale = True

    def _with_tokens(self, part: Part) -> Part:
        is_right = part.entry.tokens == self._tokens.get(part.entry.line)
        return part if is_right else Part(part.slot, part.row, part.words, self._tokens)

    def _kept(self, dataset: DatasetConfig) -> "Followed":
        choice = dataset.train_data_dir, dataset.reg_data_dir, dataset.caption_extension
        if choice not in self._shelves:
            self._shelves[choice] = Followed(Shelf(dataset, self.places.left_out))
        self._shelves.move_to_end(choice)
        while len(self._shelves) > _SHELVES:
            self._shelves.popitem(last=False)
        return self._shelves[choice]

    def _stocked(self, kept: Followed) -> Stock:
        if kept.stock is None or kept.stale:
            parts, memory = [], self._memory
            for slot, part in zip(kept.seen.slots, kept.parts_by_slot(), strict=True):
                row, words = memory.rows[slot.file], memory.words.get(slot.caption_file) if slot.caption else None
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
        threads: int | None = None,
    ) -> Stock:
        """The stock after ``work`` on each wanted file, which may take minutes; other threads go on meanwhile."""
        stock = self.stock(dataset)
        wanted = list({part.slot.file: part for part in stock.parts if is_wanted(part)}.values())
        if not wanted:
            return stock
        done: list[tuple[Part, Row]] = []
        with closing(worked(work, wanted, threads)) as going:
            try:
                for count, one in enumerate(going, start=1):
                    done.append(one)
                    if len(done) == _KEPT_TOGETHER:
                        self._take(done)
                        done = []
                    if progress:
                        progress(count, len(wanted))
            finally:
                self._take(done)
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
            if self._memory.take({part.slot.file: row for part, row in done}):
                for kept in self._shelves.values():
                    kept.stale = True


def _has_other_caption(slot: Slot, endings: Sequence[str]) -> bool:
    """Whether a picture without a caption file has one now."""
    stem = os.path.splitext(slot.file)[0]
    return slot.caption is None and any(os.path.lexists(stem + ending) for ending in endings)


def _bytes_of(part: Part) -> bytes | None:
    try:
        return part.slot.path.read_bytes()
    except OSError:
        return None
