"""What the other files of this room hand to each other. Plain data."""

from dataclasses import dataclass
from pathlib import Path

from lib_train.errors import Problem


@dataclass(frozen=True, kw_only=True)
class Picture:
    """One picture file with its caption, as on disk."""

    path: Path
    caption: str
    """As written: not yet prefixed, filtered or shuffled."""
    width: int
    height: int
    """Pixels after EXIF rotation."""
    repeats: int
    """Times it counts in an epoch."""
    folder: str
    """Name of its `<repeats>_<name>` folder, without the path."""
    is_reg: bool = False
    mask: Path | None = None
    """Its mask file; None where it has none, or nobody asked."""


@dataclass(frozen=True, kw_only=True)
class Scan:
    """What was found in the folders, with everything that cannot be used."""

    pictures: tuple[Picture, ...]
    problems: tuple[Problem, ...]
    notes: tuple[str, ...] = ()
    """What is left out on purpose or not as it seems, for a person to know."""
    held_out: tuple[Picture, ...] = ()
    """Those that are measured and not trained on."""


@dataclass(frozen=True)
class Fit:
    """How a picture comes into its bucket: first resized, then cropped to the bucket."""

    bucket: tuple[int, int]
    """Width and height in pixels."""
    resized: tuple[int, int]
    """Width and height in pixels, each at least the bucket's."""
