"""The earliest checkpoint that has learned and still obeys, with its reason; where none fits, which and why."""

import pytest

from lib_train.judging.suggestion import Row, called, suggested


def rows(*figures):
    """Gain, gap and reaction of checkpoints of epochs 1, 2 ..."""
    return [
        Row(f"p-{n:06}", n * 10, n, {"gain": gain, "gap": gap, "reaction": reaction})
        for n, (gain, gap, reaction) in enumerate(figures, 1)
    ]


def test_the_earliest_that_has_learned_is_taken_and_later_ones_that_went_wrong_are_named():
    found = suggested(rows((0.2, 0, 0.9), (0.885, 0.04, 0.8), (0.9, 0.08, 0.8), (0.9, 0.09, 0.8), (0.9, 0, 0.4)))
    assert found
    assert found.checkpoint == "p-000002"
    assert found.reason == (
        "try epoch 2 first: it has learned 98% of the most that any checkpoint of this run has, it does not know the "
        "training pictures by heart, and other words of the prompt still work; "
        "some from epoch 4 to epoch 5 know pictures by heart or obey words less"
    )
    found = suggested(rows((0.2, 0, 0.9), (0.9, 0.04, 0.8), (0.9, 0.2, 0.8)))
    assert found
    assert found.reason.endswith("; epoch 3 knows pictures by heart or obeys words less")


def test_where_all_later_ones_are_as_good_nothing_is_said_of_them():
    found = suggested(rows((0.2, 0, 0.8), (0.9, 0.04, 0.8), (0.9, 0.04, 0.8)))
    assert found
    assert found.reason.endswith("other words of the prompt still work")


def test_a_run_that_knows_hardly_anything_by_heart_may_have_learned_too_little():
    little = "it may have learned too little: if its pictures do not show what was trained, train longer"
    for gap, told in ((0.01, True), (0.03, False)):
        found = suggested(rows((0.2, 0, 0.8), (0.9, gap, 0.8)))
        assert found
        assert (found.checkpoint, little in found.reason) == ("p-000002", told)
    found = suggested(rows((0.2, 0, 0.8), (0.9, 0.01, 0.8), (0.9, 0.01, 0.4)))  # more would not help
    assert found
    assert little not in found.reason


def test_where_none_fits_the_first_that_has_learned_is_named_with_what_is_wrong():
    found = suggested(rows((0.2, 0, 0.8), (0.5, 0, 0.7), (0.9, 0.1, 0.3)))
    assert found
    assert found.checkpoint == ""
    assert (
        "epoch 3 is the first that has learned, but it knows the training pictures by heart (it is 10% better on them "
        "than on others), other words of the prompt do only 30% of what they do without it; "
    ) in found.reason
    assert found.reason.endswith(
        ", such as backgrounds, train with a lower learning rate, or with regularisation pictures"
    )


@pytest.mark.parametrize(
    ("figures", "way", "other"),
    [((0.9, 0.1, 0.9), "name in captions", "learning rate"), ((0.9, 0, 0.4), "learning rate", "name in captions")],
    ids=["by heart", "words"],
)
def test_where_none_fits_it_says_what_helps_against_what_is_wrong(figures, way, other):
    found = suggested(rows((0.2, 0, 0.8), figures))
    assert found
    assert (way in found.reason, other in found.reason) == (True, False)


def test_without_unseen_pictures_the_others_figures_decide():
    some = rows((0.2, 0, 0.8), (0.9, 0.3, 0.8))
    found = suggested([row._replace(figures={"gain": row.figures["gain"], "reaction": 0.8}) for row in some])
    assert found
    assert found.checkpoint == "p-000002"


def test_nothing_is_suggested_of_fewer_than_two_and_nothing_learned_is_told():
    assert suggested(rows((0.9, 0, 1))) is None
    found = suggested(rows((-0.2, 0, 1), (-0.1, 0, 1)))
    assert found
    assert (found.checkpoint, "none predicts" in found.reason) == ("", True)


@pytest.mark.parametrize(
    ("row", "others", "text"),
    [(Row("a", 10, 1, {}), [], "epoch 1"), (Row("a", 10, 1, {}), [Row("b", 5, 1, {})], "step 10"),
     (Row("a", None, None, {}), [], "a")],
)  # fmt: skip
def test_a_checkpoint_is_called_by_its_epoch_or_by_what_tells_it_from_others(row, others, text):
    assert called(row, [row, *others]) == text
