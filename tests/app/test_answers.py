from pathlib import Path

import pytest

from lib_train.app.answers import answer_picture, answer_pictures, answer_plan, answer_preset
from lib_train.config.codec import config_of
from lib_train.config.presets import PRESETS, preset_config
from lib_train.errors import Problem
from lib_train.pictures.records import Fit, Picture, Scan


def picture(path: Path) -> Picture:
    return Picture(path=path, width=200, height=100, caption="mochi", repeats=3, folder="3_mochi", is_reg=False)


def test_crop_is_told_in_shares_of_the_sides_and_not_where_chance_chooses_it():
    fit = Fit(bucket=(128, 64), resized=(160, 64))
    answer = answer_picture(picture(Path("a.png")), fit, cropped_by_chance=False)
    assert answer["bucket"] == [128, 64]
    assert answer["crop"] == pytest.approx([0.1, 0, 0.8, 1])
    assert answer_picture(picture(Path("a.png")), fit, cropped_by_chance=True)["crop"] is None


def test_pictures_have_their_places_and_problems_paths_from_the_root(tmp_path):
    problem = Problem("train_data_dir", str(tmp_path / "p" / "b.png"), "cannot be read")
    answer = answer_pictures(Scan(pictures=(picture(tmp_path / "a.png"),) * 2, problems=(problem,)), tmp_path)
    assert [(one["index"], one["name"], one["repeats"]) for one in answer["pictures"]] == [
        (0, "a.png", 3), (1, "a.png", 3)
    ]  # fmt: skip
    assert str(tmp_path) not in str(answer)


def test_preset_says_what_differs_from_it_with_the_value_that_leads_back():
    answer = answer_preset(config_of({"preset": "course"}))
    back = {one["setting"]: one["value"] for one in answer["differs"]}
    assert (answer["preset"], answer["about"]) == ("course", PRESETS["course"].about)
    assert "network_dim" in back
    returned = config_of({"preset": "course", **back})
    assert returned.network == preset_config("course").network
    assert answer_preset(returned)["differs"] == []


def test_plan_tells_no_path_outside_of_the_root(session, settings):
    report = session._service.plan(config_of(settings))
    answer = answer_plan(report, session.root.parent)
    assert (answer["steps"], answer["pictures"], answer["buckets"]) == (4, 3, len(report.buckets))
    assert str(session.root.parent) not in str(answer)
