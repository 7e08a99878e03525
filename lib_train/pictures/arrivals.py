"""Where files that come in belong: by folders' names, and pictures together with their captions. Opens no file."""

import os
import re
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO, NamedTuple

from lib_train.names import composed, out_of_sight
from lib_train.pictures.archives import Source
from lib_train.pictures.conversion import CONVERTED
from lib_train.pictures.places import Places
from lib_train.texts import joined, say, with_texts
from lib_train.vocabulary import CAPTIONS, PICTURES

_COUNTED = re.compile(r"0*([1-9]\d{0,3}|10000)_.+", re.DOTALL)
_LONGEST_FOLDER = 200  # bytes
_LISTED = 10
_COUNTS = ("kept", "same", "renamed", "left_out", "converted", "captioned")
_UNFIT = re.compile(r'[<>:"|?*]|[. ]+$')
"""What no name has on Windows, where a colon would also name a drive."""
_DEVICES = re.compile(r"(con|prn|aux|nul|com\d|lpt\d)(\.|$)", re.IGNORECASE)


class Ground(NamedTuple):
    """Where pictures come to lie."""

    train: Path
    """Holds <repeats>_<name> folders."""
    reg: Path | None
    """The same for regularisation pictures; None takes none."""
    places: Places

    @classmethod
    def of_version(cls, folder: Path) -> "Ground":
        """That of a version's folder."""
        dataset = folder / "dataset"
        return cls(dataset / "train", dataset / "reg", Places.of_version(folder))

    @property
    def searched(self) -> tuple[Path, ...]:
        """Folders of which each inner folder may hold a picture already."""
        return tuple(place for place in (self.train, self.reg, self.places.left_out) if place)


class Belongs(NamedTuple):
    """What belongs together: a picture, perhaps in two formats, and its captions."""

    is_reg: bool
    folder: str
    """Name of the <repeats>_<name> folder."""
    origin: str
    """Folders that they come from."""
    stem: str
    number: int
    """Of several of one name from one folder, as only archives hold them: 0 is the first."""


class Arrival(NamedTuple):
    """A file on its way in."""

    name: str
    """As it came."""
    ending: str
    """That it will have."""
    content: IO[bytes]
    original: IO[bytes] | None = None
    """What it was before it was converted."""

    @property
    def is_caption(self) -> bool:
        return is_caption(self.name)


@dataclass
class Taken:
    """What came of an import."""

    kept: int = 0
    same: int = 0
    """Files that were there already, byte for byte."""
    renamed: int = 0
    """Pictures that got a number, because another one of their name was there."""
    left_out: int = 0
    """Hidden files, those of systems, and those that are neither pictures nor captions."""
    converted: int = 0
    """Pictures that became PNG; their originals are kept."""
    captioned: int = 0
    """Captions made from prompts."""
    cancelled: bool = False
    """Whether it was stopped; then nothing of it is left."""
    refused: list[str] = field(default_factory=list)
    """A sentence for each file that could not be taken."""
    twice: list[str] = field(default_factory=list)
    """A sentence for each picture that was taken though the same one lies there under another name."""
    unreadable: list[str] = field(default_factory=list)
    """A sentence for each picture that was taken and cannot be read."""
    made: list[Path] = field(default_factory=list)
    """Files that are new."""
    edit: int = 0
    """Number by which it can be undone; 0 where nothing is new."""

    def to_json(self) -> dict[str, object]:
        """The same as JSON values, in no more lines than one reads."""
        counts = {name: getattr(self, name) for name in (*_COUNTS, "edit")}
        lines = {name: _few(getattr(self, name)) for name in ("refused", "twice", "unreadable")}
        return with_texts({**counts, "cancelled": self.cancelled, **lines})


def _few(lines: Sequence[str]) -> list[str]:
    more = len(lines) - _LISTED
    return [*lines[:_LISTED], *([say("and {count} more", count=more)] if more > 0 else [])]


def grouped(sources: Iterable[Source], default: str, taken: Taken) -> dict[Belongs, list[tuple[str, Source]]]:
    """Files that can be taken, each with its name, by what they belong to; the others are counted or named.

    A file from a folder ``<repeats>_<name>`` goes into one of this name, below ``reg`` where it came from there; every
    other into the training folder ``default``.
    """
    found: dict[Belongs, list[tuple[str, Source]]] = {}
    seen: Counter[tuple[Belongs, str]] = Counter()
    for source in sources:
        *folders, name = source.path.replace("\\", "/").split("/")
        parts = [part for part in folders if part not in ("", ".", "..")]
        if not is_taken(name) or any(map(out_of_sight, (*parts, name))):
            taken.left_out += 1
            continue
        if not name.isprintable():
            odd = say("holds a sign that no name of a file should have; rename it")
            taken.refused.append(joined(": ", (repr(name), odd)))
            continue
        name = portable(name)
        is_reg, folder = _folder_of(parts, default)
        first = Belongs(is_reg, folder, "/".join(parts), composed(os.path.splitext(name)[0]), 0)
        group = first._replace(number=seen[first, name])
        seen[first, name] += 1
        found.setdefault(group, []).append((name, source))
    return found


def _folder_of(parts: Sequence[str], default: str) -> tuple[bool, str]:
    for index in range(len(parts) - 1, -1, -1):
        part = parts[index]
        if _COUNTED.fullmatch(part) and part.isprintable() and len(part.encode()) <= _LONGEST_FOLDER:
            return "reg" in map(str.lower, parts[:index]), portable(part)
    return False, default


def portable(name: str, windows: bool = os.name == "nt") -> str:
    """The name without what this system takes for something else than a part of a name."""
    if not windows:
        return name
    stem, ending = os.path.splitext(name)
    fit = _UNFIT.sub("_", stem) + _UNFIT.sub("_", ending)
    return f"_{fit}" if _DEVICES.match(fit) else fit


def is_caption(name: str) -> bool:
    """Whether a name ends as a caption file's."""
    return os.path.splitext(name)[1].lower() in CAPTIONS


def is_taken(name: str) -> bool:
    """Whether files of such a name come in: pictures, those that are converted to such, and captions."""
    return os.path.splitext(name)[1].lower() in (*CAPTIONS, *PICTURES, *CONVERTED)


def apart(arrivals: Sequence[Arrival]) -> list[list[Arrival]]:
    """In parts of which each has an ending once, with all captions: two files may both become PNG."""
    parts: list[dict[str, Arrival]] = []
    for one in (one for one in arrivals if not one.is_caption):
        ending = one.ending.lower()
        part = next((part for part in parts if ending not in part), None)
        if part is None:
            parts.append(part := {})
        part[ending] = one
    captions = [one for one in arrivals if one.is_caption]
    return [[*part.values(), *captions] for part in parts] or [captions] * bool(captions)
