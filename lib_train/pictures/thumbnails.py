"""Small pictures on the disk, made once for each content."""

import io
from collections import OrderedDict
from collections.abc import Iterable
from contextlib import suppress
from pathlib import Path

from PIL import Image

from lib_train.files import write_whole
from lib_train.pictures.images import smaller
from lib_train.pictures.places import Places

SIDES = (512, 256, 128)
"""Longest sides in pixels, largest first."""
_METHODS = {512: 0, 256: 1, 128: 1}
"""WebP's effort for each: more makes files that are hardly smaller, in twice the time."""
_QUALITY = 80
_REMEMBERED = 300


class Thumbnails:
    """Thumbnails in a cache; where it cannot be written to, the last ones are remembered."""

    def __init__(self, places: Places) -> None:
        self._base = places.base if places.cache.is_relative_to(places.base) else places.cache
        self._folder = places.cache / "thumbnails"
        self._remembered: OrderedDict[tuple[str, int], bytes] = OrderedDict()

    def make(self, content: str, picture: Image.Image) -> None:
        """Write all sizes of a picture in RGB.

        Args:
            content: digest of the file that it came from.
        """
        for side in SIDES:
            picture = smaller(picture, side)
            self._keep(content, side, webp(picture, _METHODS[side]))

    def read(self, content: str, side: int) -> bytes | None:
        """The WebP file of one of ``SIDES``; None where it is to be made."""
        with suppress(OSError):
            return self._path(content, side).read_bytes()
        return self._remembered.get((content, side))

    def has(self, content: str) -> bool:
        """Whether those of a file's content are there."""
        return all(self._path(content, side).is_file() or (content, side) in self._remembered for side in SIDES)

    def forget(self, contents: Iterable[str]) -> None:
        """Delete those of contents that no picture has any more."""
        for path in [self._path(content, side) for content in contents if content for side in SIDES]:
            with suppress(OSError):
                path.unlink()

    def _keep(self, content: str, side: int, made: bytes) -> None:
        path = self._path(content, side)
        try:
            *inner, _ = path.relative_to(self._base).parents
            for folder in reversed(inner):  # not the base: a version that was moved away is not made anew
                (self._base / folder).mkdir(exist_ok=True)
            write_whole(path, made, durable=False)
            return
        except OSError:
            pass
        self._remembered[content, side] = made
        while len(self._remembered) > _REMEMBERED * len(SIDES):
            self._remembered.popitem(last=False)

    def _path(self, content: str, side: int) -> Path:
        return self._folder / content[:2] / f"{content}-{side}.webp"


def webp(picture: Image.Image, method: int = 1) -> bytes:
    """A picture as a WebP file."""
    out = io.BytesIO()
    picture.save(out, "WEBP", quality=_QUALITY, method=method)
    return out.getvalue()
