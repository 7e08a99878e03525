import json

import pytest

from lib_train.pictures.binding import Binding, binding_of, is_feature, proposals, read_bindings, with_binding
from lib_train.pictures.caption_edits import edited
from lib_train.pictures.tag_line import Shape
from tests.pictures.entries import entries_of

ENTRIES = entries_of(
    "1girl, blue eyes, smile, long hair",
    "1girl, blue_eyes, long hair, mochi",
    "1girl, blue eyes, hat",
    "1girl, smile, mochi",
    "1girl, blue eyes, smile, mochi",
    None,
)


def test_tags_of_60_percent_of_captioned_pictures_are_proposed():
    found = proposals(ENTRIES, Shape(), Binding(trigger="mochi"))
    assert [(one.tag, one.pictures, one.share) for one in found] == [
        ("1girl", 5, 1.0), ("blue eyes", 4, 0.8), ("smile", 3, 0.6)
    ]  # fmt: skip
    assert [one.tag for one in found if one.belongs] == ["blue eyes"]


def test_choice_that_was_made_is_proposed_again():
    chosen = Binding(character=("smile",), free=("blue_eyes",))
    assert [one.tag for one in proposals(ENTRIES, Shape(), chosen) if one.belongs] == ["smile"]


def test_no_caption_gives_no_proposal():
    assert proposals(entries_of(None, ""), Shape()) == []


@pytest.mark.parametrize(
    ("tag", "feature"),
    [("cat_ears", True), ("dark-skinned female", True), ("solo", False), ("simple background", False),
     ("upper body", False), ("full_body", False), ("covered eyes", False), ("wet hair", False)],
)  # fmt: skip
def test_features_are_guessed_by_their_last_word(tag, feature):
    assert is_feature(tag) == feature


def test_binding_takes_the_characters_tags_out_and_puts_the_trigger_word_first():
    binding = Binding(trigger="mochi", character=("blue eyes", "long_hair"), free=("1girl",))
    captions = [entry.caption for entry in ENTRIES[:3]]
    assert edited(captions, binding.steps(), Shape()).captions == [
        "mochi, 1girl, smile",
        "mochi, 1girl",
        "mochi, 1girl, hat",
    ]
    assert Binding().steps() == []


def test_choices_are_kept_by_folder_and_the_new_one_counts():
    one = Binding(folders=("10_a", "5_b"), trigger="a", character=("x",), free=("y",))
    two = Binding(folders=("5_b",), trigger="\u5e74")
    known = read_bindings(with_binding(read_bindings(with_binding([], one)), two))
    assert binding_of("10_a", known) == Binding(folders=("10_a",), trigger="a", character=("x",), free=("y",))
    assert binding_of("5_b", known) == two
    assert binding_of("1_c", known) is None
    assert [one.trigger for one in read_bindings(with_binding(known, Binding(folders=("10_a", "5_b"))))] == [""]


@pytest.mark.parametrize(
    "content", [None, b"", b"{", b"[]", b'{"bindings": 5}', b'{"bindings": [5]}', b"\xff", b"[" * 9999]
)
def test_file_that_is_none_of_ours_holds_no_choice(content):
    assert read_bindings(content) == []


def test_file_with_missing_names_is_read():
    assert read_bindings(json.dumps({"bindings": [{"folders": ["1_a"]}]}).encode()) == [Binding(folders=("1_a",))]
