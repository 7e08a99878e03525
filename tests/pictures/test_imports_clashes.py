"""Files that would get one name, or a name that is no place for them."""

import io
import struct

import pytest
from PIL import Image

from lib_train.pictures import imports
from lib_train.pictures.archives import Source
from lib_train.pictures.arrivals import Ground
from lib_train.pictures.imports import take_in
from lib_train.pictures.sources import sent


def made(color, kind):
    out = io.BytesIO()
    Image.new("RGB", (8, 8), color).save(out, kind)
    return out.getvalue()


def taken_in(tmp_path, **files):
    sources: list[Source] = [sent(f"a.{ending}", io.BytesIO(content)) for ending, content in files.items()]
    taken = take_in(Ground.of_version(tmp_path), "1_x", sources)
    folder = tmp_path / "dataset" / "train" / "1_x"
    return taken, sorted(path.name for path in folder.iterdir())


def test_pictures_that_all_become_png_get_numbers_and_their_caption_each(tmp_path):
    files = {"gif": made("red", "GIF"), "tif": made("blue", "TIFF"), "png": made("green", "PNG"), "txt": b"cat"}
    taken, names = taken_in(tmp_path, **files)
    assert names == ["a-2.png", "a-2.txt", "a-3.png", "a-3.txt", "a.png", "a.txt"]
    assert (taken.kept, taken.converted, taken.renamed, taken.refused) == (6, 2, 2, [])
    again, names = taken_in(tmp_path, **files)
    assert (again.kept, len(names)) == (0, 6)


def test_pictures_of_two_formats_stay_together(tmp_path):
    _, names = taken_in(tmp_path, png=made("red", "PNG"), jpg=made("red", "JPEG"), txt=b"cat")
    assert names == ["a.jpg", "a.png", "a.txt"]


def test_endings_in_other_letters_are_one_ending(tmp_path):
    _, names = taken_in(tmp_path, png=made("red", "PNG"), PNG=made("blue", "PNG"))
    assert names == ["a-2.PNG", "a.png"]


def test_file_in_the_place_of_a_folder_is_named(tmp_path):
    (tmp_path / "dataset").mkdir()
    (tmp_path / "dataset" / "origin").write_text("a file")
    taken, names = taken_in(tmp_path, gif=made("red", "GIF"), png=made("blue", "PNG"))
    assert (names, taken.kept) == (["a.png"], 1)
    assert taken.refused == ["a.gif: cannot be written (Not a directory); make room or check permissions"]


def test_name_that_others_always_get_first_is_given_up(tmp_path, monkeypatch):
    def taken_by_others(path, **how):
        raise FileExistsError(path)

    monkeypatch.setattr(imports, "written", taken_by_others)
    taken = take_in(Ground.of_version(tmp_path), "1_x", [sent("a.png", io.BytesIO(b"1"))])
    assert taken.refused == ["a.png: cannot be written (other files get its name all the time)"]


@pytest.mark.parametrize("kind", ["TIFF", "GIF"])
def test_many_of_one_name_end(tmp_path, kind):
    sources = [sent("a.tif", io.BytesIO(made((number, 0, 0), kind))) for number in range(5)]
    assert take_in(Ground.of_version(tmp_path), "1_x", sources).refused == []


def test_files_none_of_which_can_be_taken_are_named_and_the_others_taken(tmp_path):
    sources = [sent("a.gif", io.BytesIO(b"none")), sent("b.tif", io.BytesIO(b"")), sent("c.txt", io.BytesIO(b"cat"))]
    taken = take_in(Ground.of_version(tmp_path), "1_x", sources, captions_from_prompts=True)
    assert (taken.kept, [line.split(":")[0] for line in taken.refused]) == (1, ["a.gif", "b.tif"])


def test_gif_whose_frame_is_larger_than_it_says_is_taken_and_named(tmp_path):
    frame = b"," + struct.pack("<HHHHB", 0, 0, 65535, 65535, 0) + b"\2\2\x44\1\0;"
    gif = b"GIF89a" + struct.pack("<HHBBB", 1, 1, 0, 0, 0) + frame
    taken, names = taken_in(tmp_path, png=gif, gif=gif)
    assert (names, taken.kept) == (["a.png"], 1)
    assert "a.png: cannot be read as a picture" in taken.unreadable[0]
    assert "a.gif: the picture cannot be decoded" in taken.refused[0]
