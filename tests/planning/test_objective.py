from dataclasses import replace
from pathlib import Path

import pytest

from lib_train.config.codec import config_of
from lib_train.pictures.records import Picture, Scan
from lib_train.planning.objective import notes_on_masks, problems_with_pictures

PICTURES = tuple(
    Picture(path=Path(f"{name}.png"), caption=f"{name}, hat", width=64, height=64, repeats=1, folder="1_x")
    for name in ("mochi", "cat")
)
SCAN = Scan(pictures=PICTURES, problems=())
MASKED = replace(SCAN, pictures=(replace(PICTURES[0], mask=Path("m.png")), PICTURES[1]))
CLASS = {"prior_preservation": "class", "prior_preservation_class": "cat"}


@pytest.mark.parametrize(
    ("settings", "scan", "named"),
    [
        ({}, SCAN, []),
        ({"masked_loss": True}, SCAN, ["masked_loss"]),
        ({"masked_loss": True, "alpha_mask": True}, SCAN, []),
        ({"masked_loss": True}, MASKED, []),
        ({**CLASS, "prior_preservation_trigger": "mochi"}, SCAN, []),
        ({**CLASS, "prior_preservation_trigger": "mochy"}, SCAN, ["prior_preservation_trigger"]),
        ({**CLASS, "caption_prefix": "mochi, "}, SCAN, []),
        ({"prior_preservation": "empty"}, SCAN, []),
    ],
)
def test_what_no_picture_has_is_a_problem(settings, scan, named):
    assert [problem.setting for problem in problems_with_pictures(config_of(settings), scan)] == named


def test_pictures_without_a_mask_are_counted_where_others_have_one():
    config = config_of({"masked_loss": True})
    assert notes_on_masks(config, MASKED) == ["masked_loss: 1 of 2 pictures have no mask and are learned whole"]
    assert notes_on_masks(config, SCAN) == []
    assert notes_on_masks(config_of({}), MASKED) == []
