import os
import shutil
import threading
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from PIL import Image

from lib_train.config.dataset import DatasetConfig
from lib_train.errors import PictureError
from lib_train.pictures import catalog as catalog_module
from lib_train.pictures import shelves
from lib_train.pictures.catalog import Catalog
from lib_train.pictures.facts import looked as really_looked
from lib_train.pictures.facts import measured as really_measured
from lib_train.pictures.places import Places
from lib_train.pictures.shelves import glanced as really_glanced
from lib_train.pictures.thumbnails import SIDES
from tests.pictures.catalogs import ids, measured, opened, settings_of, size_of


def test_catalog_tells_names_and_captions_before_any_picture_is_read(base, inner, monkeypatch):
    monkeypatch.setattr(catalog_module, "looked", lambda path: pytest.fail("was read"))
    (inner / "1.txt").unlink()
    (inner / "2.txt").write_text("mochi, wide\nmore\n")
    first, second, third = opened(base).stock(settings_of(base)).entries
    assert (first.caption, first.width, first.content) == ("mochi, number 0, blue", 0, "")
    assert (second.caption, second.caption_file) == ("mochi", None)
    assert (third.caption, third.line, third.caption_file) == ("mochi, wide\nmore", "mochi, wide", inner / "2.txt")
    assert [(one.folder, one.repeats, one.is_reg, one.left_out) for one in (first, third)] == [
        ("2_mochi", 2, False, False)
    ] * 2


def test_pictures_that_come_while_others_are_looked_at_have_a_size_too(base, inner, monkeypatch):
    catalog, settings = opened(base), settings_of(base)

    def looked_while_one_comes(path):
        if not (inner / "late.png").exists():
            shutil.copy(inner / "0.png", inner / "late.png")
            catalog.stock(settings)  # as another window asks
        return really_looked(path)

    monkeypatch.setattr(catalog_module, "looked", looked_while_one_comes)
    found = catalog.scan(settings).pictures
    assert [(one.path.name, one.width > 0) for one in found] == [
        ("0.png", True), ("1.png", True), ("2.png", True), ("late.png", True)
    ]  # fmt: skip


def test_catalog_measures_everything_with_thumbnails_of_the_same_proportions(base, inner):
    Image.new("RGBA", (1200, 600), (9, 9, 9, 0)).save(inner / "3.png")
    catalog, progress = opened(base), []
    stock = catalog.measure(settings_of(base), lambda done, total: progress.append((done, total)))
    assert progress == [(1, 4), (2, 4), (3, 4), (4, 4)]
    one, clear = stock.entries[2], stock.entries[3]
    assert (one.width, one.height, one.bytes, one.transparent) == (192, 64, (inner / "2.png").stat().st_size, False)
    assert (len(one.content), clear.transparent, stock.measured) == (32, True, 4)
    shapes = [size_of(catalog.thumbnail(settings_of(base), stock.parts[3], side)) for side in SIDES]
    assert shapes == [(512, 256), (256, 128), (128, 64)]
    assert size_of(catalog.thumbnail(settings_of(base), stock.parts[2], 512)) == (192, 64)  # never enlarged
    assert size_of(catalog.thumbnail(settings_of(base), stock.parts[3], 1000)) == (1000, 500)


def test_catalog_that_is_opened_again_reads_nothing_that_has_not_changed(base, inner, nothing_read):
    before = measured(base)
    nothing_read()
    after = opened(base).measure(settings_of(base))
    assert after.entries == before.entries


def test_catalog_reads_only_what_changed(base, inner, monkeypatch):
    catalog = opened(base)
    catalog.measure(settings_of(base))
    read = []

    def watched(path, *more):
        read.append(path.name)
        return really_measured(path, *more)

    monkeypatch.setattr(catalog_module, "measured", watched)
    Image.new("RGB", (80, 70), "red").save(inner / "1.png")
    os.utime(inner / "0.png")  # the same content: its bytes are read, and not decoded
    (inner / "2.txt").write_text("new words")
    stock = catalog.measure(settings_of(base))
    assert read == ["1.png"]
    assert [(one.width, one.line) for one in stock.entries] == [
        (64, "mochi, number 0, blue"), (80, "mochi, number 1, blue"), (192, "new words")
    ]  # fmt: skip


def test_picture_edited_with_the_same_size_and_date_is_seen(base, inner):
    (inner / "0.png").unlink()
    Image.new("RGB", (64, 128)).save(inner / "0.bmp")
    catalog, before = opened(base), (inner / "0.bmp").stat()
    assert catalog.look(settings_of(base)).entries[0].width == 64
    Image.new("RGB", (128, 64)).save(inner / "0.bmp")
    os.utime(inner / "0.bmp", ns=(before.st_atime_ns, before.st_mtime_ns))
    assert (inner / "0.bmp").stat().st_size == before.st_size
    assert catalog.look(settings_of(base)).entries[0].width == 128


def test_one_picture_is_looked_at_again_without_the_others(base, inner, monkeypatch):
    catalog, settings = opened(base), settings_of(base)
    number = catalog.measure(settings).entries[0].id
    shelf = catalog._kept(settings).shelf
    monkeypatch.setattr(shelf, "seen", lambda: pytest.fail("all were looked at"))
    assert catalog.part(settings, number).entry.line == "mochi, number 0, blue"
    monkeypatch.undo()
    (inner / "0.txt").write_text("theirs")
    assert catalog.part(settings, number).entry.line == "theirs"
    (inner / "0.txt").unlink()
    assert catalog.part(settings, number).entry.caption_file is None
    (inner / "0.caption").write_text("new")
    assert catalog.part(settings, number).entry.line == "new"
    assert catalog.part(settings, 12345) is None


def test_picture_that_cannot_be_seen_has_no_thumbnail_and_says_why(base, inner):
    (inner / "0.png").write_bytes(b"")
    catalog = opened(base)
    part = catalog.measure(settings_of(base)).parts[0]
    with pytest.raises(PictureError, match="0.png: is empty"):
        catalog.thumbnail(settings_of(base), part, 256)
    assert part.entry.problem == "is empty; replace or remove it"


def test_thumbnails_that_many_ask_for_at_once_are_made_by_two_threads_whose_memory_stays(base, inner, monkeypatch):
    catalog, settings, threads = opened(base), settings_of(base), set()

    def measured_by(*given):
        threads.add(threading.current_thread())
        return really_measured(*given)

    monkeypatch.setattr(catalog_module, "measured", measured_by)
    for number in range(20):
        shutil.copy(inner / "0.png", inner / f"more{number}.png")
    parts = catalog.stock(settings).parts
    with ThreadPoolExecutor(8) as askers:
        found = list(askers.map(lambda part: size_of(catalog.thumbnail(settings, part, 128)), parts))
    assert len(found) == len(parts)
    assert 1 <= len(threads) <= 2


def test_thumbnail_that_was_deleted_is_made_again(base, inner):
    catalog = opened(base)
    part = catalog.measure(settings_of(base)).parts[0]
    first = catalog.thumbnail(settings_of(base), part, 128)
    shutil.rmtree(base / "cache")
    assert catalog.thumbnail(settings_of(base), part, 128) == first


def test_tokens_stand_at_the_captions_that_were_counted(base):
    catalog, settings = opened(base), settings_of(base)
    catalog.count({"mochi, number 0, blue": 5})
    assert [one.tokens for one in catalog.stock(settings).entries] == [5, None, None]


def test_only_wanted_pictures_are_measured(base):
    catalog, settings = opened(base), settings_of(base)
    number = catalog.stock(settings).entries[1].id
    assert [bool(one.content) for one in catalog.measure(settings, only={number}.__contains__).entries] == [
        False, True, False
    ]  # fmt: skip


def test_a_folder_that_is_named_from_where_one_is_is_not_read_again_either(base, inner, monkeypatch, nothing_read):
    """As the command line does: ``--train_data_dir .``"""
    settings = DatasetConfig(train_data_dir=(".",))
    monkeypatch.chdir(inner.parent)
    before = Catalog(Places.of_folder(Path("."))).measure(settings)
    nothing_read()
    assert Catalog(Places.of_folder(Path("."))).measure(settings).entries == before.entries
    there = Catalog(Places.of_folder(inner.parent)).measure(DatasetConfig(train_data_dir=(str(inner.parent),)))
    assert ids(there) == ids(before)


def test_picture_that_is_renamed_between_reading_its_folder_and_itself_keeps_its_id(base, inner, monkeypatch):
    catalog, dataset = opened(base), settings_of(base)
    number = ids(catalog.measure(dataset))["1.png"]
    Image.new("RGB", (64, 64)).save(inner / "0a.png")  # the folder is read again

    def renames(file):
        if (inner / "1.png").exists():
            (inner / "1.png").rename(inner / "z.png")
        return really_glanced(file)

    monkeypatch.setattr(shelves, "glanced", renames)
    assert [one.path.name for one in catalog.stock(dataset).entries] == ["0.png", "0a.png", "2.png"]
    assert ids(catalog.stock(dataset))["z.png"] == number
