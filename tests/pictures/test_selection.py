import time
from pathlib import Path
from typing import Any

import pytest

from lib_train.errors import DatasetError, SelectionError
from lib_train.pictures.entry import Entry
from lib_train.pictures.selection import selected, selection
from lib_train.pictures.terms import Known


def entry(number, caption="x", name="", **facts):
    path = Path("10_mochi") / (name or f"img_{number:03}.png")
    plain: dict[str, Any] = {
        "folder": "10_mochi",
        "repeats": 10,
        "width": 512,
        "height": 768,
        "caption_file": path.with_suffix(".txt"),
    }
    return Entry(id=number, path=path, caption=caption, **(plain | facts))


SET = [
    entry(1, "mochi, 1girl, blue eyes, hat, long hair", tokens=14),
    entry(2, "mochi, 1girl, Blue_Eyes, sitting", tokens=76),
    entry(3, r"mochi, saber \(fate\), red eyes" + "\nmore of it", width=300, height=300),
    entry(4, "mochi", "photo [1].png", caption_file=None, folder="3_caf\u00e9", repeats=3),
    entry(5, " , ", is_reg=True, animated=True, folder="1_shape", repeats=1),
    entry(6, 're:zero, or, :), 5" nail, *_*', left_out=True),
    entry(7, "caf\u00e9, blue hair", width=0, height=0, problem="is empty"),
]
KNOWN = Known(
    bucket=lambda one: (512, 768) if one.width == 512 else None,
    problems=lambda: ("duplicate", "small"),
    having=lambda code: {"duplicate": [1, 4], "small": [3]}[code],
    masked=lambda: {2, 5},
)


def found(text, known=KNOWN):
    return [one.id for one in SET if selection(text, known)(one)]


@pytest.mark.parametrize(
    ("text", "ids"),
    [
        ("", [1, 2, 3, 4, 5, 6, 7]),
        ("  ", [1, 2, 3, 4, 5, 6, 7]),
        ("blue_eyes", [1, 2]),
        ('"blue eyes"', [1, 2]),
        ("BLUE_EYES", [1, 2]),
        ("blue", []),
        ("blue eyes", []),
        ("blue_eyes -hat", [2]),
        ("blue_eyes not hat", [2]),
        ("blue_eyes and not hat", [2]),
        ("- hat blue_eyes", [2]),
        ("--hat", [1]),
        ("hat or sitting", [1, 2]),
        ("hat sitting or red_eyes", [3]),
        ("1girl (hat or sitting)", [1, 2]),
        ("1girl -(hat or sitting)", []),
        ("not(hat) 1girl", [2]),
        ("1girl OR(red_eyes)", [1, 2, 3]),
        ("saber_(fate)", [3]),
        (r"saber_\(fate\)", [3]),
        ("(saber_(fate) or hat) mochi", [1, 3]),
        ('"saber (fate)"', [3]),
        ("re:zero", [6]),
        ('"or"', [6]),
        ('":)"', [6]),
        ('"5\\" nail"', [6]),
        ('"*_*"', [6]),
        ("blue_*", [1, 2, 7]),
        ("*_hair", [1, 7]),
        ("b*e*s", [1, 2]),
        ("cafe\u0301", [7]),
        ("\u201clong hair\u201d", [1]),
        ('text:"more of"', [3]),
        ("text:EYES", [1, 2, 3]),
        ("text:caf\u00e9", [7]),
        ("problem:duplicate", [1, 4]),
        ("-problem:duplicate mochi", [2, 3]),
        ("Problem:SMALL", [3]),
        ("bucket:512x768 hat", [1]),
        ("bucket:512\u00d7768 hat", [1]),
        ("bucket:64x64", []),
        ("folder:10_mochi hat", [1]),
        ("folder:3_cafe\u0301", [4]),
        ("folder:1*", [1, 2, 3, 5, 6, 7]),
        ("is:uncaptioned", [4, 5]),
        ("is:reg", [5]),
        ("is:left_out", [6]),
        ("is:train", [1, 2, 3, 4, 7]),
        ("is:animated", [5]),
        ("is:unusable", [7]),
        ("is:masked", [2, 5]),
        ("-is:masked is:train", [1, 3, 4, 7]),
        ("name:img_00*", [1, 2, 3, 5, 6, 7]),
        ("name:IMG_001", [1]),
        ("name:img_002.png", [2]),
        ("name:img", []),
        ('name:"photo [1]*"', [4]),
        ("tokens:>75", [2]),
        ("tokens:<=14", [1]),
        ("tokens:14", [1]),
        ("tokens:=76", [2]),
        ("tokens:10-80", [1, 2]),
        ("tokens:10..20", [1]),
        ("width:<512", [3]),
        ("height:>=768 hat", [1]),
        ("tags:1", [4]),
        ("tags:0", [5]),
        ("repeats:<10", [4, 5]),
    ],
)  # fmt: skip
def test_selection_finds_just_what_the_text_says(text, ids):
    assert found(text) == ids


@pytest.mark.parametrize(
    ("text", "place", "words"),
    [
        ("hat (blue_eyes", 4, "filter, at '(blue_eyes': the bracket is not closed"),
        ("hat)", 3, 'filter, at \')\': nothing is open that ")" could close'),
        ("a :)", 3, "put a tag with a bracket into quotes"),
        ("()", 1, "a tag is missing here"),
        ("hat or", 6, "filter, at its end: a tag is missing here"),
        ("or hat", 0, '"or", "and" and "not" as tags go into quotes'),
        ("hat or or hat", 7, "a tag is missing"),
        ("hat -", 5, "a tag is missing"),
        ('hat "blue eyes', 4, "the quotes are not closed"),
        ('text:"blue', 5, "the quotes are not closed"),
        ('""', 0, "an empty tag is no picture's: for pictures without tags write is:uncaptioned"),
        ("_", 0, "an empty tag"),
        ("hat tokens:many", 4, "many is no number: write one, such as tokens:>75, or tokens:20-75"),
        ("tokens:>20-75", 0, "is no number"),
        ("tokens:1e9", 0, "is no number"),
        ("width:", 0, "width: has no value: write one behind it, such as width:<512"),
        ("bucket:512", 0, "512 is no size: write width and height in pixels, such as bucket:512x768"),
        ("is:lost", 0, "choose uncaptioned or train or reg or left_out or animated or damaged"),
        ("problem:none", 0, "none is no problem that is looked for: choose duplicate or small"),
        ("problems:small", 0, 'problems is not known: did you mean problem:? A tag goes into quotes: "problems:small"'),
        ("(" * 60 + "hat" + ")" * 60, 50, "more than 50 levels"),
        ("-" * 3000 + "hat", 50, "more than 50 levels"),
        ("a" * 5001, 5000, "at most 5000 signs"),
    ],
)  # fmt: skip
def test_text_that_cannot_be_read_is_refused_with_its_place_and_the_way_out(text, place, words):
    with pytest.raises(SelectionError) as caught:
        selection(text, KNOWN)
    assert caught.value.place == place
    assert words in str(caught.value)


def test_problem_is_refused_where_nobody_looks_for_any():
    with pytest.raises(SelectionError, match="problems are not known here"):
        selection("problem:small")


def test_tags_are_taken_apart_as_the_settings_say():
    known = Known(separator=";", mark="|||")
    one = entry(1, "long hair, curly; mochi ||| hat")
    assert selection('"long hair, curly" mochi hat', known)(one)
    assert not selection("long_hair", known)(one)


def test_selected_is_what_text_and_ids_both_mean():
    assert [one.id for one in selected(SET)] == [1, 2, 3, 4, 5, 6, 7]
    assert [one.id for one in selected(SET, ids=[4, 2])] == [2, 4]
    assert [one.id for one in selected(SET, "hat or sitting", [2, 3])] == [2]
    assert selected(SET, ids=[]) == []


def test_selected_refuses_ids_that_are_gone():
    with pytest.raises(DatasetError, match="not there any more: 2; load the list anew"):
        selected(SET, ids=[1, 8, 9])


def test_pattern_of_many_stars_takes_no_long_time():
    hard = entry(1, "a" * 3000)
    begun = time.process_time()
    assert not selection("a*" * 500 + "b")(hard)
    assert time.process_time() - begun < 0.5


def test_filter_of_many_pictures_takes_no_long_time():
    many = [entry(n, ", ".join(f"tag {n * k % 997}" for k in range(1, 31))) for n in range(5000)]
    means = selection('tag_7 -tag_13 or *_99 or text:"tag 500" or tokens:>75')
    begun = time.process_time()
    assert 0 < sum(map(means, many)) < 5000
    assert time.process_time() - begun < 0.5  # ten times what it takes
