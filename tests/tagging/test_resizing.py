"""Against the sums written out pixel by pixel."""

from math import floor

import numpy
import pytest

from lib_train.tagging.resizing import resized


def noise(side):
    return numpy.random.default_rng(side).integers(0, 256, (side, side, 3), dtype=numpy.uint8)


def area_by_pixel(pixels, side):
    """Each new pixel is the mean of what it covers."""
    size, found = len(pixels), numpy.zeros((side, side, 3))
    share = size / side
    for down in range(side):
        for across in range(side):
            total = numpy.zeros(3)
            for y in range(size):
                for x in range(size):
                    high = max(0.0, min(y + 1, (down + 1) * share) - max(y, down * share))
                    wide = max(0.0, min(x + 1, (across + 1) * share) - max(x, across * share))
                    total += high * wide * pixels[y, x]
            found[down, across] = total / share**2
    return found


def cubic_by_pixel(pixels, side):
    """Keys' kernel with a = -0.75, the edge's pixels beyond the edge."""

    def weight(t):
        t = abs(t)
        if t <= 1:
            return 1.25 * t**3 - 2.25 * t**2 + 1
        return -0.75 * t**3 + 3.75 * t**2 - 6 * t + 3 if t < 2 else 0.0

    size, found = len(pixels), numpy.zeros((side, side, 3))
    for down in range(side):
        for across in range(side):
            y, x = ((place + 0.5) * size / side - 0.5 for place in (down, across))
            for row in range(floor(y) - 1, floor(y) + 3):
                for column in range(floor(x) - 1, floor(x) + 3):
                    old = pixels[min(max(row, 0), size - 1), min(max(column, 0), size - 1)]
                    found[down, across] += weight(y - row) * weight(x - column) * old
    return found


@pytest.mark.parametrize(("size", "side"), [(9, 8), (16, 8), (13, 5), (31, 8), (8, 1)])
def test_smaller_square_is_the_area_s_mean(size, side):
    exact = area_by_pixel(noise(size), side)
    assert numpy.abs(resized(noise(size), side) - exact).max() <= 0.5 + 1e-9


@pytest.mark.parametrize(("size", "side"), [(7, 8), (5, 13), (1, 4), (8, 20)])
def test_larger_square_is_cubic_as_opencv_has_it(size, side):
    exact = cubic_by_pixel(noise(size), side).clip(0, 255)
    assert numpy.abs(resized(noise(size), side) - exact).max() <= 0.5 + 1e-9


def test_square_of_the_right_size_is_left():
    pixels = noise(8)
    assert resized(pixels, 8) is pixels


def columns(*levels):
    return numpy.repeat(numpy.array([levels], numpy.uint8), len(levels), axis=0)[..., None].repeat(3, axis=2)


@pytest.mark.parametrize(("levels", "comes"), [((0, 1), 1), ((1, 2), 2), ((0, 1, 0, 1), 0), ((1, 2, 1, 2), 2)], ids=str)
def test_halves_go_to_the_even_level_but_up_where_two_pixels_become_one_as_opencv_does(levels, comes):
    assert resized(columns(*levels), 1).tolist() == [[[comes] * 3]]
