import pytest

from lib_train.tagging.captions import added, caption_with


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
    assert caption_with("a; b", ["c"], "append", ";") == "a; b; c"


def test_sentence_keeps_its_commas():
    assert caption_with(None, ["a cat, sleeping"], "missing", trigger_word="mochi") == "mochi, a cat, sleeping"


def test_added_tags_are_counted_by_their_words():
    assert added(None, "a, b") == 2
    assert added("blue_hair, b\nc", "Blue Hair, b, d\nc") == 1
