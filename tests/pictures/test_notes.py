from pathlib import Path

import pytest

from lib_train.config.dataset import DatasetConfig
from lib_train.pictures.notes import ONE_NOTES, Found, notes_on, notes_on_one
from lib_train.pictures.records import Fit, Picture


def one(name="a.png", size=(512, 512), is_reg=False, caption="x", **seen):
    width, height = size
    picture = Picture(path=Path("10_x") / name, caption=caption, width=width, height=height, repeats=1, folder="10_x",
                      is_reg=is_reg)  # fmt: skip
    return Found(picture=picture, **{"animated": False, "captioned": True, "more_lines": False} | seen)


def notes(*found, **settings):
    return notes_on(found, DatasetConfig(**settings))


def test_ordinary_pictures_need_no_words():
    assert notes(one(), one("b.png", (1024, 768)), one("c.png", captioned=False, is_reg=True)) == []


def test_each_thing_is_told_once_with_count_and_example():
    found = notes(one(animated=True), one("b.png", animated=True), one("c.png", captioned=False, more_lines=True),
                  one("d.jpg"), one("d.k.png"), one("d.png"), one("e.png", damaged=True))  # fmt: skip
    assert found == [
        "animations, of which the first picture is used: 2, such as a.png",
        "captions of several lines, of which the first is used: 1, such as c.png",
        "pictures without a caption file, which get the name of their folder: 1, such as c.png",
        "pictures with damaged metadata, which is left alone; their pixels are whole: 1, such as e.png",
        "pictures of one name but different endings, which share a caption: 1, such as d",
    ]


def test_pictures_that_lose_most_of_themselves_are_named():
    assert notes(one(), one("strip.png", (10_000, 70)), one("wide.png", (3000, 500))) == [
        "pictures that lose more than half to cropping: 1, worst strip.png (10000x70, of which 1024x256 keeps 3%); "
        "cut them yourself"
    ]


def test_captions_that_say_nothing_are_told_by_what_they_hold():
    found = notes(one(caption=", ,"), one("b.png", caption=""), one("c.png"))
    assert found == [
        "empty captions: 1, such as b.png",
        "captions of separators alone, which say nothing: 1, such as a.png",
    ]
    assert notes(one(caption="/ /"), one("b.png", caption="/ a"), caption_separator="/") == [
        "captions of separators alone, which say nothing: 1, such as a.png"
    ]


def test_captions_that_are_not_what_they_seem_are_told_with_count_and_example():
    found = notes(one("a.png", caption=r"saber \(fate\)"), one("b.png", caption="(hat:1.3)"),
                  one("c.png", caption='{"caption": "x"}'), one("d.png", caption="caf\u00c3\u00a9"),
                  one("e.png", caption="(hat:1.2), a"))  # fmt: skip
    assert found == [
        "captions with escaped brackets, which are trained as brackets, as a prompt reads them: 1, such as a.png",
        "captions with weights or networks as in a prompt, such as (word:1.2), which are trained as text: 2, "
        "such as b.png",
        "captions that are JSON, whose text is trained as it stands: write plain captions: 1, such as c.png",
        "captions that may be in another encoding: 1, such as that of d.png, which reads 'caf\u00e9' in UTF-8: "
        "save it as UTF-8",
    ]


@pytest.mark.parametrize(
    ("caption", "told"),
    [
        ("", [7]),
        (", ,", [8]),
        (r"a \(b\)", [9]),
        ("(a:1.2)", [10]),
        ('["a"]', [11]),
        ("caf\u00c3\u00a9", [12]),
        ("a", []),
    ],
)
def test_one_caption_is_told_the_same(caption, told):
    assert notes_on_one(one(caption=caption), Fit((512, 512), (512, 512)), False, DatasetConfig()) == [
        ONE_NOTES[place] for place in told
    ]


@pytest.mark.parametrize(
    ("size", "resized", "enlarged"),
    [
        ((511, 511), (512, 512), True),
        ((512, 512), (512, 512), False),
        ((512, 511), (512, 512), False),  # on one side alone it is resized by less than a pixel
        ((511, 512), (512, 512), False),
        ((600, 700), (512, 512), False),
        ((100, 90), (512, 600), True),
    ],
)
def test_one_picture_is_enlarged_when_both_of_its_sides_grow(size, resized, enlarged):
    notes = notes_on_one(one(size=size), Fit((512, 512), resized), shared=False, config=DatasetConfig())
    assert notes == ([ONE_NOTES[0]] if enlarged else [])


@pytest.mark.parametrize(("width", "told"), [(1023, []), (1024, []), (1025, [ONE_NOTES[1]])])
def test_one_picture_is_told_to_be_cut_when_less_than_half_is_kept(width, told):
    assert (
        notes_on_one(one(size=(2000, 1000)), Fit((512, 512), (width, 512)), shared=False, config=DatasetConfig())
        == told
    )


def test_all_that_can_be_said_of_one_picture_stands_in_its_order():
    caption = '["(caf\u00c3\u00a9:1.2)", "\\\\(x\\\\)"]'
    found = one(size=(100, 50), caption=caption, animated=True, captioned=False, more_lines=True, damaged=True)
    notes = notes_on_one(found, Fit((64, 64), (160, 80)), shared=True, config=DatasetConfig())
    assert notes == [note for place, note in enumerate(ONE_NOTES) if place not in (7, 8)]  # it is not empty
