"""The earliest checkpoint that has learned and still obeys, with its reason; where none fits, which and why."""

import pytest

from lib_train.judging.suggestion import Row, called, suggested


def rows(*figures, **more):
    """Gain, obedience, leak of checkpoints of epochs 1, 2 ..."""
    return [
        Row(f"p-{n:06}", n * 10, n, {"gain": gain, "obedience": obedience, "leak": leak, **more})
        for n, (gain, obedience, leak) in enumerate(figures, 1)
    ]


def test_the_earliest_that_has_learned_is_taken_and_later_ones_that_went_wrong_are_named():
    found = suggested(rows((0.2, 0.8, 1), (0.88, 0.8, 1.1), (0.9, 0.75, 1.2), (0.9, 0.5, 1.2), (0.9, 0.4, 3)))
    assert found
    assert found.checkpoint == "p-000002"
    assert found.reason == (
        "epoch 2: has learned 98% of the most that was learned, and obeys words as the first one does; "
        "epoch 4 to epoch 5 obey words less, or change other prompts more"
    )


def test_where_all_later_ones_are_as_good_nothing_is_said_of_them():
    found = suggested(rows((0.2, 0.8, 1), (0.9, 0.8, 1), (0.9, 0.8, 1)))
    assert found
    assert found.reason.endswith("obeys words as the first one does")


def test_where_none_fits_the_first_that_has_learned_is_named_with_what_is_wrong():
    found = suggested(rows((0.2, 0.8, 1), (0.5, 0.7, 1), (0.9, 0.4, 2)))
    assert found
    assert found.checkpoint == ""
    assert "epoch 3 is the first that has learned, and it obeys words 50% as well as the first one, " in found.reason
    assert "it changes other prompts 2.0 times as much as the first one" in found.reason


def test_nothing_is_suggested_of_fewer_than_two_and_nothing_learned_is_told():
    assert suggested(rows((0.9, 0.8, 1))) is None
    found = suggested(rows((-0.2, 0.8, 1), (-0.1, 0.8, 1)))
    assert found
    assert (found.checkpoint, "none predicts" in found.reason) == ("", True)


@pytest.mark.parametrize(
    ("row", "others", "text"),
    [(Row("a", 10, 1, {}), [], "epoch 1"), (Row("a", 10, 1, {}), [Row("b", 5, 1, {})], "step 10"),
     (Row("a", None, None, {}), [], "a")],
)  # fmt: skip
def test_a_checkpoint_is_called_by_its_epoch_or_by_what_tells_it_from_others(row, others, text):
    assert called(row, [row, *others]) == text
