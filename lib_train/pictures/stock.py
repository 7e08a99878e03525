"""The pictures of a catalog at one moment: entries, and what a run makes of them."""

import os
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property

from lib_train.config.dataset import DatasetConfig
from lib_train.errors import Problem
from lib_train.pictures.catalog_rows import Row
from lib_train.pictures.entry import Entry
from lib_train.pictures.facts import Facts
from lib_train.pictures.folders import Folders
from lib_train.pictures.records import Scan
from lib_train.pictures.scan import Checked, Walked, as_scan, checked, walked
from lib_train.pictures.shelves import Slot
from lib_train.pictures.sidecars import Words

_NOTHING = Facts()


class Part:
    """One picture file of a stock. Never changed: another one takes its place."""

    def __init__(self, slot: Slot, row: Row, words: Words | None, tokens: Mapping[str, int]) -> None:
        self.slot, self.row, self.words = slot, row, words
        self.entry = _entry_of(slot, row, words, tokens)

    @cached_property
    def checked(self) -> Checked:
        """See ``scan.checked``."""
        return checked(self.slot, self.row.facts or _NOTHING, self.words)


@dataclass(frozen=True)
class Stock:
    """All picture files of a choice of folders: those of training, then of regularisation, then those taken out."""

    parts: tuple[Part, ...]
    folders: Sequence[Folders]
    notes: Sequence[str]
    """See ``unread_lists``."""
    _scans: dict[DatasetConfig, Scan] = field(default_factory=dict)

    @cached_property
    def entries(self) -> tuple[Entry, ...]:
        """One for each picture file, whether it can be used or not."""
        return tuple(part.entry for part in self.parts)

    @cached_property
    def by_id(self) -> dict[int, Part]:
        """A picture that is named twice, for training and for regularisation, is here as the first."""
        return {part.row.id: part for part in reversed(self.parts)}

    @cached_property
    def looked(self) -> bool:
        """Whether the size of every picture is known, or why there is none."""
        return all(part.row.facts for part in self.parts)

    @cached_property
    def measured(self) -> int:
        """How many pictures are known wholly."""
        return sum(bool(part.row.facts and part.row.facts.whole) for part in self.parts)

    @cached_property
    def _walked(self) -> Walked:
        checks = [part.checked for part in self.parts if not part.slot.left_out]
        return walked(self.folders, self.notes, checks)

    @property
    def problems(self) -> Sequence[Problem]:
        """What is wrong with folders, captions and the pictures that were looked at."""
        return self._walked.problems

    @cached_property
    def stems(self) -> Counter[str]:
        """How many pictures there are of each path without its ending: they share a caption."""
        return Counter(os.path.splitext(str(part.slot.path))[0] for part in self.parts if not part.slot.left_out)

    def scan(self, dataset: DatasetConfig) -> Scan:
        """What ``scan.scan`` finds in these folders. Every size must be known: see ``looked``."""
        if dataset not in self._scans:
            self._scans.clear()
            self._scans[dataset] = as_scan(self._walked, dataset)
        return self._scans[dataset]


def _entry_of(slot: Slot, row: Row, words: Words | None, tokens: Mapping[str, int]) -> Entry:
    facts = row.facts or _NOTHING
    caption = words.text if words else slot.name
    return Entry(
        id=row.id, path=slot.path, folder=slot.title, repeats=slot.repeats, is_reg=slot.is_reg, left_out=slot.left_out,
        bytes=row.mark[0] if row.mark else 0, stamp=_stamp_of(row), width=facts.width, height=facts.height,
        animated=facts.animated, damaged=facts.damaged, transparent=facts.transparent, clear_edge=facts.clear_edge,
        tint=facts.tint, content=facts.content, likeness=facts.likeness, sharpness=facts.sharpness,
        problem=facts.problem or facts.unseen, caption=caption, caption_file=slot.caption,
        caption_problem=words.problem if words else "", tokens=tokens.get(caption.partition("\n")[0].strip()),
    )  # fmt: skip


def _stamp_of(row: Row) -> str:
    if row.mark is None:
        return ""
    size, changed, noted, _ = row.mark
    return f"{size:x}-{changed:x}-{noted:x}"
