import sys

import numpy
import pytest
from PIL import Image, ImageDraw

from lib_train.errors import ConfigError, MissingPackage
from lib_train.pictures import faces
from lib_train.pictures.crops import Box
from lib_train.pictures.faces import Detection, as_rgb, by_cascade, focal_point


def detailed(place, size=(240, 160)):
    """A plain picture with something detailed about a place."""
    picture = Image.new("RGB", size, "#8090a0")
    draw = ImageDraw.Draw(picture)
    x, y = place
    for ring in range(6):
        draw.ellipse((x - 24 + 4 * ring, y - 24 + 4 * ring, x + 24 - 4 * ring, y + 24 - 4 * ring),
                     outline="black" if ring % 2 else "white", width=2)  # fmt: skip
    return picture


@pytest.mark.parametrize("place", [(60, 50), (180, 110), (120, 80)])
def test_focal_point_is_where_something_is(place):
    x, y = focal_point(detailed(place), ())
    assert (x * 240, y * 160) == pytest.approx(place, abs=14)


def test_focal_point_of_a_plain_picture_is_its_middle_and_faces_win_over_contrast():
    assert focal_point(Image.new("RGB", (64, 64), "red"), ()) == pytest.approx((0.5, 0.5), abs=0.02)
    small, large = Detection("face", Box(0, 0, 0.1, 0.1)), Detection("face", Box(0.6, 0.6, 1, 0.8))
    assert focal_point(detailed((60, 50)), [small, large]) == pytest.approx((0.8, 0.7))


def test_pictures_of_every_mode_are_seen_as_they_are_trained():
    assert as_rgb(Image.new("RGBA", (2, 2), (0, 0, 0, 0))).getpixel((0, 0)) == (255, 255, 255)
    sixteen = Image.fromarray(numpy.full((2, 2), 257 * 100, numpy.int32), "I")
    assert as_rgb(sixteen).getpixel((0, 0)) == (100, 100, 100)
    assert as_rgb(Image.new("LA", (2, 2), (7, 255))).getpixel((0, 0)) == (7, 7, 7)


def test_face_drawn_as_the_cascade_knows_it_is_framed():
    pytest.importorskip("cv2", reason="OpenCV is not installed")
    found = by_cascade("face")(face_at(100, 60, 120))
    assert [one.kind for one in found] == ["face"]
    left, top, right, bottom = found[0].box.pixels((320, 240))
    assert ((left + right) / 2, (top + bottom) / 2) == pytest.approx((160, 120), abs=18)
    assert by_cascade("face")(Image.new("RGB", (320, 240), "gray")) == []


def face_at(x, y, side, size=(320, 240)):
    """Eyes, brows, nose and mouth in the light and dark that Viola and Jones' rectangles look for."""
    shades = Image.new("L", (24, 24), 190)
    draw = ImageDraw.Draw(shades)
    draw.rectangle((0, 0, 23, 3), fill=120)
    for eye in (5, 14):
        draw.rectangle((eye - 1, 6, eye + 5, 7), fill=70)
        draw.rectangle((eye, 8, eye + 4, 10), fill=50)
    draw.rectangle((11, 8, 12, 15), fill=225)
    draw.rectangle((9, 15, 14, 16), fill=130)
    draw.rectangle((7, 18, 16, 20), fill=80)
    draw.rectangle((0, 0, 1, 23), fill=110)
    draw.rectangle((22, 0, 23, 23), fill=110)
    picture = Image.new("RGB", size, (128, 128, 128))
    picture.paste(shades.resize((side, side), Image.Resampling.BICUBIC).convert("RGB"), (x, y))
    return picture


def test_missing_opencv_is_named(monkeypatch):
    monkeypatch.setitem(sys.modules, "cv2", None)
    faces._classifier.cache_clear()
    with pytest.raises(MissingPackage, match="finding faces needs the package opencv-python-headless"):
        by_cascade("face")
    faces._classifier.cache_clear()


def test_detector_that_is_none_is_named():
    with pytest.raises(ConfigError, match="detector = 'dog': must be one of face, cat"):
        by_cascade("dog")
