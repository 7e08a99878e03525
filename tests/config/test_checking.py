import pytest

from lib_train.errors import ConfigError
from tests.config.sample import Sample, problems_of


def test_all_problems_are_found_at_once_with_their_values():
    with pytest.raises(ConfigError) as caught:
        Sample(whole="x", part=2, word="c", sizes=(9, 9))  # type: ignore[arg-type]
    assert str(caught.value).splitlines() == [
        "4 settings cannot be used:",
        "  whole = 'x': must be a whole number",
        "  part = 2.0: must be at most 1",
        "  word = 'c': choose one of a, b",
        "  sizes = (9, 9): must be even",
    ]


def test_check_is_left_out_when_a_setting_it_reads_cannot_be_converted():
    assert set(problems_of(sizes="x", part=0.9, rest=0.5)) == {"sizes", "part"}
    assert set(problems_of(rest=float("inf"), part=0.9)) == {"rest"}
    assert set(problems_of(on=True, whole="x")) == {"whole"}
    assert set(problems_of(on=True, whole=60)) == {"on"}


def test_one_setting_has_one_problem():
    assert problems_of(sizes=(7, 9)) == {"sizes": "must be at least 8"}
