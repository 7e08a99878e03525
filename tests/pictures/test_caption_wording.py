import pytest

from lib_train.errors import ConfigError
from lib_train.pictures.caption_wording import Case, Replace, Separators, Underscores
from lib_train.pictures.tag_line import Shape


def done(step, line, shape=None):
    return step.prepared([line], shape or Shape())(line)


@pytest.mark.parametrize(
    ("step", "line", "expected"),
    [
        (Replace("blue_eyes", "green eyes"), "solo, Blue Eyes, hat", "solo, green eyes, hat"),
        (Replace("saber (fate)", "saber"), r"saber \(fate\), hat", "saber, hat"),
        (Replace("eyes", "x"), "blue eyes, eyes", "blue eyes, x"),
        (Replace("hat", "cap, brim"), "hat, solo", "cap, brim, solo"),
        (Replace("hat", "cap"), "cap, hat", "cap"),
        (Replace("hat", ""), "cap, hat", "cap"),
        (Replace("hat", "Hat"), "hat, cap", "Hat, cap"),
        (Replace(r"(\w+)_eyes", r"\1 eyes", regex=True), "blue_eyes, solo", "blue eyes, solo"),
        (
            Replace(r"^(?P<colour>red|blue) (.*)$", r"\2 \g<colour>", regex=True),
            "red hat, my red hat",
            "hat red, my red hat",
        ),
        (Replace(r".*hat.*", "", regex=True), "red hat, hats, solo", "solo"),
        (Replace("HAT", "cap", regex=True, ignore_case=True), "red hat", "red cap"),
        (Replace("a cat", "mochi", text=True), "This is a cat, sitting. a cat!", "This is mochi, sitting. mochi!"),
        (Replace("a cat", "mochi", text=True, ignore_case=True), "A CAT (a+b)", "mochi (a+b)"),
        (Replace("(a+b)", r"\1", text=True, ignore_case=True), "x (A+B)", r"x \1"),
        (Replace(r"\s+,", ",", regex=True, text=True), "a , b  , c", "a, b, c"),
        (Underscores(), "blue_eyes, o_o, long hair", "blue eyes, o_o, long hair"),
        (Underscores("underscores"), "blue eyes, o_o", "blue_eyes, o_o"),
        (Case(), "Blue Eyes, T_T", "blue eyes, T_T"),
        (Case("upper"), "stra\u00dfe", "STRASSE"),
        (Case("first"), "blue eyes, HAT", "Blue eyes, HAT"),
        (Separators(), "a\uff0cb\u3001c; d | e", "a, b, c, d, e"),
        (Separators(), "a; |_|; b|c; ;)", "a, |_|, b, c, ;)"),
        (Separators(";"), "a|b; c", "a|b, c"),
    ],
)
def test_captions_are_written_otherwise(step, line, expected):
    assert done(step, line) == expected


def test_separators_of_captions_that_are_set_apart_otherwise():
    assert done(Separators(","), "a, b; c", Shape(separator=";")) == "a; b; c"
    assert done(Separators("|"), "a|b ||| c|d", Shape(mark="|||")) == "a, b ||| c, d"


@pytest.mark.parametrize(
    ("step", "why"),
    [
        (Replace("", "x"), "find = '': is empty"),
        (Replace("a, b", "x"), "find = 'a, b': is more than one tag"),
        (Replace(" , ", "x"), "names no tag"),
        (Replace("(", "x", regex=True), r"find = '\(': is no regular expression \(missing \)"),
        (Separators(", "), "of = ', ': holds no other separator"),
    ],
)
def test_step_that_cannot_be_done_names_what_is_wrong(step, why):
    with pytest.raises(ConfigError, match=why):
        done(step, "a, b")
