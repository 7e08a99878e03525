from pathlib import Path

from lib_train.pictures.bare import Bare, bare_in
from lib_train.pictures.entry import Entry


def entry(caption: str, folder: str = "10_subject", **more: object) -> Entry:
    return Entry(id=1, path=Path("a.png"), folder=folder, repeats=10, caption=caption, **more)  # type: ignore[arg-type]


def test_pictures_are_bare_when_their_caption_says_no_more_than_their_folder():
    pictures = [entry("subject"), entry("", "5_girl"), entry("girl\nmore", "5_girl"), entry("girl, hat", "5_girl")]
    assert bare_in(pictures, ",") == Bare(3, ("subject", "girl"), ("girl",))
    assert bare_in([entry("subject"), entry("my subject")], ",") == Bare(1, ("subject",), ())


def test_only_pictures_that_are_trained_count():
    others = [entry("", is_reg=True), entry("", left_out=True), entry("", problem="cut short")]
    assert bare_in([*others, entry("hat")], ",") == Bare(0, (), ())
