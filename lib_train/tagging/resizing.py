"""Square pictures resized as OpenCV does it, which some taggers were trained on: area when smaller, cubic when larger.

Pillow has neither: its BOX weighs whole pixels only, and its BICUBIC has another constant and widens when it shrinks.
"""

from functools import lru_cache
from math import ceil, floor

import numpy
from numpy.typing import NDArray

_CUBIC = -0.75
"""OpenCV's constant; Pillow's is -0.5."""
Pixels = NDArray[numpy.uint8]
_Taps = tuple[tuple[int, NDArray[numpy.float64]], ...]
"""For each new pixel: the first old one, and the weights of it and those behind it."""


def resized(pixels: Pixels, side: int) -> Pixels:
    """(N, N, 3) -> (side, side, 3), with INTER_AREA when it shrinks and INTER_CUBIC when it grows."""
    size = pixels.shape[0]
    if size == side:
        return pixels
    taps = _area(size, side) if size > side else _cubic(size, side)
    half = _along_first(pixels, taps)
    whole = _along_first(half.transpose(1, 0, 2), taps).transpose(1, 0, 2)
    rounded = numpy.floor(whole + 0.5) if size == 2 * side else numpy.rint(whole)  # a case of its own in OpenCV
    return rounded.clip(0, 255).astype(numpy.uint8)


def _along_first(pixels: NDArray[numpy.float64] | Pixels, taps: _Taps) -> NDArray[numpy.float64]:
    return numpy.stack([numpy.tensordot(weights, pixels[at : at + len(weights)], 1) for at, weights in taps])


@lru_cache(maxsize=64)
def _area(size: int, side: int) -> _Taps:
    """Weights by how much of each old pixel a new one covers."""
    found = []
    for place in range(side):
        begins, ends = place * size / side, (place + 1) * size / side
        old = numpy.arange(floor(begins), min(ceil(ends), size))
        covered = numpy.minimum(old + 1, ends) - numpy.maximum(old, begins)
        found.append((int(old[0]), covered / covered.sum()))
    return tuple(found)


@lru_cache(maxsize=64)
def _cubic(size: int, side: int) -> _Taps:
    """Weights of the four old pixels around a new one's centre; beyond the edge lies the edge's own pixel."""
    found = []
    for place in range(side):
        centre = (place + 0.5) * size / side - 0.5
        before = floor(centre)
        weights = _kernel(centre - before)
        old = numpy.clip(numpy.arange(before - 1, before + 3), 0, size - 1)
        first = int(old[0])
        summed = numpy.zeros(int(old[-1]) - first + 1)
        numpy.add.at(summed, old - first, weights)
        found.append((first, summed))
    return tuple(found)


def _kernel(x: float) -> NDArray[numpy.float64]:
    """Keys' cubic kernel at -1 - x, -x, 1 - x and 2 - x."""

    def near(t: float) -> float:
        return ((_CUBIC + 2) * t - (_CUBIC + 3)) * t * t + 1

    def far(t: float) -> float:
        return ((_CUBIC * t - 5 * _CUBIC) * t + 8 * _CUBIC) * t - 4 * _CUBIC

    return numpy.array([far(1 + x), near(x), near(1 - x), far(2 - x)])
