"""Imports and edits on a disk that is full at each of their writes in turn."""

import io
from dataclasses import replace
from pathlib import Path

import pytest
from PIL import Image

from lib_train.errors import TrainToolsError
from lib_train.pictures.arrivals import Ground, Taken
from lib_train.pictures.imports import take_in
from lib_train.pictures.journal import Change, Journal, Made, Move, Step
from lib_train.pictures.places import Places
from lib_train.pictures.sources import sent
from tests.full_disk import at_each_write
from tests.pictures.trees import content_below


def coded(kind, color):
    out = io.BytesIO()
    Image.new("RGB", (8, 8), color).save(out, kind)
    return out.getvalue()


FILES = {
    "a.png": coded("PNG", "red"), "a.txt": b"a cat", "b.tif": coded("TIFF", "blue"), "b.txt": b"a dog",
    "2_x/c.jpg": coded("JPEG", "green"),
}  # fmt: skip
CAME = {"train/10_cat/a.png", "train/10_cat/a.txt", "train/10_cat/b.png", "train/10_cat/b.txt", "train/2_x/c.jpg",
        "origin/10_cat/b.tif"}  # fmt: skip


def ground(root):
    return Ground(root / "train", root / "reg", replace(Places.of_version(root), origin=root / "origin"))


def import_all(root):
    streams = [sent(name, io.BytesIO(content)) for name, content in FILES.items()]
    return take_in(ground(root), "10_cat", streams, coming=Journal(ground(root).places).coming(str))


def own_picture(root):
    (root / "train/10_cat").mkdir(parents=True)
    (root / "train/10_cat/mine.png").write_bytes(b"mine")


def test_import_on_a_full_disk_leaves_whole_files_that_one_undo_takes_away(tmp_path, monkeypatch):
    whole = set(FILES.values()) | {b"mine"}
    for root, answer in at_each_write(monkeypatch, tmp_path, own_picture, import_all):
        found = content_below(root)
        assert not [name for name in found if name.endswith((".partial", ".lock"))]
        assert {content for name, content in found.items() if not name.endswith("b.png")} <= whole
        assert ("origin/10_cat/b.tif" in found) == ("train/10_cat/b.png" in found)
        if isinstance(answer, Taken):
            told = "\n".join(answer.refused)
            assert len(found) == len(CAME) + 1 or "No space left on device)" in told
            if answer.edit:
                Journal(ground(root).places).undo()
        else:
            assert "No space left on device" in str(answer)
        assert set(content_below(root)) == {"train/10_cat/mine.png"}
        assert import_all(root).refused == []
        assert set(content_below(root)) == CAME | {"train/10_cat/mine.png"}


def test_edit_on_a_full_disk_is_done_or_left_file_by_file_and_taken_back_whole(tmp_path, monkeypatch):
    def prepare(root):
        own_picture(root)
        (root / "train/10_cat/mine.txt").write_bytes(b"old")
        (root / "fresh.png").write_bytes(b"new picture")

    def edit(root):
        folder = root / "train/10_cat"
        mask = root / "dataset/masks/10_cat/mine.png"
        steps: list[Step] = [
            Made(folder / "new.png", root / "fresh.png"),
            Change(folder / "mine.txt", b"old", b"new"),
            Change(mask, None, b"mask"),
            Move(folder / "mine.png", root / "out/m.png"),
        ]
        return Journal(Places.of_version(root)).apply("edit", steps)

    for root, answer in at_each_write(monkeypatch, tmp_path, prepare, edit):
        found, journal = content_below(root), Journal(Places.of_version(root))
        assert set(found.values()) <= {b"mine", b"old", b"new", b"new picture", b"mask"}
        assert len(found) == 3 + ("dataset/masks/10_cat/mine.png" in found)
        if isinstance(answer, TrainToolsError):
            assert "No space left on device); make room" in str(answer)
        else:
            assert len(answer.left) + sum(answer.counts.values()) == 4
            assert all("make room" in one for one in answer.left)
        if journal.edits():
            assert journal.undo().left == ()
        found = content_below(root)
        found.pop("fresh.png", None)
        assert found == {"train/10_cat/mine.png": b"mine", "train/10_cat/mine.txt": b"old"}


@pytest.mark.parametrize("way", ["undo", "redo"])
def test_undo_and_redo_on_a_full_disk_can_be_tried_again(tmp_path, monkeypatch, way):
    def prepare(root):
        own_picture(root)
        folder = root / "train/10_cat"
        (folder / "new.png").write_bytes(b"new picture")
        steps: list[Step] = [Made(folder / "new.png"), Change(folder / "mine.txt", None, b"new"),
                 Move(folder / "mine.png", root / "out/m.png")]  # fmt: skip
        Journal(Places.of_version(root)).apply("edit", steps)
        if way == "redo":
            Journal(Places.of_version(root)).undo()

    def again(root: Path):
        return getattr(Journal(Places.of_version(root)), way)()

    after = {
        "undo": {"train/10_cat/mine.png": b"mine"},
        "redo": {"train/10_cat/new.png": b"new picture", "train/10_cat/mine.txt": b"new", "out/m.png": b"mine"},
    }
    for root, answer in at_each_write(monkeypatch, tmp_path, prepare, again):
        said = [str(answer)] if isinstance(answer, TrainToolsError) else answer.left
        assert all("No space left on device); make room" in one for one in said)
        if said:
            assert again(root).left == ()
        assert content_below(root) == after[way]
