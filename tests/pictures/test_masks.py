import io
from dataclasses import replace

import pytest
from PIL import Image

from lib_train.errors import DatasetError
from lib_train.pictures.crops import Box
from lib_train.pictures.journal import Journal
from lib_train.pictures.masks import (
    from_alpha,
    from_boxes,
    from_bytes,
    inverted,
    mask_of,
    mask_path,
    png_of,
    with_masks,
    writing,
)
from lib_train.pictures.places import Places
from tests.pictures.saved import entry_of, plain


@pytest.fixture
def entry(tmp_path):
    return entry_of(tmp_path / "dataset" / "train" / "5_cat" / "a.png", plain())


@pytest.fixture
def places(tmp_path):
    return Places.of_version(tmp_path)


def png(picture):
    out = io.BytesIO()
    picture.save(out, "PNG")
    return out.getvalue()


def test_mask_is_written_read_and_taken_back(entry, places):
    assert mask_of(entry, places) is None
    mask = from_boxes((64, 48), [Box(0, 0, 0.5, 1)])
    journal = Journal(places)
    first = writing(entry, places, mask)
    assert first
    journal.apply("mask", [first])
    found = mask_of(entry, places)
    assert found
    assert found.tobytes() == mask.tobytes()
    assert (places.masks / "5_cat" / "a.png").is_file()
    assert writing(entry, places, mask) is None
    second = writing(entry, places, inverted(mask))
    assert second
    journal.apply("mask", [second])
    journal.undo()
    again = mask_of(entry, places)
    assert again
    assert again.tobytes() == mask.tobytes()
    journal.undo()
    assert mask_of(entry, places) is None


def test_masks_of_both_kinds_of_pictures_do_not_meet(entry, places):
    reg = replace(entry, is_reg=True)
    both = {mask_path(places, one.folder, one.is_reg, one.path.stem) for one in (entry, reg)}
    assert both == {places.masks / "5_cat" / "a.png", places.masks / "reg" / "5_cat" / "a.png"}


def test_mask_of_a_picture_is_its_transparency(tmp_path):
    picture = Image.new("RGBA", (4, 4), (255, 0, 0, 0))
    picture.paste((0, 0, 0, 128), (0, 0, 2, 4))
    picture.save(tmp_path / "a.png")
    found = from_alpha(tmp_path / "a.png")
    assert found
    assert (found.getpixel((0, 0)), found.getpixel((3, 0))) == (128, 0)
    plain().save(tmp_path / "b.png")
    assert from_alpha(tmp_path / "b.png") is None
    Image.new("RGBA", (4, 4), "red").save(tmp_path / "c.png")
    assert from_alpha(tmp_path / "c.png") is None


def test_painted_mask_is_brought_to_the_picture_s_size_and_strokes_lie_on_black():
    strokes = Image.new("RGBA", (32, 24), (0, 0, 0, 0))
    strokes.paste((255, 255, 255, 255), (0, 0, 16, 24))
    mask = from_bytes(png(strokes), (64, 48))
    assert (mask.mode, mask.size, mask.getpixel((4, 4)), mask.getpixel((60, 4))) == ("L", (64, 48), 255, 0)


@pytest.mark.parametrize(
    ("content", "told"),
    [
        (b"", "mask: is empty"),
        (b"x", "mask: is none of PNG"),
        (png(plain())[:60], "mask: the picture cannot be decoded"),
        (png(plain((48, 64))), "mask: is 48 x 64 pixels, of other proportions than its picture of 64 x 48"),
    ],
)
def test_mask_that_is_none_is_named(content, told):
    with pytest.raises(DatasetError, match=told):
        from_bytes(content, (64, 48))


def test_masks_keep_every_level():
    mask = Image.frombytes("L", (16, 16), bytes(range(256)))
    assert from_bytes(png_of(mask), (16, 16)).tobytes() == mask.tobytes()


def test_pictures_with_masks_are_found_whatever_form_their_names_have(entry, places, tmp_path):
    other = replace(entry, id=entry.id + 1, path=tmp_path / "dataset" / "train" / "5_cat" / "が.png")
    assert with_masks([entry, other], places) == set()
    folder = mask_path(places, entry.folder, False, "a").parent
    folder.mkdir(parents=True)
    (folder / "か\u3099.png").touch()
    assert with_masks([entry, other], places) == {other.id}
    assert with_masks([replace(other, is_reg=True)], places) == set()
