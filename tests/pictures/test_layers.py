import io

import numpy
import pytest
from PIL import Image

from lib_train.pictures.images import open_layers
from lib_train.pictures.layers import layered


def saved(picture, kind="PNG", **options):
    out = io.BytesIO()
    picture.save(out, kind, **options)
    out.seek(0)
    return out


@pytest.mark.parametrize(
    ("mode", "becomes"),
    [
        ("1", "L"),
        ("L", "L"),
        ("LA", "LA"),
        ("P", "RGB"),
        ("RGB", "RGB"),
        ("RGBA", "RGBA"),
        ("CMYK", "RGB"),
        ("PA", "RGBA"),
    ],
)
def test_every_mode_becomes_one_that_is_worked_on(mode, becomes):
    assert layered(Image.new(mode, (2, 2))).mode == becomes


def test_sixteen_bits_of_grey_stay_but_where_a_level_is_transparent(tmp_path):
    values = numpy.array([[0, 40_000, 65_535]], numpy.uint16)
    picture = Image.fromarray(values)
    found = open_layers(tmp_path / "a.png", saved(picture))
    assert (found.mode, numpy.asarray(found).tolist()) == ("I", values.tolist())
    picture.info["transparency"] = 40_000
    clear = layered(picture)
    assert (clear.mode, clear.getpixel((1, 0))[1], clear.getpixel((2, 0))) == ("LA", 0, (255, 255))


def test_transparent_colour_of_a_palette_becomes_a_layer(tmp_path):
    picture = Image.new("P", (2, 1))
    picture.putpalette([255, 0, 0, 0, 0, 255])
    picture.putpixel((1, 0), 1)
    found = open_layers(tmp_path / "a.png", saved(picture, transparency=0))
    assert (found.mode, found.getpixel((0, 0))[3], found.getpixel((1, 0))) == ("RGBA", 0, (0, 0, 255, 255))


def test_layers_are_upright(tmp_path):
    exif = Image.Exif()
    exif[0x0112] = 8
    found = open_layers(tmp_path / "a.jpg", saved(Image.new("RGB", (8, 4)), "JPEG", exif=exif))
    assert found.size == (4, 8)
