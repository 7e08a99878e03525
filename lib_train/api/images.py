"""Pictures as routes give them out: small, and from below the root alone."""

import io
from collections.abc import Callable
from functools import lru_cache
from pathlib import Path

from fastapi import HTTPException
from PIL import Image

Read = Callable[[str, int], Image.Image]
"""(path, side) -> the picture, of at least twice that side where it has as many."""
_THUMB, LARGE = 192, 1280  # longest side in pixels


def picture_below(root: Path, path: str) -> Path:
    """The picture at a path below the root; nothing else is given out here.

    Raises:
        HTTPException: 404.
    """
    try:
        found = Path(path).resolve()
    except (OSError, ValueError):  # no path at all
        raise HTTPException(404, "there is no such picture") from None
    if not found.is_relative_to(root.resolve()) or found.suffix.lower() != ".png" or not found.is_file():
        raise HTTPException(404, "there is no such picture")
    return found


@lru_cache(maxsize=2000)
def small(path: str, changed: int, read: Read) -> bytes:
    """A picture as a small WebP file. ``changed`` is its time of change: part of the cache's key."""
    return scaled(path, _THUMB, read)


def scaled(path: str, side: int, read: Read) -> bytes:
    """A picture as a WebP file of at most ``side`` pixels."""
    picture = read(path, side)
    picture.thumbnail((side, side))
    out = io.BytesIO()
    picture.save(out, "WEBP", quality=80)
    return out.getvalue()
