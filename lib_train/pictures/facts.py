"""What is measured of a picture file, with one decode of it for everything."""

import hashlib
from collections.abc import Callable
from functools import cache
from pathlib import Path
from typing import NamedTuple

import numpy
from numpy.typing import NDArray
from PIL import Image

from lib_train.errors import PictureError, reason
from lib_train.pictures.images import Look, look_at, pixels_in, smaller
from lib_train.texts import say

LEAST_SIDE = 8
"""Pixels of a side that can be trained on."""
_SHARP = 512
_ENOUGH = 2 * _SHARP
"""Sides in pixels that a JPEG is decoded at, at least."""
_LIKE = 32
_KEPT = 8


class Facts(NamedTuple):
    """Of one picture file."""

    width: int = 0
    height: int = 0
    """Pixels after EXIF rotation."""
    animated: bool = False
    damaged: bool = False
    """Some of its metadata is damaged; the pixels are whole."""
    problem: str = ""
    """Why it cannot be used, as ``look_at`` tells; empty when it can."""
    whole: bool = False
    """Whether what follows was measured."""
    transparent: bool = False
    """Some of its pixels are."""
    clear_edge: bool = False
    """A whole row or column at its edge is."""
    tint: int = 0
    """Mean colour, as 0xRRGGBB; of two pictures of one likeness it tells whether they have the same colours."""
    content: str = ""
    """Hexadecimal digest of the file's bytes: BLAKE2b, 128 bits."""
    likeness: int = 0
    sharpness: float = 0.0
    unseen: str = ""
    """Why its pixels cannot be decoded although the file looks sound; empty when they can."""


def looked(path: Path) -> Facts:
    """What a run must know of a picture before it reads it, ``Facts.problem`` included."""
    return facts_of(lambda: look_at(path))


def facts_of(look: Callable[[], Look]) -> Facts:
    """What ``look_at`` tells, or its error."""
    try:
        return _with_size(look())
    except PictureError as error:
        return Facts(problem=error.why)


def digest(content: bytes) -> str:
    """See ``Facts.content``."""
    return hashlib.blake2b(content, digest_size=16).hexdigest()


def measured(path: Path, content: bytes | None = None) -> tuple[Facts, Image.Image | None]:
    """Everything that is measured of a picture file, and the picture as it is trained, of at most 512 pixels; None
    where it cannot be seen.

    Args:
        content: the file's bytes, where somebody has them already.
    """
    try:
        content = path.read_bytes() if content is None else content
    except OSError as error:
        why = say("cannot be read as a picture ({why}); replace or remove it", why=reason(error))
        return Facts(problem=why, whole=True), None
    known = Facts(whole=True, content=digest(content))
    try:
        look, shown, clear = pixels_in(path, content, _ENOUGH)
    except PictureError as error:
        seen = looked(path)  # a run does not decode what its checksums prove
        found = seen._replace(whole=True, content=known.content, unseen="" if seen.problem else error.why)
        return found, None
    size, shown = _with_size(look), smaller(shown, _SHARP)
    facts = known._replace(
        width=size.width, height=size.height, animated=size.animated, damaged=size.damaged, problem=size.problem,
        transparent=clear.some, clear_edge=clear.edge, tint=tint(shown), likeness=likeness(shown),
        sharpness=sharpness(shown),
    )  # fmt: skip
    return facts, shown


def _with_size(look: Look) -> Facts:
    problem = ""
    if min(look[:2]) < LEAST_SIDE:
        size = f"{look.width} x {look.height}"
        problem = say("is {size} pixels: too small to train on; replace or remove it", size=size)
    return Facts(look.width, look.height, look.animated, look.damaged, problem)


def sharpness(picture: Image.Image) -> float:
    """Variance of the Laplacian of the grey levels, 0 to 255, at 512 pixels of the longer side.

    Source:
        Pech-Pacheco et al. 2000, "Diatom autofocusing in brightfield microscopy: a comparative study".
    """
    grown = smaller(picture.convert("L"), _SHARP)
    if (factor := _SHARP / max(grown.size)) > 1:
        size = max(1, round(grown.width * factor)), max(1, round(grown.height * factor))
        grown = grown.resize(size, Image.Resampling.BICUBIC)
    grey = numpy.asarray(grown, dtype=numpy.float32)
    grey = numpy.pad(grey, 1, mode="edge")
    edges = grey[:-2, 1:-1] + grey[2:, 1:-1] + grey[1:-1, :-2] + grey[1:-1, 2:] - 4 * grey[1:-1, 1:-1]
    return float(edges.var())


def tint(picture: Image.Image) -> int:
    """See ``Facts.tint``."""
    red, green, blue = picture.convert("RGB").resize((1, 1), Image.Resampling.BOX).getpixel((0, 0))
    return int(red) << 16 | int(green) << 8 | int(blue)


def likeness(picture: Image.Image) -> int:
    """Perceptual hash of 64 bits: similar pictures differ in few, others in about half of them.

    Bits tell which of the 8 x 8 lowest frequencies of the grey picture, without the mean, lie above their median.

    Source:
        Zauner 2010, "Implementation and Benchmarking of Perceptual Image Hash Functions", section 3.2.1 (DCT based).
    """
    way = Image.Resampling.HAMMING
    grey = numpy.asarray(picture.convert("L").resize((_LIKE, _LIKE), way), dtype=numpy.float64)
    waves = _cosines()
    found = (waves @ grey @ waves.T).round(6).ravel()  # rounded, so that a plain picture has no bits by chance
    return int.from_bytes(numpy.packbits(found > numpy.median(found)).tobytes(), "big")


@cache
def _cosines() -> NDArray[numpy.float64]:
    """(8, 32): the cosines of DCT-II for the frequencies 1 to 8."""
    places = (2 * numpy.arange(_LIKE) + 1) * numpy.pi / (2 * _LIKE)
    return numpy.cos(numpy.arange(1, _KEPT + 1)[:, None] * places)
