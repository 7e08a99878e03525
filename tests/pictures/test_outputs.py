import os
import time
from pathlib import Path

import pytest

from lib_train.pictures import outputs
from lib_train.pictures.outputs import Outputs

NOON = time.mktime((2024, 5, 1, 12, 0, 0, 0, 0, -1))
DAY = 24 * 3600
NOWHERE = Path("/nowhere")


def put(path, when=NOON):
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(b"picture")
    os.utime(path, (when, when))
    return path


@pytest.fixture
def folder(tmp_path):
    """Of three pictures, and of what is none."""
    put(tmp_path / "out/2024-05-01/a.png")
    put(tmp_path / "out/2024-05-02/b.jpg", NOON + DAY)
    put(tmp_path / "out/c.webp", NOON + 5)
    for name in ("a.txt", ".hidden.png", "sign\n.png", ".trash/d.png"):
        put(tmp_path / "out" / name)
    (tmp_path / "out/link.png").symlink_to(tmp_path / "out/c.webp")
    (tmp_path / "out/linked").symlink_to(tmp_path / "out/2024-05-01")
    return tmp_path / "out"


def names(found):
    return [one.name for one in found]


def test_pictures_are_listed_newest_first_with_their_days(folder):
    found = Outputs().listed([folder], NOWHERE)
    assert [(one.name, one.day) for one in found] == [
        ("0/2024-05-02/b.jpg", "2024-05-02"), ("0/c.webp", "2024-05-01"), ("0/2024-05-01/a.png", "2024-05-01"),
    ]  # fmt: skip
    assert found[1].path == folder / "c.webp"


def test_folder_in_another_is_listed_once_and_the_projects_never(tmp_path, folder):
    put(folder / "train_tools/p/x.png")
    put(tmp_path / "save/y.png")
    given = [folder, folder / "2024-05-01", folder, tmp_path / "save", tmp_path / "gone"]
    found = names(Outputs().listed(given, folder / "train_tools"))
    assert sorted(found) == ["0/2024-05-01/a.png", "0/2024-05-02/b.jpg", "0/c.webp", "1/y.png"]


def test_folder_that_has_not_changed_is_not_read_again_and_a_changed_one_is(folder, monkeypatch):
    for place in (folder, *(one for one in folder.iterdir() if one.is_dir())):
        os.utime(place, (NOON, NOON))
    read, scandir = [], os.scandir
    monkeypatch.setattr(os, "scandir", lambda place: read.append(str(place)) or scandir(place))
    listing = Outputs()
    first = listing.listed([folder], NOWHERE)
    assert (len(read), listing.listed([folder], NOWHERE), len(read)) == (3, first, 3)
    put(folder / "2024-05-01/new.png", NOON + 9)
    assert "0/2024-05-01/new.png" in names(listing.listed([folder], NOWHERE))
    assert read[3:] == [str(folder / "2024-05-01")]


def test_folder_that_has_just_changed_is_not_trusted(folder):
    listing = Outputs()
    listing.listed([folder], NOWHERE)
    before = os.stat(folder).st_mtime_ns
    put(folder / "quick.png")
    os.utime(folder, ns=(before, before))
    assert "0/quick.png" in names(listing.listed([folder], NOWHERE))


def test_no_more_pictures_are_gathered_than_anybody_looks_through(folder, monkeypatch):
    monkeypatch.setattr(outputs, "_MOST", 0)
    assert len(Outputs().listed([folder], NOWHERE)) == 1
