"""Which part of a picture is cut out: boxes as shares of its sides, so that they hold for its mask too.

W and H are a picture's width and height in pixels. Opens no file.
"""

from collections.abc import Sequence
from typing import NamedTuple

from lib_train.errors import ConfigError, Problem
from lib_train.texts import say

_LEAST = 8
"""Pixels of a side that can be trained on."""
_HEAD, _HEAD_ABOVE = 1.9, 0.62
"""Height of a head with its hair by that of a face as detectors frame it, and how much lies above its middle."""
_UPPER_WIDTH, _UPPER_HEIGHT = 3.6, 4.2
"""Of the upper body, by the face's width and height; from the top of the head down to the waist."""


class Box(NamedTuple):
    """A part of a picture, each side as a share of the picture's, 0 to 1."""

    left: float
    top: float
    right: float
    bottom: float

    def pixels(self, size: tuple[int, int]) -> tuple[int, int, int, int]:
        """Left, top, right and bottom in whole pixels of a picture of this size; at least one pixel each way."""
        (width, height), (left, top, right, bottom) = size, self
        x, y = min(round(left * width), width - 1), min(round(top * height), height - 1)
        return x, y, max(x + 1, round(right * width)), max(y + 1, round(bottom * height))

    @property
    def middle(self) -> tuple[float, float]:
        return (self.left + self.right) / 2, (self.top + self.bottom) / 2


WHOLE = Box(0.0, 0.0, 1.0, 1.0)


def box_of(values: Sequence[float], size: tuple[int, int] | None = None) -> Box:
    """A box that somebody gave.

    Args:
        size: of the picture, of which the box must have 8 pixels each way.

    Raises:
        ConfigError: it is none: names the values.
    """
    fits = len(values) == 4 and all(0 <= value <= 1 for value in values)
    if not fits or values[0] >= values[2] or values[1] >= values[3]:
        remedy = say("give left, top, right and bottom as shares of the picture: 0 <= left < right <= 1")
        raise ConfigError([Problem("box", list(values), remedy)])
    found = Box(*values)
    if size is not None:
        left, top, right, bottom = found.pixels(size)
        if min(right - left, bottom - top) < _LEAST:
            what = f"{right - left} x {bottom - top}"
            remedy = say("is {size} pixels: too small to train on; choose a larger part", size=what)
            raise ConfigError([Problem("box", list(values), remedy)])
    return found


def held_to(box: Box, size: tuple[int, int], ratio: float) -> Box:
    """The smallest box of these proportions around a box; a smaller one about its middle where the picture ends.

    Args:
        ratio: width by height, in pixels.
    """
    width, height = (box.right - box.left) * size[0], (box.bottom - box.top) * size[1]
    wide = max(width, height * ratio)
    scale = min(1.0, size[0] / wide, size[1] * ratio / wide)
    return moved_inside(box.middle, wide * scale / size[0], wide * scale / ratio / size[1])


def moved_inside(middle: tuple[float, float], width: float, height: float) -> Box:
    """A box of these shares about a point, moved so that it lies in the picture."""
    width, height = min(1.0, width), min(1.0, height)
    left = min(max(0.0, middle[0] - width / 2), 1.0 - width)
    top = min(max(0.0, middle[1] - height / 2), 1.0 - height)
    return Box(left, top, left + width, top + height)


def scaled(middle: tuple[float, float], size: tuple[int, int], share: float, ratio: float | None = None) -> Box:
    """A box about a point whose sides are this share of the picture's, or of the largest box of these proportions."""
    largest = held_to(WHOLE, size, ratio) if ratio else WHOLE
    return moved_inside(middle, (largest.right - largest.left) * share, (largest.bottom - largest.top) * share)


def head_of(face: Box) -> Box:
    """The head with its hair, about a face."""
    width, height = face.right - face.left, face.bottom - face.top
    x, y = face.middle
    top = y - _HEAD * height * _HEAD_ABOVE
    return _cut(Box(x - _HEAD * width / 2, top, x + _HEAD * width / 2, top + _HEAD * height))


def upper_body_of(face: Box) -> Box:
    """Head, shoulders and arms down to the waist, below a face."""
    width, height = face.right - face.left, face.bottom - face.top
    (x, _), top = face.middle, head_of(face).top
    return _cut(Box(x - _UPPER_WIDTH * width / 2, top, x + _UPPER_WIDTH * width / 2, top + _UPPER_HEIGHT * height))


def joined_box(boxes: Sequence[Box]) -> Box:
    """The smallest box around all."""
    left, top, right, bottom = zip(*boxes, strict=True)
    return Box(min(left), min(top), max(right), max(bottom))


def grown(box: Box, share: float) -> Box:
    """The box with a margin of this share of its sides, cut where the picture ends."""
    across, down = (box.right - box.left) * share, (box.bottom - box.top) * share
    return _cut(Box(box.left - across, box.top - down, box.right + across, box.bottom + down))


def _cut(box: Box) -> Box:
    return Box(*(min(1.0, max(0.0, side)) for side in box))
