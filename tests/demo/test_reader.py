import pytest
from PIL import Image, ImageFilter

from lib_train.demo.reader import nearest_colour, read
from lib_train.demo.world import COLOURS, SHAPES, Scene, Thing, draw


@pytest.mark.parametrize("shape", SHAPES)
def test_reader_tells_shape_colour_and_background_also_when_blurred(shape):
    picture = draw(Scene("blue", (Thing(shape, "yellow", 0.45, 0.52, 0.3),)))
    for seen in (picture, picture.filter(ImageFilter.GaussianBlur(1.5))):
        assert read(seen) == ("yellow", shape, "blue")


def test_reader_sees_nothing_on_an_empty_background():
    assert read(Image.new("RGB", (128, 128), COLOURS["green"])) == (None, None, "green")


def test_nearest_colour_of_a_faded_one():
    assert nearest_colour((200, 60, 60)) == "red"
