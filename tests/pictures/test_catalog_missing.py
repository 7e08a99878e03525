"""What the catalog remembers of pictures that other programs have deleted or moved away."""

import sqlite3
import time
from contextlib import closing
from types import SimpleNamespace

import pytest

from lib_train.pictures import memory
from lib_train.pictures.catalog_file import NAME
from tests.pictures.catalogs import ids, measured, opened, settings_of

DAY = 24 * 3600.0


@pytest.fixture
def after(base, monkeypatch):
    """Opens the catalog as a fresh process does so many days from now."""
    now = time.time()

    def open_it(days):
        monkeypatch.setattr(memory, "time", SimpleNamespace(time=lambda: now + days * DAY))
        return opened(base).stock(settings_of(base))

    return open_it


def kept(base):
    """Names of pictures and captions in the file, and what is noted as missing."""
    with closing(sqlite3.connect(base / "cache" / NAME)) as file:
        tables = [name for (name,) in file.execute("SELECT name FROM sqlite_master")]
        rows = {table: [path.decode().split("/")[-1] for (path,) in file.execute(f"SELECT path FROM {table}")]
                for table in ("pictures", "captions", "missing") if table in tables}  # fmt: skip
    return rows["pictures"] + rows["captions"], rows.get("missing", [])


def thumbnails(base):
    return sorted(path.name for path in (base / "cache" / "thumbnails").rglob("*.webp"))


ALL = ["0.png", "1.png", "2.png", "0.txt", "1.txt", "2.txt"]


def test_picture_that_is_away_for_a_month_leaves_the_catalog_with_caption_and_thumbnails(base, inner, after):
    stock = measured(base)
    contents = {one.path.name: one.content for one in stock.entries}
    assert len(thumbnails(base)) == 9
    for name in ("0.png", "0.txt"):
        (inner / name).unlink()
    after(0)
    assert kept(base) == (ALL, ["0.png", "0.txt"])
    after(29)
    assert kept(base) == (ALL, ["0.png", "0.txt"])
    after(31)
    assert kept(base) == (["1.png", "2.png", "1.txt", "2.txt"], [])
    assert thumbnails(base) == sorted(one for one in thumbnails(base) if contents["0.png"] not in one)
    assert len(thumbnails(base)) == 6


def test_picture_that_comes_back_in_time_has_its_id_and_is_not_read_again(base, inner, after, nothing_read):
    (inner / "0.png").rename(inner / "renamed.png")
    opened(base).measure(settings_of(base))
    (inner / "renamed.png").rename(inner / "0.png")
    before = ids(measured(base))
    inner.rename(base / "elsewhere")  # all of them, as when a drive is not there
    after(0)
    after(20)
    (base / "elsewhere").rename(inner)
    nothing_read()
    assert ids(after(25)) == before
    (inner / "0.png").rename(base / "0.png")
    after(40)  # away anew: the days before do not count
    (base / "0.png").rename(inner / "0.png")
    assert ids(after(41)) == before
    assert kept(base)[1] == []


def test_picture_whose_content_another_one_has_leaves_the_thumbnails(base, inner, after):
    (inner / "copy.png").write_bytes((inner / "0.png").read_bytes())
    measured(base)
    (inner / "0.png").unlink()
    after(0)
    after(31)
    assert "0.png" not in kept(base)[0]
    assert len(thumbnails(base)) == 9


def test_pictures_of_folders_that_are_not_chosen_now_stay(base, inner, after, tmp_path):
    other = tmp_path / "other" / "1_x"
    other.parent.mkdir()
    measured(base)
    inner.rename(other)
    settings = settings_of(base).__class__(train_data_dir=(str(other.parent),))
    opened(base).measure(settings)
    inner.mkdir()
    (inner / "new.png").write_bytes(b"another")
    after(0)
    after(31)
    assert sorted(kept(base)[0]) == sorted([*ALL, "new.png"])
    assert kept(base)[1] == []


def test_clock_that_was_wrong_makes_nothing_older(base, inner, after):
    measured(base)
    (inner / "0.png").unlink()
    after(4000)
    after(0)
    after(29)
    assert "0.png" in kept(base)[0]
    after(31)
    assert "0.png" not in kept(base)[0]
