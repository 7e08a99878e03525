import pytest

from lib_train.errors import ConfigError
from lib_train.pictures.caption_steps import Add, Dedupe, Front, Remove, Sort
from lib_train.pictures.tag_line import Shape

MARKED = Shape(mark="|||")


def done(step, line, shape=None, among=()):
    shape = shape or Shape()
    return step.prepared([line, *among], shape)(line)


@pytest.mark.parametrize(
    ("step", "line", "expected"),
    [
        (Add(("mochi",)), "hat", "mochi, hat"),
        (Add(("mochi", "cat")), "hat, Mochi", "cat, hat, Mochi"),
        (Add(("x, y",), last=True), "hat", "hat, x, y"),
        (Add(("mochi",)), "", "mochi"),
        (Add(("x",)), "a,b", "x,a,b"),
        (Add(("x",)), "a,", "x, a"),
        (Remove(("blue_eyes",)), "solo, blue eyes, hat", "solo, hat"),
        (Remove(("saber (fate)",)), r"saber \(fate\), hat", "hat"),
        (Remove(("hat",)), "hat", ""),
        (Remove(("hat",)), "hats, my hat", "hats, my hat"),
        (Front(("solo", "mochi")), "hat, mochi, solo", "solo, mochi, hat"),
        (Front(("x",)), "hat, mochi", "hat, mochi"),
        (Dedupe(), "hat, Hat, blue_eyes, blue eyes", "hat, blue_eyes"),
        (Sort("name"), "b, a, C", "a, b, C"),
    ],
)
def test_tags_are_added_removed_moved_and_sorted(step, line, expected):
    assert done(step, line) == expected


@pytest.mark.parametrize(
    ("step", "line", "expected"),
    [
        (Add(("x",)), "a ||| b", "x, a ||| b"),
        (Add(("x",), last=True), "a ||| b ||| c", "a ||| b, x ||| c"),
        (Sort("name"), "z, y ||| b, a ||| d, c", "z, y ||| a, b ||| d, c"),
        (Front(("b",)), "a ||| b, c", "b, a ||| c"),
        (Remove(("a",)), "a, z ||| b", "z ||| b"),
        (Dedupe(), "a ||| a, b", "a ||| b"),
    ],
)
def test_fixed_and_loose_tags_stay_apart(step, line, expected):
    assert done(step, line, MARKED) == expected


def test_first_tags_that_settings_keep_stay_when_others_are_sorted():
    assert done(Sort("name"), "z, y, b, a", Shape(fixed=2)) == "z, y, a, b"


def test_most_frequent_tags_come_first_and_equal_ones_by_name():
    assert done(Sort("frequency"), "c, b, a", among=["a", "c_", "C"]) == "c, a, b"


@pytest.mark.parametrize("step", [Add(()), Remove((",",)), Front(("", " "))])
def test_step_without_a_tag_is_refused(step):
    with pytest.raises(ConfigError, match="tags = .*: names no tag; write one"):
        done(step, "a")


def test_other_separator_is_kept():
    assert done(Add(("x",)), "a, b; c", Shape(separator=";")) == "x; a, b; c"
