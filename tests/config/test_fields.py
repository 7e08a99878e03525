from dataclasses import FrozenInstanceError, dataclass
from typing import Any

import pytest

from lib_train.config.checking import checked
from lib_train.config.fields import ADVANCED, BASIC, option, options_of
from lib_train.errors import ConfigError, Problem


@dataclass(frozen=True, kw_only=True)
class Sample:
    whole: int = option(4, "A count.", low=1, high=2**32 - 1, level=BASIC)
    part: float = option(0, "A share.", low=0, high=1)
    rest: float | None = option(None, "0 or empty is off.", low=0.25, off=0)
    on: bool = option(False, "A switch.")
    word: str = option("a", "A word.", choices=("a", "b"))
    sizes: tuple[int, ...] = option((8, 8), "Numbers.", low=8)
    lines: tuple[str, ...] = option((), "Texts, one a line.", separator="\n")
    more: dict[str, Any] = option({}, "Names with values.")

    def __post_init__(self) -> None:
        checked(self, _even, _small, _double)

    @property
    def double(self) -> int:
        return self.whole * 2


def _even(sample: Sample) -> Problem | None:
    return Problem("sizes", sample.sizes, "must be even") if any(size % 2 for size in sample.sizes) else None


def _small(sample: Sample) -> Problem | None:
    return Problem("part", sample.part, "must be below rest") if sample.part > (sample.rest or 1) else None


def _double(sample: Sample) -> Problem | None:
    return Problem("on", sample.on, "whole is too large for it") if sample.on and sample.double > 100 else None


def problems_of(**given: Any) -> dict[str, str]:
    with pytest.raises(ConfigError) as caught:
        Sample(**given)
    return {problem.setting: problem.remedy for problem in caught.value.problems}


@pytest.mark.parametrize(
    ("given", "kept"),
    [
        ({"whole": "7"}, 7), ({"whole": 7.0}, 7), ({"whole": " 1e2 "}, 100), ({"part": 1}, 1.0),
        ({"part": "1e-3"}, 1e-3),
        ({"rest": None}, None), ({"rest": ""}, None), ({"rest": " "}, None), ({"rest": "0.5"}, 0.5),
        ({"rest": 0}, None), ({"rest": "0.0"}, None),
        ({"on": "true"}, True), ({"on": " Off "}, False), ({"on": "1"}, True), ({"on": True}, True),
        ({"sizes": "16, 24"}, (16, 24)), ({"sizes": [16.0, "24"]}, (16, 24)), ({"sizes": 16}, (16,)),
        ({"sizes": ""}, ()), ({"sizes": None}, ()), ({"sizes": "16,"}, (16,)),
        ({"lines": "a, b\nc"}, ("a, b", "c")), ({"lines": ["a", "b\nc"]}, ("a", "b\nc")),
        ({"more": {"betas": (0.9, 0.99)}}, {"betas": [0.9, 0.99]}),
        ({"more": ["betas=0.9,0.99", "fused=True", "mode=max"]}, {"betas": [0.9, 0.99], "fused": True, "mode": "max"}),
        ({"more": "weight_decay=0.1 'name=a b'"}, {"weight_decay": 0.1, "name": "a b"}),
        ({"more": "weight_decay=0.1, betas=0.9,0.99"}, {"weight_decay": 0.1, "betas": [0.9, 0.99]}),
        ({"more": ["weight_decay=0.1,", "betas=0.9,0.99;"]}, {"weight_decay": 0.1, "betas": [0.9, 0.99]}),
        ({"more": ["weight_decay", "=", "0.1"]}, {"weight_decay": 0.1}),
        ({"more": " weight_decay = 0.1 ,betas= (0.9, 0.99) "}, {"weight_decay": 0.1, "betas": [0.9, 0.99]}),
        ({"more": '"weight_decay=0.1" "betas=0.9,0.99"'}, {"weight_decay": 0.1, "betas": [0.9, 0.99]}),
        ({"more": 'betas="0.9,0.99'}, {"betas": [0.9, 0.99]}),
        ({"more": ["decouple=true", "fused=FALSE", "d0=1e-5"]}, {"decouple": True, "fused": False, "d0": 1e-5}),
        ({"more": {"betas": "0.9,0.99", "weight_decay": "0.1"}}, {"betas": [0.9, 0.99], "weight_decay": 0.1}),
    ],
)  # fmt: skip
def test_values_become_the_settings_type(given, kept):
    (name,) = given
    found = getattr(Sample(**given), name)
    assert found == kept
    assert type(found) is type(kept)


@pytest.mark.parametrize(
    ("given", "remedy"),
    [
        ({"whole": 0}, "must be at least 1"), ({"whole": 2**32}, "must be at most 4294967295"),
        ({"whole": 1.5}, "must be a whole number"), ({"whole": "x"}, "must be a whole number"),
        ({"whole": True}, "must be a whole number"), ({"whole": None}, "must not be empty"),
        ({"whole": ""}, "must not be empty"), ({"whole": 10**400}, "must be a finite number"),
        ({"part": 1.5}, "must be at most 1"), ({"part": "0,5"}, "must be a number"),
        ({"part": False}, "must be a number"), ({"part": [0.5]}, "must be a number"),
        ({"part": float("nan")}, "must be a finite number"), ({"part": "inf"}, "must be a finite number"),
        ({"part": "1e999"}, "must be a finite number"), ({"rest": 0.1}, "must be at least 0.25"),
        ({"on": "maybe"}, "must be true or false"), ({"on": 1}, "must be true or false"),
        ({"on": None}, "must not be empty"), ({"word": "c"}, "choose one of a, b"), ({"word": 3}, "must be text"),
        ({"sizes": "16,x"}, "must be a whole number"), ({"sizes": ("16", None)}, "must be a whole number"),
        ({"sizes": (16, 4)}, "must be at least 8"), ({"sizes": {"a": 1}}, "must be a whole number"),
        ({"lines": [1]}, "must be text"), ({"more": "betas"}, "write it as name=value, such as weight_decay=0.1"),
        ({"more": "weight_decay="}, "write it as name=value, such as weight_decay=0.1"),
        ({"more": ["0.1", "weight_decay=0.1"]}, "write it as name=value, such as weight_decay=0.1"),
        ({"more": [["a", 1]]}, "write it as name=value, such as weight_decay=0.1"),
        ({"more": ["=1"]}, "write it as name=value, such as weight_decay=0.1"),
        ({"more": 5}, "write it as name=value, such as weight_decay=0.1"),
        ({"more": ["a={1, 2}"]}, "values must be numbers, text, true, false or lists of these"),
        ({"more": {"a": float("nan")}}, "values must be numbers, text, true, false or lists of these"),
    ],
)  # fmt: skip
def test_value_that_cannot_be_used_is_told_what_it_must_be(given, remedy):
    (name,) = given
    assert problems_of(**given) == {name: remedy}


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


def test_settings_cannot_be_changed_afterwards_nor_through_a_shared_default():
    sample = Sample()
    with pytest.raises(FrozenInstanceError):
        sample.whole = 3  # type: ignore[misc]
    sample.more["a"] = 1
    assert Sample().more == {}


def test_declaration_tells_forms_and_tables_everything():
    found = {option.name: option for option in options_of(Sample)}
    assert list(found) == ["whole", "part", "rest", "on", "word", "sizes", "lines", "more"]
    assert (found["whole"].kind, found["whole"].low, found["whole"].level) == (int, 1, BASIC)
    assert (found["rest"].kind, found["rest"].optional, found["rest"].level) == (float, True, ADVANCED)
    assert (found["sizes"].kind, found["sizes"].item, found["sizes"].default) == (tuple, int, (8, 8))
    assert (found["word"].choices, found["lines"].separator, found["more"].default) == (("a", "b"), "\n", {})
