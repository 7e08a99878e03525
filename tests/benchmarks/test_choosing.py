"""Figures tried on the drawn world: what the benchmark reckons with, and what the suggestion makes of what it recorded.

``tests/golden/choosing.json`` is what ``python -m benchmarks.choosing`` measured of checkpoints of its runs, with the
truth that their pictures show.
"""

import json
from pathlib import Path

import pytest

from benchmarks.choosing import correlation, spread, table, write_named_set
from lib_train.judging.suggestion import Row, suggested
from lib_train.judging.told import SHOWN

GOLDEN = json.loads((Path(__file__).parents[1] / "golden" / "choosing.json").read_text(encoding="utf-8"))["runs"]
LONG = ("usual", "fast", "named")
"""Runs of 20 checkpoints, trained far too long."""
TELLS = {"gain": "recognised", "gap": "obeyed", "reaction": "unchanged"}
"""Which truth a figure that is shown must go with."""


def test_correlation_is_that_of_ranks_with_equal_values_sharing_theirs():
    assert correlation([1, 2, 3, 4], [1, 4, 9, 16]) == 1
    assert correlation([1, 2, 3], [3, 2, 1]) == -1
    assert correlation([1, 2, 2, 4], [1, 2, 3, 4]) == pytest.approx(0.9487)
    assert correlation([1, 1], [1, 2]) is None


def test_checkpoints_are_looked_at_all_over_the_run_first():
    assert sorted(spread(20)) == list(range(20))
    assert spread(20)[:3] == [0, 19, 10]


def test_a_table_has_a_row_for_each_figure_and_nothing_where_one_never_changes():
    figures = [{"gain": 1.0, "copies": 0.0}, {"gain": 2.0, "copies": 0.0}]
    assert table(figures, [{"obeyed": 1.0}, {"obeyed": 0.5}]).splitlines()[2:] == ["| gain | -1.00 |", "| copies |  |"]


def test_pictures_that_name_their_backgrounds_are_six_of_the_demo(tmp_path):
    write_named_set(tmp_path)
    captions = [path.read_text() for path in sorted(tmp_path.rglob("*.txt"))]
    assert len(captions) == len(list(tmp_path.rglob("*.png"))) == 6
    assert all("background" in caption for caption in captions)


def rows_of(run):
    return [Row(f"{place:02d}", place, place + 1, one["figures"]) for place, one in enumerate(GOLDEN[run])]


def truth(run, name):
    return [one["truth"][name] for one in GOLDEN[run]]


def pooled(figure, of, first=0):
    """The correlation over the checkpoints of all long runs from this place on."""
    rows = [one for run in LONG for one in GOLDEN[run][first:]]
    return correlation([one["figures"][figure] for one in rows], [one["truth"][of] for one in rows])


def test_every_figure_that_is_shown_went_with_its_truth_over_all_long_runs():
    assert set(TELLS) == set(SHOWN)
    assert pooled("gain", "recognised") >= 0.85
    assert pooled("gap", "obeyed", 10) <= -0.7
    assert pooled("reaction", "unchanged", 10) >= 0.6


@pytest.mark.parametrize("run", LONG)
def test_words_and_learning_went_with_the_truth_in_each_run(run):
    for name in ("gain", "reaction"):
        assert (correlation([one["figures"][name] for one in GOLDEN[run]], truth(run, TELLS[name])) or 0) >= 0.6


@pytest.mark.parametrize(
    ("run", "why"), [("usual", "by heart"), ("fast", "other words"), ("hot", "other words"), ("steady", "other words")]
)  # fmt: skip
def test_nothing_is_suggested_where_no_checkpoint_shows_the_character_on_the_background_that_was_asked_for(run, why):
    assert max(truth(run, "right")) <= 0.25
    found = suggested(rows_of(run))
    assert found
    assert found.checkpoint == ""
    assert why in found.reason


def test_nothing_is_suggested_where_other_prompts_show_something_else():
    learned = [one["truth"] for one in GOLDEN["brisk"] if one["truth"]["recognised"] > 0.5]
    assert max(one["unchanged"] for one in learned) <= 0.25
    found = suggested(rows_of("brisk"))
    assert found
    assert (found.checkpoint, "other words of the prompt do only" in found.reason) == ("", True)


def test_a_run_that_never_shows_the_character_is_said_to_have_learned_too_little_and_no_healthy_one_is():
    assert max(truth("gentle", "recognised")) == 0
    for run in ("gentle", "named", "sample"):
        found = suggested(rows_of(run))
        assert found
        assert ("it may have learned too little" in found.reason) == (run == "gentle")


HEALTHY = {"named": range(20), "sample": range(8), "sample as its settings save it": (3, 7)}


@pytest.mark.parametrize("name", HEALTHY)
def test_a_checkpoint_is_suggested_that_is_nearly_the_best_by_the_truth_where_a_run_is_healthy(name):
    run = name.split()[0]
    found = suggested([rows_of(run)[place] for place in HEALTHY[name]])
    assert found
    right = truth(run, "right")
    assert right[int(found.checkpoint)] >= 0.85 * max(right)
    assert right[int(found.checkpoint)] >= 0.6
