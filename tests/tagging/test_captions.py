from dataclasses import replace
from pathlib import Path

import pytest

from lib_train.config.tagging import TaggingConfig
from lib_train.pictures.entry import Entry
from lib_train.pictures.tag_line import Shape
from lib_train.tagging.captions import caption_with, proposed


@pytest.mark.parametrize(
    ("present", "mode", "text"),
    [
        (None, "missing", "mochi, 1girl, hat"),
        ("", "missing", "mochi, 1girl, hat"),
        (" , ,", "missing", "mochi, 1girl, hat"),
        ("\nnotes", "missing", "mochi, 1girl, hat\nnotes"),
        ("a cat", "missing", None),
        ("a cat\nnotes", "overwrite", "mochi, 1girl, hat\nnotes"),
        ("smile, HAT", "append", "mochi, smile, HAT, 1girl"),
        ("smile, HAT", "prepend", "mochi, 1girl, hat, smile"),
        ("smile, mochi", "append", "mochi, smile, 1girl, hat"),
        (None, "append", "mochi, 1girl, hat"),
        ("mochi, 1girl, hat", "overwrite", None),
    ],
)
def test_caption_by_mode(present, mode, text):
    assert caption_with(present, ["1girl", "hat"], mode, trigger_word="mochi") == text


def test_nothing_found_and_no_trigger_word_changes_nothing():
    assert caption_with("a", [], "overwrite") is None
    assert caption_with(None, [], "missing") is None
    assert caption_with(None, [], "missing", trigger_word="mochi, mimi") == "mochi, mimi"


def test_tags_with_underscores_and_spaces_are_one():
    assert caption_with("blue_hair", ["blue hair", "hat"], "append") == "blue_hair, hat"


def test_other_separator():
    assert caption_with("a; b", ["c"], "append", Shape(separator=";")) == "a; b; c"


@pytest.mark.parametrize(
    ("mode", "text"),
    [("append", "mochi, a ||| b, hat ||| c"), ("prepend", "mochi, a ||| hat, b ||| c"), ("overwrite", "mochi, hat, b")],
)
def test_new_tags_join_the_loose_ones_where_a_mark_sets_fixed_tags_apart(mode, text):
    assert caption_with("a ||| b ||| c", ["hat", "b"], mode, Shape(mark="|||"), "mochi") == text


def test_sentence_keeps_its_commas():
    assert caption_with(None, ["a cat, sleeping"], "missing", trigger_word="mochi") == "mochi, a cat, sleeping"


def entry(number, caption=None, **facts):
    file = None if caption is None else Path(f"{number}.txt")
    return Entry(id=number, path=Path(f"{number}.png"), folder="1_mochi", repeats=1, caption_file=file,
                 caption="mochi" if caption is None else caption, **facts)  # fmt: skip


def changed(entries, tags, **settings):
    found = proposed(entries, tags, TaggingConfig(**settings))
    return {one.entry.id: one.after for one in found.new}, found.added, found.removed, found.label


def test_tags_that_come_and_go_are_counted_by_their_words():
    entries = [entry(1), entry(2, "Blue_Hair, b\nc"), entry(3, "x")]
    tags = {1: ["hat", "blue hair"], 2: ["blue hair", "d"], 3: ["x"]}
    assert changed(entries, tags, mode="overwrite") == (
        {1: "hat, blue hair", 2: "blue hair, d\nc"}, 3, 1, "adds 3 tags to 2 captions, takes 1 tag away"
    )  # fmt: skip
    assert changed(entries, tags) == ({1: "hat, blue hair"}, 2, 0, "adds 2 tags to 1 caption")
    assert changed(entries, {2: ["d"]}, mode="append") == ({2: "Blue_Hair, b, d\nc"}, 1, 0, "adds 1 tag to 1 caption")
    assert changed(entries, {}) == ({}, 0, 0, "adds 0 tags to 0 captions")


def test_folder_s_name_is_no_caption_that_was_there():
    assert changed([entry(1)], {1: ["hat"]}, mode="append")[0] == {1: "hat"}


def test_picture_without_tags_is_left_but_for_the_trigger_word():
    assert changed([entry(1)], {1: []})[0] == {}
    assert changed([entry(1)], {1: []}, trigger_word="mochi")[0] == {1: "mochi"}


def test_caption_that_is_no_text_is_left_and_named():
    found = proposed([entry(1, "", caption_problem="no text")], {1: ["hat"]}, TaggingConfig(mode="overwrite"))
    assert (found.new, found.unreadable) == ((), ("1.png",))


def test_pictures_that_share_a_caption_get_that_of_the_first():
    first, second = entry(1), entry(2)
    entries = [replace(first, path=Path("a.jpg")), replace(second, path=Path("a.png"))]
    assert changed(entries, {1: ["hat"], 2: ["cat"]})[0] == {1: "hat"}
    assert changed(entries, {2: ["cat"]})[0] == {2: "cat"}
