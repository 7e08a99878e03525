import os
import time
from dataclasses import replace

import pytest
from PIL import Image

P = ("p", "v1")


def test_changed_caption_does_not_read_the_pictures_again(gallery, monkeypatch):
    gallery.listed(*P)
    read = []
    monkeypatch.setattr("lib_train.app.scans.look_at", lambda path: read.append(path))
    gallery.keep_caption(*P, 0, "0.png", "mochi, number 0, blue", "new")
    assert gallery.listed(*P)["pictures"][0]["caption"] == "new"
    assert read == []


def test_picture_edited_with_the_same_size_and_date_is_seen(gallery, folder):
    """Two bitmaps of as many bytes, one of them on its side."""
    (folder / "0.png").unlink()
    Image.new("RGB", (64, 128)).save(folder / "0.bmp")
    before = (folder / "0.bmp").stat()
    assert [gallery.listed(*P)["pictures"][0][side] for side in ("width", "height")] == [64, 128]
    Image.new("RGB", (128, 64)).save(folder / "0.bmp")
    os.utime(folder / "0.bmp", ns=(before.st_atime_ns, before.st_mtime_ns))
    assert (folder / "0.bmp").stat().st_size == before.st_size
    assert [gallery.listed(*P)["pictures"][0][side] for side in ("width", "height")] == [128, 64]


def test_caption_edited_with_the_same_size_and_date_is_seen(gallery, folder):
    before = (folder / "0.txt").stat()
    assert gallery.listed(*P)["pictures"][0]["caption"] == "mochi, number 0, blue"
    (folder / "0.txt").write_text("mochi, number 0, pink")
    os.utime(folder / "0.txt", ns=(before.st_atime_ns, before.st_mtime_ns))
    assert gallery.listed(*P)["pictures"][0]["caption"] == "mochi, number 0, pink"


def test_unchanged_folder_is_neither_read_nor_walked_again(gallery, folder, monkeypatch):
    dataset = gallery._dataset(*P)
    known = gallery.scanned(dataset)
    (folder / "deep" / "er").mkdir(parents=True)
    monkeypatch.setattr("lib_train.app.scans.walk", lambda *args, **kwargs: pytest.fail("was read again"))
    assert gallery.scanned(dataset) == known
    assert gallery.scanned(replace(dataset, resolution=(128,))).pictures == known.pictures


def test_many_unchanged_pictures_cost_little(gallery, folder):
    picture, caption = (folder / "0.png").read_bytes(), (folder / "0.txt").read_bytes()
    for number in range(1000):
        (folder / f"x{number}.png").write_bytes(picture)
        (folder / f"x{number}.txt").write_bytes(caption)
    dataset = gallery._dataset(*P)
    assert len(gallery.scanned(dataset).pictures) == 1003
    spent = []
    for _ in range(3):  # the collector of rubbish may come in between
        start = time.process_time()
        gallery.scanned(dataset)
        spent.append(time.process_time() - start)
    assert min(spent) < 0.15
