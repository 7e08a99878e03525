"""To the bit against the same steps in plain numpy, written out for one picture."""

import numpy
import pytest
from PIL import Image

from lib_train.tagging.preprocess import for_cl, for_joytag, for_wd, for_wd_timm, white_square
from lib_train.tagging.resizing import resized

SIDE = 12


def picture(width, height):
    pixels = numpy.random.default_rng(width).integers(0, 256, (height, width, 3), dtype=numpy.uint8)
    return Image.fromarray(pixels)


SIZES = [(12, 12), (20, 9), (5, 7), (30, 30)]


def square_of(one):
    """White around it, as numpy pads."""
    pixels, side = numpy.asarray(one), max(one.size)
    top, left = (side - one.height) // 2, (side - one.width) // 2
    around = ((top, side - one.height - top), (left, side - one.width - left), (0, 0))
    return numpy.pad(pixels, around, constant_values=255)


@pytest.mark.parametrize("size", SIZES)
def test_square_is_white_around_the_picture(size):
    assert numpy.array_equal(numpy.asarray(white_square(picture(*size))), square_of(picture(*size)))


def test_odd_pixel_is_right_or_below():
    square = numpy.asarray(white_square(Image.new("RGB", (2, 5))))
    assert (square[0, :, 0] == 0).tolist() == [False, True, True, False, False]


@pytest.mark.parametrize("size", SIZES)
def test_wd_takes_blue_green_red_up_to_255(size):
    (found,) = for_wd([picture(*size)], SIDE)
    red, green, blue = (resized(square_of(picture(*size)), SIDE)[..., colour] for colour in range(3))
    assert (found.shape, found.dtype) == ((SIDE, SIDE, 3), numpy.float32)
    for channel, level in enumerate((blue, green, red)):
        assert numpy.array_equal(found[..., channel], level.astype(numpy.float32))


@pytest.mark.parametrize("size", SIZES)
def test_cl_takes_blue_green_red_around_0_with_the_colours_first(size):
    (found,) = for_cl([picture(*size)], SIDE)
    levels = resized(square_of(picture(*size)), SIDE).astype(numpy.float32)
    assert (found.shape, found.dtype) == ((3, SIDE, SIDE), numpy.float32)
    for channel, colour in enumerate((2, 1, 0)):
        wanted = levels[..., colour] / numpy.float32(127.5) - numpy.float32(1)
        assert numpy.array_equal(found[channel], wanted)


def bicubic(size):
    square = Image.fromarray(square_of(picture(*size)))
    fitted = square if square.width == SIDE else square.resize((SIDE, SIDE), Image.Resampling.BICUBIC)
    return numpy.asarray(fitted).astype(numpy.float32) / numpy.float32(255)


@pytest.mark.parametrize("size", SIZES)
def test_joytag_takes_red_green_blue_by_clip_s_numbers(size):
    (found,) = for_joytag([picture(*size)], SIDE)
    mean, deviation = (0.48145466, 0.4578275, 0.40821073), (0.26862954, 0.26130258, 0.27577711)
    for colour in range(3):
        wanted = (bicubic(size)[..., colour] - numpy.float32(mean[colour])) / numpy.float32(deviation[colour])
        assert numpy.array_equal(found[colour], wanted)


@pytest.mark.parametrize("size", SIZES)
def test_wd_of_timm_takes_blue_green_red_by_its_own_numbers_of_red_green_blue(size):
    mean, deviation = (0.5, 0.4, 0.3), (0.5, 0.25, 0.125)
    (found,) = for_wd_timm([picture(*size)], SIDE, mean, deviation)
    for channel, colour in enumerate((2, 1, 0)):
        wanted = (bicubic(size)[..., colour] - numpy.float32(mean[colour])) / numpy.float32(deviation[colour])
        assert numpy.array_equal(found[channel], wanted)


def test_pictures_of_a_batch_are_as_each_alone():
    pictures = [picture(*size) for size in SIZES]
    for prepare in (for_wd, for_cl, for_joytag):
        batch = prepare(pictures, SIDE)
        assert batch.flags["C_CONTIGUOUS"]
        for place, one in enumerate(pictures):
            assert numpy.array_equal(batch[place], prepare([one], SIDE)[0])
