"""Picture files and their captions by name, followed as they come, go and change. Opens none of them."""

import os
import re
from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

from lib_train.config.dataset import DatasetConfig
from lib_train.marks import Mark, glance_at
from lib_train.names import is_picture, out_of_sight
from lib_train.pictures.folders import Folders, Subset
from lib_train.pictures.sidecars import Captions
from lib_train.texts import either, say

_COUNTED = re.compile(r"(\d+)_(.*)", re.DOTALL)
_LISTS = (".json", ".jsonl", ".csv", ".tsv", ".parquet", ".xml", ".yaml", ".yml")
_DEEPEST = 3
"""Folders below that of the pictures which were taken out: of a kind, and of a name."""


class Slot(NamedTuple):
    """One picture file by its name."""

    path: Path
    file: str
    """The same from the root of the disk, as text."""
    caption: Path | None
    """Its caption file."""
    caption_file: str
    """The same as ``file``; empty where there is none."""
    title: str
    """Name of its folder."""
    name: str
    """The folder's name behind the repeats: the caption where there is none."""
    repeats: int
    is_reg: bool
    left_out: bool


class Seen(NamedTuple):
    """The files at one moment."""

    slots: tuple[Slot, ...]
    """The same object as long as no file comes or goes."""
    marks: dict[str, Mark | None]
    """Of each picture and caption file; None for what cannot be looked at, such as a dead link."""


class Shelf:
    """Follows the folders of one choice of settings.

    Args:
        left_out: folder of pictures that were taken out.
    """

    def __init__(self, dataset: DatasetConfig, left_out: Path) -> None:
        self._train, self._reg, self.endings = dataset.train_data_dir, dataset.reg_data_dir, dataset.caption_extension
        self._left_out = left_out
        self.folders: tuple[Folders, ...] = ()
        """Those of training and of regularisation pictures, when they were looked at."""
        self.notes: list[str] = []
        """See ``unread_lists``."""
        self._out_names: list[tuple[str, list[str]]] | None = None
        self._slots: tuple[Slot, ...] = ()

    def seen(self) -> Seen:
        """What lies there now: 25 ms for 5,000 pictures with captions where no file came or went."""
        names = _names_below(self._left_out)
        if not self.folders or names != self._out_names or not all(one.unchanged() for one in self.folders):
            self._list(names)
        files = [slot.file for slot in self._slots]
        files += [slot.caption_file for slot in self._slots if slot.caption_file]
        marks = {file: glanced(file) for file in files}
        gone = {slot.file for slot in self._slots if marks[slot.file] is None and not os.path.lexists(slot.file)}
        if not gone:
            return Seen(self._slots, marks)
        self._out_names = None  # they went after their folder was read: it is read again next time
        return Seen(tuple(slot for slot in self._slots if slot.file not in gone), marks)

    def _list(self, names: list[tuple[str, list[str]]]) -> None:
        train, reg = Folders("train_data_dir", self._train), Folders("reg_data_dir", self._reg)
        self.folders, self._out_names = (train, reg), names
        self.notes = unread_lists(self.folders, self.endings)
        found: list[Slot] = []
        for one, is_reg in ((train, False), (reg, True)):
            for subset in one.subsets:
                found += slots_of(subset, self.endings, is_reg=is_reg)
        for folder, files in names:
            if out := _taken_out(Path(folder), files):
                is_reg = "reg" in out.folder.relative_to(self._left_out).parts[:-1]
                found += slots_of(out, self.endings, is_reg=is_reg, left_out=True)
        self._slots = tuple(found)


def slots_of(subset: Subset, endings: Sequence[str], *, is_reg: bool = False, left_out: bool = False) -> list[Slot]:
    """The picture files of a folder, sorted, each with its caption file.

    Args:
        endings: of caption files.
    """
    captions, slots = Captions(subset.files, endings), []
    folder = f"{subset.folder.absolute()}{os.sep}"
    for path in subset.pictures:
        caption = captions.of(path)
        slots.append(Slot(path, folder + path.name, caption, folder + caption.name if caption else "", subset.title,
                          subset.name.strip(), subset.repeats, is_reg, left_out))  # fmt: skip
    return slots


def unread_lists(folders: Sequence[Folders], endings: Sequence[str]) -> list[str]:
    """A line for each folder with files in which other programs keep captions."""
    notes: list[str] = []
    unread = set(_LISTS) - {ending.lower() for ending in endings}
    listed = [listing for one in folders for listing in [*one.beside, *((s.folder, s.files) for s in one.subsets)]]
    for folder, files in listed:
        others = sorted({os.path.splitext(file.name)[1].lower() for file in files} & unread)
        if others:
            notes.append(
                say("{folder}: {others} files are left out; captions are read from {endings} files beside the pictures",
                    folder=folder, others=", ".join(others), endings=either(endings))
            )  # fmt: skip
    return notes


def _names_below(folder: Path) -> list[tuple[str, list[str]]]:
    """Folders inside a folder with the names of their files, sorted; none where there is no such folder."""
    found = []
    for inner, folders, files in os.walk(folder):
        folders[:] = sorted(name for name in folders if not out_of_sight(name))
        if len(Path(inner).relative_to(folder).parts) >= _DEEPEST:
            folders.clear()
        found.append((inner, sorted(name for name in files if not out_of_sight(name))))
    return found


def _taken_out(folder: Path, names: Sequence[str]) -> Subset | None:
    if not any(map(is_picture, names)):
        return None
    match = _COUNTED.fullmatch(folder.name)
    repeats, name = (int(match[1]), match[2]) if match else (1, folder.name)
    return Subset(folder, repeats, name, folder.name, tuple(folder / one for one in names))


def glanced(file: str) -> Mark | None:
    """``glance_at``, or None for what cannot be looked at."""
    try:
        return glance_at(file)
    except (OSError, ValueError):
        return None
