from pathlib import Path

from lib_train.config.dataset import DatasetConfig
from lib_train.dataset.notes import Found, notes_on
from lib_train.dataset.records import Picture


def one(name="a.png", size=(512, 512), is_reg=False, **seen):
    picture = Picture(path=Path("10_x") / name, caption="x", width=size[0], height=size[1], repeats=1, folder="10_x",
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
