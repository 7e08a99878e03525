from pathlib import Path

import pytest

from lib_train.app.answers import answer_entry, answer_picture, answer_plan, answer_preset
from lib_train.config.codec import config_of
from lib_train.config.presets import PRESETS
from lib_train.pictures.entry import Entry
from lib_train.pictures.records import Fit
from lib_train.texts import say


def test_crop_is_told_in_shares_of_the_sides_and_not_where_chance_chooses_it():
    fit = Fit(bucket=(128, 64), resized=(160, 64))
    answer = answer_picture(fit, cropped_by_chance=False)
    assert answer["bucket"] == [128, 64]
    assert answer["crop"] == pytest.approx([0.1, 0, 0.8, 1])
    assert answer_picture(fit, cropped_by_chance=True)["crop"] is None


def test_entry_has_its_id_and_what_is_wrong_with_it_in_every_language():
    entry = Entry(id=7, path=Path("/x/3_mochi/a.png"), folder="3_mochi", repeats=3, caption="cafe\u0301\nmore",
                  problem=say("is empty; replace or remove it"))  # fmt: skip
    answer = answer_entry(entry)
    assert [answer[name] for name in ("id", "name", "repeats", "caption", "problem")] == [
        7, "a.png", 3, "caf\u00e9", "is empty; replace or remove it"
    ]  # fmt: skip
    assert answer["problem_text"] == {"template": "is empty; replace or remove it", "values": {}}
    assert "/x" not in str(answer)


def test_preset_says_what_differs_from_it_with_the_value_that_leads_back():
    answer = answer_preset(config_of({"preset": "course"}), {})
    back = {one["setting"]: one["value"] for one in answer["differs"]}
    assert (answer["preset"], answer["about"]) == ("course", PRESETS["course"].about)
    assert "network_dim" in back
    returned = config_of({"preset": "course", **back})
    assert returned.network == config_of(PRESETS["course"].settings).network
    assert answer_preset(returned, {})["differs"] == []


def test_plan_tells_no_path_outside_of_the_root(session, settings):
    report = session._service.plan(config_of(settings))
    answer = answer_plan(report, session.root.parent)
    assert (answer["steps"], answer["pictures"], answer["buckets"]) == (4, 3, len(report.buckets))
    assert str(session.root.parent) not in str(answer)
