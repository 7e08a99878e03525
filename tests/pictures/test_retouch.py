import numpy
import pytest
from PIL import Image

from lib_train.errors import ConfigError
from lib_train.pictures.crops import Box
from lib_train.pictures.retouch import (
    color_of,
    covering,
    crop,
    enlarge,
    mirror,
    on_color,
    pad,
    reduce,
    rotate,
    then,
)

MODES = ("L", "LA", "RGB", "RGBA", "I")


def drawn(mode="RGB", size=(24, 16)):
    """A picture whose every pixel is another."""
    values = numpy.arange(size[0] * size[1]).reshape(size[1], size[0])
    if mode == "I":
        return Image.fromarray((values * 160).astype(numpy.int32), "I")
    channels = len(Image.new(mode, (1, 1)).getbands())
    layers = [((values * (3 + 2 * number)) % 256).astype(numpy.uint8) for number in range(channels)]
    return Image.merge(mode, [Image.fromarray(layer) for layer in layers])


def pixels(picture):
    return numpy.asarray(picture)


@pytest.mark.parametrize("mode", MODES)
def test_crop_mirror_and_turns_keep_every_pixel_and_the_mode(mode):
    picture = drawn(mode)
    before = pixels(picture)
    part = crop(Box(0.25, 0.5, 0.75, 1)).picture(picture)
    assert (part.mode, pixels(part).tolist()) == (mode, before[8:16, 6:18].tolist())
    assert pixels(mirror().picture(picture)).tolist() == before[:, ::-1].tolist()
    for degrees, turns in ((90, -1), (180, 2), (270, 1)):
        assert pixels(rotate(degrees).picture(picture)).tolist() == numpy.rot90(before, turns).tolist()


def test_crop_is_held_to_the_training_proportions():
    assert crop(Box(0, 0, 0.5, 1), ratio=1.0).picture(drawn()).size == (16, 16)


@pytest.mark.parametrize("mode", MODES)
def test_padded_picture_has_the_proportions_and_the_colour_around_the_whole_picture(mode):
    picture = drawn(mode)
    made = pad(0.5, "#ff0000").picture(picture)
    assert (made.mode, made.size) == (mode, (24, 48))
    assert pixels(made)[16:32].tolist() == pixels(picture).tolist()
    grey = round(0.299 * 255)
    corner = {"L": grey, "LA": (grey, 255), "RGB": (255, 0, 0), "RGBA": (255, 0, 0, 255), "I": grey * 257}[mode]
    assert made.getpixel((0, 0)) == corner
    assert pad(0.5).mask(Image.new("L", (24, 16), 255)).getpixel((0, 0)) == 0


@pytest.mark.parametrize("mode", MODES)
def test_sizes_are_multiplied_and_plain_levels_stay(mode):
    level = 40_000 if mode == "I" else 200
    plain = (
        Image.fromarray(numpy.full((10, 20), level, numpy.int32), "I")
        if mode == "I"
        else Image.new("L", (20, 10), level)
    )
    plain = plain if mode == "I" else plain.convert(mode)
    for made, size in ((enlarge(2.5).picture(plain), (50, 25)), (reduce(0.5).picture(plain), (10, 5))):
        assert (made.mode, made.size) == (mode, size)
        assert numpy.unique(pixels(made)[..., 0] if pixels(made).ndim == 3 else pixels(made)).tolist() == [level]


def test_sixteen_bits_stay_between_black_and_white_when_lanczos_overshoots():
    values = numpy.zeros((16, 16), numpy.int32)
    values[:, 8:] = 65535
    made = pixels(enlarge(3).picture(Image.fromarray(values, "I")))
    assert (made.min(), made.max()) == (0, 65535)


def test_transparent_colours_do_not_bleed_when_enlarged():
    picture = Image.new("RGBA", (8, 8), (0, 255, 0, 0))
    picture.paste((255, 0, 0, 255), (0, 0, 4, 8))
    made = pixels(enlarge(4).picture(picture)).astype(int)
    seen = made[made[..., 3] > 8]
    assert seen[:, 1].max() <= 4


@pytest.mark.parametrize(
    ("mode", "given"), [("L", "RGB"), ("LA", "RGBA"), ("RGB", "RGB"), ("RGBA", "RGBA"), ("I", "RGB")]
)
def test_enlarging_by_an_upscaler_gives_the_size_that_was_asked_for(mode, given):
    asked = []

    def upscale(picture, factor):
        asked.append((picture.mode, picture.size, factor))
        return picture.resize((picture.width * 4, picture.height * 4), Image.Resampling.NEAREST)

    change = enlarge(2, upscale)
    assert change.picture(drawn(mode)).size == (48, 32)
    assert asked == [(given, (24, 16), 2)]
    assert change.mask(Image.new("L", (24, 16))).size == (48, 32)


def test_picture_is_enlarged_just_so_much_that_it_covers_a_size():
    change = covering((48, 24))
    assert change.picture(drawn()).size == (48, 32)
    assert change.mask(Image.new("L", (24, 16))).size == (48, 32)
    large = drawn(size=(48, 30))
    assert change.picture(large) is large


def test_one_after_the_other_changes_picture_and_mask_alike():
    change = then(crop(Box(0, 0, 0.5, 1)), mirror())
    before = pixels(drawn())
    assert change.word == "crop"
    assert pixels(change.picture(drawn())).tolist() == before[:, 11::-1].tolist()
    assert pixels(change.mask(drawn("L"))).tolist() == pixels(drawn("L"))[:, 11::-1].tolist()


def test_what_is_transparent_lies_on_the_colour_afterwards():
    picture = Image.new("RGBA", (2, 1), (255, 0, 0, 255))
    picture.putpixel((1, 0), (9, 9, 9, 0))
    made = on_color("#00ff00").picture(picture)
    assert (made.mode, made.getpixel((0, 0)), made.getpixel((1, 0))) == ("RGB", (255, 0, 0), (0, 255, 0))
    assert on_color("white").picture(Image.new("LA", (1, 1), (5, 0))).getpixel((0, 0)) == 255
    opaque = drawn()
    assert on_color("white").picture(opaque) is opaque


@pytest.mark.parametrize(
    ("act", "told"),
    [
        (lambda: rotate(45), "degrees = 45: must be one of 90, 180, 270"),
        (lambda: enlarge(1), "factor = 1: must be above 1 and at most 8"),
        (lambda: enlarge(float("nan")), "factor = nan"),
        (lambda: reduce(1), "factor = 1: must be above 0 and below 1"),
        (lambda: on_color("#12"), "color = '#12': is no color; give one such as #ffffff"),
        (lambda: enlarge(8).picture(Image.new("L", (4000, 10))), "is more than 16384 pixels a side"),
        (lambda: pad(0.001).picture(Image.new("L", (400, 10))), "is more than 16384 pixels a side"),
        (lambda: crop(Box(0, 0, 0.1, 1)).picture(drawn()), "too small to train on; choose a larger part"),
    ],
)  # fmt: skip
def test_what_cannot_be_done_is_named(act, told):
    with pytest.raises(ConfigError, match=told):
        act()


def test_colours_are_read_with_and_without_their_sign():
    assert color_of("ff8000") == color_of("#FF8000") == (255, 128, 0)
    assert color_of("white") == (255, 255, 255)
