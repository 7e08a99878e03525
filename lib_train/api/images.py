"""Pictures as routes give them out: small, and from below the root alone."""

import io
from collections.abc import Callable
from functools import lru_cache
from pathlib import Path

from PIL import Image

from lib_train.errors import FileError, ProjectError, reason
from lib_train.marks import Mark, mark_of
from lib_train.texts import say

Read = Callable[[str, int], Image.Image]
"""(path, side) -> the picture, of at least twice that side where it has as many."""
SIDES = 192, 640
"""Longest sides of small pictures in pixels: of a list, and of a part of the page."""


def picture_below(root: Path, path: str) -> Path:
    """The picture at a path below the root; nothing else is given out here.

    Raises:
        ProjectError: there is none.
    """
    try:
        found = Path(path).resolve()
        there = found.is_relative_to(root.resolve()) and found.suffix.lower() == ".png" and found.is_file()
    except (OSError, ValueError, RuntimeError):  # no path at all, or links in a circle
        there = False
    if not there:
        raise ProjectError(say("there is no such picture; reload the page"))
    return found


def thumbnail(path: Path, read: Read, side: int = SIDES[0]) -> bytes:
    """A picture as a small WebP file; remembered until the file changes.

    Args:
        side: longest one in pixels; the next of ``SIDES`` is taken.

    Raises:
        TrainToolsError: it is gone or damaged.
    """
    try:
        mark = mark_of(path)
    except OSError as error:
        raise FileError(
            say("{name}: cannot be shown ({why}); reload the page", name=path.name, why=reason(error))
        ) from error
    return _small(path, mark, read) if side <= SIDES[0] else _middling(path, mark, read)


@lru_cache(maxsize=4000)
def _small(path: Path, mark: Mark, read: Read) -> bytes:
    """``mark`` is part of the cache's key: another file of the same name is shown anew."""
    return scaled(path, SIDES[0], read)


@lru_cache(maxsize=400)
def _middling(path: Path, mark: Mark, read: Read) -> bytes:
    return scaled(path, SIDES[1], read)


def scaled(path: Path, side: int, read: Read) -> bytes:
    """A picture as a WebP file of at most ``side`` pixels.

    Raises:
        TrainToolsError: it is gone, damaged or too large.
    """
    picture = read(str(path), side)
    picture.thumbnail((side, side))
    out = io.BytesIO()
    picture.save(out, "WEBP", quality=80)
    return out.getvalue()
