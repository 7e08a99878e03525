import pytest

from lib_train.errors import ConfigError
from lib_train.pictures.crops import (
    WHOLE,
    Box,
    box_of,
    grown,
    head_of,
    held_to,
    joined_box,
    scaled,
    upper_body_of,
)


def ratio_of(box, size):
    return (box.right - box.left) * size[0] / ((box.bottom - box.top) * size[1])


def is_inside(box):
    return -1e-9 <= box.left < box.right <= 1 + 1e-9 and -1e-9 <= box.top < box.bottom <= 1 + 1e-9


def test_box_is_told_in_whole_pixels():
    assert Box(0.25, 0.5, 0.75, 1).pixels((100, 60)) == (25, 30, 75, 60)
    assert Box(0.999, 0, 1, 0.001).pixels((100, 60)) == (99, 0, 100, 1)


@pytest.mark.parametrize("size", [(100, 60), (60, 100), (512, 512)])
@pytest.mark.parametrize("ratio", [0.5, 1.0, 2 / 3, 3.0])
@pytest.mark.parametrize("box", [Box(0.4, 0.4, 0.5, 0.9), Box(0, 0, 0.2, 0.1), Box(0.9, 0.9, 1, 1), WHOLE])
def test_box_that_is_held_to_proportions_has_them_and_lies_in_the_picture(size, ratio, box):
    found = held_to(box, size, ratio)
    assert ratio_of(found, size) == pytest.approx(ratio)
    assert is_inside(found)


def test_box_that_is_held_contains_what_was_asked_where_the_picture_has_room():
    box = Box(0.4, 0.3, 0.5, 0.6)
    found = held_to(box, (100, 100), 1.0)
    assert found == pytest.approx((0.3, 0.3, 0.6, 0.6))
    assert held_to(Box(0, 0.3, 0.1, 0.6), (100, 100), 1.0) == pytest.approx((0, 0.3, 0.3, 0.6))


def test_scaled_box_is_a_share_of_the_largest_and_about_its_point():
    assert scaled((0.5, 0.5), (100, 100), 0.5) == pytest.approx((0.25, 0.25, 0.75, 0.75))
    found = scaled((0.0, 1.0), (200, 100), 0.5, 1.0)
    assert (found.left, found.bottom, ratio_of(found, (200, 100))) == pytest.approx((0, 1, 1))
    assert (found.right - found.left) == pytest.approx(0.25)


def test_head_and_upper_body_hold_the_face_and_stay_in_the_picture():
    for face in (Box(0.4, 0.3, 0.6, 0.5), Box(0, 0, 0.1, 0.1), Box(0.8, 0.8, 1, 1)):
        head, upper = head_of(face), upper_body_of(face)
        assert joined_box([head, face]) == head
        assert joined_box([upper, head])[1::2] == upper[1::2]
        assert is_inside(head)
        assert is_inside(upper)
    assert grown(Box(0.4, 0.4, 0.6, 0.6), 0.5) == pytest.approx((0.3, 0.3, 0.7, 0.7))


@pytest.mark.parametrize(
    "values", [(), (0, 0, 1), (0, 0, 0, 1), (0.5, 0, 0.4, 1), (-0.1, 0, 1, 1), (0, 0, 1, float("nan"))]
)
def test_values_that_are_no_box_are_named(values):
    with pytest.raises(ConfigError, match="give left, top, right and bottom as shares"):
        box_of(values)


def test_box_of_a_few_pixels_is_refused():
    with pytest.raises(ConfigError, match="is 5 x 100 pixels: too small to train on"):
        box_of((0, 0, 0.05, 1), (100, 100))
