"""Where faces, cats and other things that draw the eye are: by OpenCV's cascades, by an ONNX detector, by contrast."""

from collections.abc import Callable, Sequence
from functools import lru_cache
from pathlib import Path
from typing import Any, NamedTuple

import numpy
from numpy.typing import NDArray
from PIL import Image

from lib_train.errors import ConfigError, MissingPackage, Problem
from lib_train.pictures.crops import Box
from lib_train.pictures.layers import eight_bits, flattened
from lib_train.texts import say

_SIDE = 1024
"""Pixels of the longer side in which is looked for faces."""
_SMALLEST = 20
"""A face is at least a 20th of the picture's shorter side."""
_LOOK = 48
_CENTRE = 0.35
"""How much the middle draws the eye beside contrasts: spread of a bell, as a share of the sides."""


class Detection(NamedTuple):
    """Something that was found."""

    kind: str
    """"face", "head", "cat", "body", or what a detector calls it."""
    box: Box
    score: float = 1.0

    @property
    def area(self) -> float:
        """Share of the picture's."""
        return (self.box.right - self.box.left) * (self.box.bottom - self.box.top)

    def holds(self, point: tuple[float, float]) -> bool:
        """Whether a point lies in its box."""
        return self.box.left <= point[0] <= self.box.right and self.box.top <= point[1] <= self.box.bottom


Detector = Callable[[Image.Image], Sequence[Detection]]
"""A picture -> what is in it, the likeliest first."""


class _Cascade(NamedTuple):
    file: str
    step: float
    """By how much each size that is looked for is larger than the one before."""
    neighbours: int
    """How many of the frames around a place must agree."""


CASCADES = {
    "face": _Cascade("haarcascade_frontalface_default.xml", 1.1, 5),
    "cat": _Cascade("haarcascade_frontalcatface.xml", 1.05, 3),
}
"""What OpenCV finds by itself."""


def by_cascade(kind: str) -> Detector:
    """Faces of people in photos, or of cats, by the cascades that come with OpenCV; larger ones first.

    Raises:
        ConfigError: it is none of ``CASCADES``.
        MissingPackage: OpenCV is not installed.
    """
    if kind not in CASCADES:
        raise ConfigError([Problem("detector", kind, say("must be one of {known}", known=", ".join(CASCADES)))])
    wish, classifier = CASCADES[kind], _classifier(CASCADES[kind].file)

    def detect(picture: Image.Image) -> list[Detection]:
        grey = as_rgb(picture).convert("L")
        grey.thumbnail((_SIDE, _SIDE))
        least = max(16, min(grey.size) // _SMALLEST)
        levels = numpy.array(grey)
        found = classifier.detectMultiScale(levels, wish.step, wish.neighbours, minSize=(least, least))
        boxes = [_box(x, y, x + w, y + h, grey.size) for x, y, w, h in found]
        return sorted((Detection(kind, box) for box in boxes), key=lambda one: -one.area)

    return detect


@lru_cache(maxsize=4)
def _classifier(file: str) -> Any:
    try:
        import cv2
    except ImportError as error:
        raise MissingPackage("opencv-python-headless", say("finding faces")) from error
    return cv2.CascadeClassifier(str(Path(cv2.data.haarcascades) / file))


def as_rgb(picture: Image.Image) -> Image.Image:
    """A picture of ``images.open_layers`` as it is seen, transparent pixels on white."""
    return flattened(eight_bits(picture))


def _box(left: float, top: float, right: float, bottom: float, size: tuple[int, int]) -> Box:
    sides = (left / size[0], top / size[1], right / size[0], bottom / size[1])
    return Box(*(min(1.0, max(0.0, float(side))) for side in sides))


def focal_point(picture: Image.Image, found: Sequence[Detection]) -> tuple[float, float]:
    """What draws the eye: the largest face, else the largest of what was found, else the middle of contrast.

    Returns shares of the sides.

    Contrast is how much each place differs from its neighbours and how varied it is, in brightness and colour; the
    picture's middle counts a little more than its edge.
    """
    if found:
        faces = [one for one in found if one.kind in ("face", "head", "cat")]
        return max(faces or found, key=lambda one: one.area).box.middle
    small = as_rgb(picture).resize((_LOOK, _LOOK), Image.Resampling.BOX)
    levels = numpy.asarray(small, numpy.float64)
    weight = _edges(levels) + _variety(levels)
    weight *= _bell()
    total = weight.sum()
    if total <= 1e-9:
        return 0.5, 0.5
    weight = weight**2  # a few strong places, not the sum of many weak ones
    total = weight.sum()
    places = (numpy.arange(_LOOK) + 0.5) / _LOOK
    return float((weight.sum(0) * places).sum() / total), float((weight.sum(1) * places).sum() / total)


def _edges(levels: NDArray[numpy.float64]) -> NDArray[numpy.float64]:
    """(S, S, 3) -> (S, S): length of the gradient, over the colours."""
    down, across = numpy.gradient(levels, axis=(0, 1))
    lengths: NDArray[numpy.float64] = numpy.sqrt((down**2 + across**2).sum(-1))
    return lengths


def _variety(levels: NDArray[numpy.float64]) -> NDArray[numpy.float64]:
    """(S, S, 3) -> (S, S): entropy in bits of the brightness in the 5 x 5 places around each, in 16 steps."""
    grey = (levels.mean(-1) / 16).astype(int).clip(0, 15)
    padded = numpy.pad(grey, 2, mode="edge")
    around = numpy.lib.stride_tricks.sliding_window_view(padded, (5, 5)).reshape(_LOOK, _LOOK, 25)
    shares = numpy.stack([(around == step).mean(-1) for step in range(16)], -1)
    logs = numpy.log2(shares, out=numpy.zeros_like(shares), where=shares > 0)
    bits: NDArray[numpy.float64] = -(shares * logs).sum(-1)
    return bits


def _bell() -> NDArray[numpy.float64]:
    away = (numpy.arange(_LOOK) + 0.5) / _LOOK - 0.5
    line = numpy.exp(-((away / _CENTRE) ** 2) / 2)
    return numpy.outer(line, line)
