"""Tell what a picture shows by its pixels: colour and shape of a drawn thing, and whether it is Mochi.

Plain rules on colours and outlines, no trained model: whoever doubts a figure can follow them by hand.
"""

from functools import cache
from typing import NamedTuple

import numpy
from numpy.typing import NDArray
from PIL import Image

from lib_train.demo.character import CYAN, INK, ROSE
from lib_train.demo.world import COLOURS, SHAPES, Rgb, shape_mask

Mask = NDArray[numpy.bool_]
_FORM = 32  # outlines are compared at this side
_MIN_SHARE = 0.01  # a thing covers at least this share of the picture


class Reading(NamedTuple):
    """Colour and shape of the one thing in a picture, and the background's colour; None where nothing stands out."""

    colour: str | None
    shape: str | None
    background: str


def read(picture: Image.Image) -> Reading:
    """What a picture of one thing on a plain background shows."""
    pixels = numpy.asarray(picture.convert("RGB")).astype(numpy.float32)
    ground = _border_colour(pixels)
    mask = _largest(_distance(pixels, ground) > 60)
    background = nearest_colour(ground)
    if mask.mean() < _MIN_SHARE:
        return Reading(None, None, background)
    inner = _eroded(mask, 2)
    colour = numpy.median(pixels[inner if inner.any() else mask], axis=0)
    return Reading(nearest_colour(colour), nearest_shape(mask), background)


def is_mochi(picture: Image.Image) -> bool:
    """Whether the picture shows a cyan head, with two dark eyes side by side in it and a rose ear above each.

    Each rule is about colour and place only: the head is the largest cyan patch and covers 3 % of the picture; left
    and right half of its upper part each hold a dark patch, at about one height; above the middle of each half lies
    rose.
    """
    pixels = numpy.asarray(picture.convert("RGB")).astype(numpy.float32)
    head = _largest(_distance(pixels, CYAN) < 60)
    if head.mean() < 0.03:
        return False
    rows, columns = numpy.nonzero(head)
    top, bottom, left, right = rows.min(), rows.max(), columns.min(), columns.max()
    high, wide = bottom - top + 1, right - left + 1
    dark, rose = _distance(pixels, INK) < 90, _distance(pixels, ROSE) < 90
    heights = []
    for start in (left, left + wide // 2):
        eye = dark[top + high // 8 : top + high * 5 // 8, start + wide // 16 : start + wide * 7 // 16]
        ear = rose[max(0, top - high // 2) : top + high // 3, max(0, start - wide // 8) : start + wide * 5 // 8]
        if eye.mean() < 0.03 or ear.mean() < 0.03:
            return False
        heights.append(numpy.nonzero(eye)[0].mean())
    return bool(abs(heights[0] - heights[1]) < 0.15 * high)


def nearest_colour(rgb: NDArray[numpy.float32] | Rgb) -> str:
    """Name of the world's colour that is closest."""
    return min(COLOURS, key=lambda name: float(numpy.abs(numpy.subtract(COLOURS[name], rgb)).sum()))


def nearest_shape(mask: Mask) -> str:
    """Name of the shape whose outline overlaps best with the mask, both stretched to their bounding boxes."""
    form = _form(mask)
    overlap = {shape: (form & known).sum() / (form | known).sum() for shape, known in _known_forms().items()}
    return max(overlap, key=lambda shape: float(overlap[shape]))


@cache
def _known_forms() -> dict[str, Mask]:
    return {shape: _form(numpy.asarray(shape_mask(shape, 96)) > 127) for shape in SHAPES}


def _form(mask: Mask) -> Mask:
    """The mask's bounding box as a square; a flat box is padded, so that a bar does not become a square."""
    rows, columns = numpy.nonzero(mask)
    box = mask[rows.min() : rows.max() + 1, columns.min() : columns.max() + 1]
    side = max(box.shape)
    padded = numpy.zeros((side, side), bool)
    top, left = (side - box.shape[0]) // 2, (side - box.shape[1]) // 2
    padded[top : top + box.shape[0], left : left + box.shape[1]] = box
    return numpy.asarray(Image.fromarray(padded).resize((_FORM, _FORM), Image.BILINEAR), bool)


def _border_colour(pixels: NDArray[numpy.float32]) -> NDArray[numpy.float32]:
    edge = numpy.concatenate([pixels[:3].reshape(-1, 3), pixels[-3:].reshape(-1, 3), pixels[:, :3].reshape(-1, 3),
                              pixels[:, -3:].reshape(-1, 3)])  # fmt: skip
    return numpy.asarray(numpy.median(edge, axis=0), numpy.float32)


def _distance(pixels: NDArray[numpy.float32], rgb: NDArray[numpy.float32] | Rgb) -> NDArray[numpy.float32]:
    return numpy.asarray(numpy.linalg.norm(pixels - numpy.asarray(rgb, numpy.float32), axis=-1), numpy.float32)


def _eroded(mask: Mask, times: int) -> Mask:
    for _ in range(times):
        padded = numpy.pad(mask, 1)
        mask = mask & padded[:-2, 1:-1] & padded[2:, 1:-1] & padded[1:-1, :-2] & padded[1:-1, 2:]
    return mask


def _largest(mask: Mask) -> Mask:
    """The largest connected patch of a mask; an empty mask stays empty."""
    labels = numpy.arange(1, mask.size + 1).reshape(mask.shape) * mask
    while True:
        padded = numpy.pad(labels, 1)
        around = [padded[:-2, 1:-1], padded[2:, 1:-1], padded[1:-1, :-2], padded[1:-1, 2:]]
        spread = numpy.maximum.reduce([labels, *around]) * mask
        spread = spread.reshape(-1)
        spread = numpy.where(mask.reshape(-1), spread[numpy.maximum(spread - 1, 0)], 0).reshape(mask.shape)
        if (spread == labels).all():
            break
        labels = spread
    if not mask.any():
        return mask
    counts = numpy.bincount(labels[mask])
    return numpy.asarray(labels == counts.argmax())
