"""Pictures and captions that come into a version from a browser, by files or by whole folders."""

import os
import re
import shutil
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from itertools import count
from pathlib import Path, PurePosixPath
from typing import IO

from lib_train.errors import reason
from lib_train.files import written
from lib_train.names import child, composed, out_of_sight
from lib_train.texts import joined, say, with_texts
from lib_train.vocabulary import CAPTIONS, PICTURES

_COUNTED = re.compile(r"0*([1-9]\d{0,3}|10000)_.+", re.DOTALL)
_LONGEST_FOLDER = 200  # bytes
_LISTED = 10

Sent = tuple[str, IO[bytes]]
"""A path as a browser tells it, and the content."""


@dataclass
class Taken:
    """What came of an upload."""

    kept: int = 0
    same: int = 0
    """Files that were there already, byte for byte."""
    renamed: int = 0
    """Pictures that got a number, because another one of their name was there."""
    left_out: int = 0
    """Hidden files, those of systems, and those that are neither pictures nor captions."""
    refused: list[str] = field(default_factory=list)
    """A sentence for each file that could not be taken."""

    def to_json(self) -> dict[str, object]:
        """The same as JSON values, in no more lines than one reads."""
        more = len(self.refused) - _LISTED
        refused = [*self.refused[:_LISTED], *([say("and {count} more", count=more)] if more > 0 else [])]
        return with_texts({"kept": self.kept, "same": self.same, "renamed": self.renamed, "left_out": self.left_out,
                           "refused": refused})  # fmt: skip


def take_in(dataset: Path, default: str, files: Sequence[Sent]) -> Taken:
    """Write uploaded files below a version's ``dataset`` folder, each whole or not at all; nothing is written over.

    A file from a folder ``<repeats>_<name>`` goes into one of this name, below ``reg`` where it came from there; every
    other into ``train/<default>``. A picture whose name another one has gets a number, and its captions with it.
    """
    taken = Taken()
    for (folder, *_), group in _grouped(files, default, taken).items():
        try:
            place = _made(dataset, folder)
        except OSError as error:
            taken.refused.append(joined(": ", (folder, say("the folder cannot be made ({why})", why=reason(error)))))
            continue
        stems: dict[str, str] = {}
        for name, content in sorted(group, key=lambda sent: _is_caption(sent[0])):
            _take(place, name, content, stems, taken)
    return taken


def _grouped(files: Sequence[Sent], default: str, taken: Taken) -> dict[tuple[PurePosixPath, str, str], list[Sent]]:
    """Files that can be taken, by their folder below the dataset, where they come from, and their name's stem.

    So a picture and its captions are together.
    """
    found: dict[tuple[PurePosixPath, str, str], list[Sent]] = {}
    for given, content in files:
        *folders, name = given.replace("\\", "/").split("/")
        parts = [part for part in folders if part not in ("", ".", "..")]
        if not name.isprintable() or any(map(out_of_sight, (*parts, name))) or not _is_taken(name):
            taken.left_out += 1
            continue
        stem = composed(os.path.splitext(name)[0])
        found.setdefault((_folder_of(parts, default), "/".join(parts), stem), []).append((name, content))
    return found


def _folder_of(parts: Sequence[str], default: str) -> PurePosixPath:
    for index in range(len(parts) - 1, -1, -1):
        part = parts[index]
        if _COUNTED.fullmatch(part) and part.isprintable() and len(part.encode()) <= _LONGEST_FOLDER:
            return PurePosixPath("reg" if "reg" in map(str.lower, parts[:index]) else "train", part)
    return PurePosixPath("train", default)


def _is_caption(name: str) -> bool:
    return os.path.splitext(name)[1].lower() in CAPTIONS


def _is_taken(name: str) -> bool:
    return _is_caption(name) or os.path.splitext(name)[1].lower() in PICTURES


def _made(dataset: Path, folder: PurePosixPath) -> Path:
    place = dataset
    for part in folder.parts:
        place = child(place, part)
        if place.is_symlink():
            raise OSError(0, say("it is a link; put the folder itself there"))
    place.mkdir(parents=True, exist_ok=True)
    return place


def _take(place: Path, name: str, content: IO[bytes], stems: dict[str, str], taken: Taken) -> None:
    stem, ending = os.path.splitext(name)
    try:
        for number, tried in _names(stems.get(composed(stem), stem), ending):
            if _is_new(place, tried, content):
                taken.kept += 1
                taken.renamed += number > 1
            elif _same(child(place, tried), content):
                taken.same += 1
            elif _is_caption(name):
                stays = say("a caption of other words is there already; it stays")
                taken.refused.append(joined(": ", (tried, stays)))
            else:
                continue
            if not _is_caption(name):
                stems.setdefault(composed(stem), os.path.splitext(tried)[0])
            return
    except OSError as error:
        taken.refused.append(joined(": ", (name, say("cannot be written ({why})", why=reason(error)))))


def _names(stem: str, ending: str) -> Iterator[tuple[int, str]]:
    for number in count(1):
        yield number, f"{stem}{f'-{number}' if number > 1 else ''}{ending}"


def _is_new(place: Path, name: str, content: IO[bytes]) -> bool:
    """Write the file; whether nothing of its name was there."""
    path = child(place, name)
    if os.path.lexists(path):
        return False
    content.seek(0)
    try:
        with written(path, replace=False) as partial, partial.open("wb") as file:
            shutil.copyfileobj(content, file)
    except FileExistsError:  # somebody else was faster
        return False
    return True


def _same(path: Path, content: IO[bytes]) -> bool:
    content.seek(0)
    try:
        with path.open("rb") as file:
            while block := content.read(1 << 16):
                if file.read(len(block)) != block:
                    return False
            return not file.read(1)
    except OSError:  # a link to nothing, a folder
        return False
