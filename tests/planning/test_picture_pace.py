import json
from dataclasses import replace

import pytest

from lib_train.picture_request import PictureRequest
from lib_train.planning.picture_pace import PicturePace, Taken

ONE = PictureRequest(prompt="a", steps=10, width=64, height=64)


@pytest.fixture
def pace(tmp_path):
    return PicturePace(tmp_path, "cpu", "model")


def test_time_is_that_of_the_median_picture_by_steps_and_pixels(pace):
    assert pace.seconds([ONE]) is None
    pace.keep([Taken(ONE, seconds) for seconds in (2.0, 90.0, 2.0)])
    assert pace.seconds([ONE, replace(ONE, steps=20), replace(ONE, width=128, height=128)]) == pytest.approx(2 + 4 + 8)
    assert pace.seconds([]) == 0


def test_each_sampler_has_its_own_time_where_one_is_known(pace):
    pace.keep([Taken(ONE, 2.0), Taken(replace(ONE, sampler="Heun"), 4.0), Taken(ONE, 2.0)])
    found = [pace.seconds([replace(ONE, sampler=name)]) for name in ("Euler a", "Heun", "DDIM")]
    assert found == pytest.approx([2, 4, 2])


def test_other_devices_and_models_tell_nothing_and_old_pictures_are_forgotten(pace, tmp_path):
    pace.keep([Taken(ONE, 2.0)] * 300)
    assert PicturePace(tmp_path, "cuda", "model").seconds([ONE]) is None
    assert PicturePace(tmp_path, "cpu", "other").seconds([ONE]) is None
    assert len(json.loads((tmp_path / "picture_pace.json").read_text())["pictures"]) == 200


@pytest.mark.parametrize("text", ["", "[]", "{", '{"pictures": 3}', '{"pictures": [1, {"work": "x", "seconds": 1}]}'])
def test_a_damaged_file_tells_nothing(pace, tmp_path, text):
    (tmp_path / "picture_pace.json").write_text(text)
    assert pace.seconds([ONE]) is None
