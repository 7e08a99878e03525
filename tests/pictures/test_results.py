from dataclasses import replace

import numpy
import pytest
from PIL import Image

from lib_train.errors import DatasetError
from lib_train.pictures.crops import Box
from lib_train.pictures.journal import Journal
from lib_train.pictures.masks import from_boxes, mask_of, writing
from lib_train.pictures.places import Places
from lib_train.pictures.results import Wanted, made
from lib_train.pictures.retouch import crop, mirror, rotate
from lib_train.texts import say
from tests.pictures.saved import entry_of, plain

LEFT = crop(Box(0, 0, 0.5, 1))


@pytest.fixture
def folder(tmp_path):
    return tmp_path / "dataset" / "train" / "5_cat"


@pytest.fixture
def places(tmp_path):
    return Places.of_version(tmp_path)


def contents(root):
    skipped = ("edits.jsonl", ".lock")
    files = (path for path in root.rglob("*") if path.is_file() and not path.name.endswith(skipped))
    return {str(path.relative_to(root)): path.read_bytes() for path in files if "undone" not in path.parts}


def opened(path):
    with Image.open(path) as picture:
        picture.load()
        return picture


def each(*wanted):
    return lambda entry, picture: wanted


def applied(entries, plan, places, **wishes):
    with made(entries, plan, places, **wishes) as found:
        if found.steps:
            Journal(places).apply(say("done"), found.steps)
    return found


def test_results_lie_beside_the_untouched_original_and_one_undo_takes_them_away(tmp_path, folder, places):
    entry = entry_of(folder / "a.png", plain(), "cat, hat\nmore")
    before = contents(tmp_path)
    found = applied([entry], each(Wanted(LEFT, ("cropped", "hat")), Wanted(LEFT), Wanted(mirror())), places)
    assert (found.made, found.refused, found.examples[0]) == (3, (), "a-crop1.png")
    after = contents(tmp_path)
    assert {path: after[path] for path in before} == before
    new = {path.rpartition("/")[2] for path in after.keys() - before.keys()}
    assert new == {"a-crop1.png", "a-crop1.txt", "a-crop2.png", "a-crop2.txt", "a-mirrored1.png", "a-mirrored1.txt"}
    assert (folder / "a-crop1.txt").read_text() == "cat, hat, cropped\nmore"
    assert (folder / "a-crop2.txt").read_text() == "cat, hat\nmore"
    assert opened(folder / "a-crop1.png").size == (32, 48)
    Journal(places).undo()
    assert contents(tmp_path) == before
    Journal(places).redo()
    assert contents(tmp_path) == after


def test_name_that_any_file_has_is_not_taken(folder, places):
    entry = entry_of(folder / "a.png", plain())
    for name in ("a-crop1.jpg", "A-CROP2.txt"):
        (folder / name).write_bytes(b"mine")
    applied([entry], each(Wanted(LEFT)), places)
    assert (folder / "a-crop3.png").is_file()
    assert not (folder / "a-crop3.txt").exists()


def test_picture_without_a_caption_file_gets_one_when_something_is_to_be_told(folder, places):
    entry = entry_of(folder / "a.png", plain(), caption_file=None)
    applied([entry], each(Wanted(LEFT, ("cropped",))), places)
    assert (folder / "a-crop1.txt").read_text() == "cat, cropped"


def test_ending_of_the_caption_stays(folder, places):
    entry = entry_of(folder / "a.png", plain(), caption_file=folder / "a.Caption")
    applied([entry], each(Wanted(LEFT)), places)
    assert (folder / "a-crop1.Caption").read_text() == "cat"


def test_mask_is_cropped_mirrored_and_turned_with_its_picture(folder, places):
    entry = entry_of(folder / "a.png", plain())
    mask = from_boxes((64, 48), [Box(0, 0, 0.25, 0.5)])
    written = writing(entry, places, mask)
    assert written
    Journal(places).apply(say("mask"), [written])
    applied([entry], each(Wanted(LEFT), Wanted(mirror()), Wanted(rotate(90))), places)
    whole = numpy.asarray(mask)
    for name, wanted in (("crop", whole[:, :32]), ("mirrored", whole[:, ::-1]), ("rotated", numpy.rot90(whole, -1))):
        found = mask_of(entry_of(folder / f"a-{name}1.png"), places)
        assert found
        assert numpy.asarray(found).tolist() == wanted.tolist()


def test_picture_that_nothing_can_be_made_of_is_named_and_the_others_go_on(tmp_path, folder, places):
    good, broken = entry_of(folder / "a.png", plain()), entry_of(folder / "b.png")
    (folder / "b.png").write_bytes(b"\x89PNG broken")
    refused = entry_of(folder / "c.png", plain())

    def plan(entry, picture):
        if entry is refused:
            raise DatasetError(say("nothing was found in it; crop it by hand"))
        return [Wanted(LEFT)]

    found = applied([broken, good, refused], plan, places)
    assert found.made == 1
    assert [one.path.name for one in found.used] == ["a.png"]
    assert [line.split(":")[0] for line in found.refused] == ["b.png", "c.png"]
    assert found.refused[1] == "c.png: nothing was found in it; crop it by hand"


def test_picture_of_which_one_result_fails_makes_none(tmp_path, folder, places):
    entry = entry_of(folder / "a.png", plain())
    found = applied([entry], each(Wanted(LEFT), Wanted(crop(Box(0, 0, 0.01, 1)))), places)
    assert (found.made, found.steps) == (0, [])
    assert "a.png: is 1 x 48 pixels: too small to train on" in found.refused[0]


def test_cancelled_work_and_a_dry_run_leave_nothing(tmp_path, folder, places):
    entries = [entry_of(folder / f"{number}.png", plain()) for number in range(3)]
    before = contents(tmp_path)
    asked = []

    def go_on(done, total):
        asked.append((done, total))
        return done < 2

    assert applied(entries, each(Wanted(LEFT)), places, go_on=go_on).cancelled
    assert asked == [(0, 3), (1, 3), (2, 3)]
    found = applied(entries, each(Wanted(LEFT)), places, dry_run=True)
    assert (found.made, found.examples) == (3, ("0-crop1.png", "1-crop1.png", "2-crop1.png"))
    assert contents(tmp_path) == before


def test_upright_transparent_and_palette_pictures_come_out_right(folder, places):
    exif = Image.Exif()
    exif[0x0112] = 6
    folder.mkdir(parents=True)
    turned = Image.new("RGB", (40, 20), "blue")
    turned.save(folder / "a.jpg", exif=exif, quality=100)
    palette = Image.new("P", (16, 16), 1)
    palette.putpalette([0, 0, 0, 255, 0, 0])
    palette.paste(0, (0, 0, 8, 16))
    palette.save(folder / "b.png", transparency=0)
    entries = [entry_of(folder / name) for name in ("a.jpg", "b.png")]
    applied(entries, each(Wanted(mirror())), places)
    upright = opened(folder / "a-mirrored1.png")
    assert (upright.size, upright.getexif().get(0x0112)) == ((20, 40), None)
    clear = opened(folder / "b-mirrored1.png")
    assert (clear.mode, clear.getpixel((0, 0)), clear.getpixel((15, 0))[3]) == ("RGBA", (255, 0, 0, 255), 0)


def test_dry_run_by_size_opens_no_picture_that_is_known(folder, places):
    entry, unknown = (entry_of(folder / f"{name}.png", plain()) for name in "ab")
    for one in (entry, unknown):
        one.path.write_bytes(b"no picture any more")
    sizes = []

    def plan(entry, picture):
        sizes.append(picture.size)
        return [Wanted(mirror())]

    found = applied([entry, replace(unknown, width=0)], plan, places, dry_run=True, by_size=True)
    assert (found.made, sizes, len(found.refused)) == (1, [(64, 48)], 1)
    assert applied([entry], plan, places, by_size=True).made == 0
