import shutil
from dataclasses import replace

import pytest
from PIL import Image

from lib_train.pictures.scan import scan
from tests.pictures.catalogs import opened, settings_of


def _odd_pngs(inner):
    whole = (inner / "0.png").read_bytes()
    (inner / "cut.png").write_bytes(whole[:60])
    (inner / "none.png").write_bytes(b"")
    (inner / "text.jpg").write_text("no picture")
    Image.new("RGB", (4, 90)).save(inner / "small.png")
    (inner / "dead.png").symlink_to(inner / "nowhere.png")
    (inner / "folder.png").mkdir()
    (inner / "._0.png").write_bytes(b"x")


def _odd_captions(inner):
    (inner / "0.txt").write_bytes("日本".encode("shift-jis"))
    (inner / "1.txt").write_text("")
    (inner / "2.txt").unlink()
    (inner / "2.CAPTION").write_text("﻿cafe\u0301 (x:1.2)\nsecond line", encoding="utf-8")
    (inner / "captions.csv").write_text("a,b")
    shutil.copy(inner / "1.png", inner / "1.webp")


def _odd_folders(inner):
    Image.new("RGB", (64, 64)).save(inner.parent / "loose.png")
    for name in ("cats", "3 x dogs", "0_off", "5_empty", "99999_many", "7_b\u0061\u0308r"):
        (inner.parent / name).mkdir()
        if name != "5_empty":
            shutil.copy(inner / "0.png", inner.parent / name / "a.png")
    (inner / "deep").mkdir()
    shutil.copy(inner / "0.png", inner / "deep" / "a.png")
    (inner / "b.tiff").write_bytes(b"x")


def _twice(inner):
    return {"train_data_dir": (str(inner.parent), str(inner), str(inner.parent / "missing"))}


def _reg(inner):
    return {"reg_data_dir": (str(inner.parent),), "caption_extension": (".caption", ".txt")}


ODD = {"pictures": _odd_pngs, "captions": _odd_captions, "folders": _odd_folders, "twice": _twice, "reg": _reg}


@pytest.mark.parametrize("odd", ODD)
def test_scan_of_the_catalog_is_that_of_the_folders_when_pictures_are_odd(base, inner, odd):
    more = ODD[odd](inner) or {}
    settings = replace(settings_of(base), **more)
    catalog = opened(base)
    for _ in ("new", "measured", "opened again"):
        assert catalog.scan(settings) == scan(settings)
        catalog.measure(settings)
        assert catalog.scan(settings) == scan(settings)
        catalog = opened(base)


def test_scan_follows_every_change_of_the_folders(base, inner):
    catalog, settings = opened(base), settings_of(base)
    changes = [
        lambda: shutil.copy(inner / "0.png", inner / "9.png"),
        lambda: (inner / "9.txt").write_text("nine"),
        lambda: (inner / "0.png").unlink(),
        lambda: inner.rename(inner.with_name("4_mochi")),
        lambda: shutil.rmtree(inner.with_name("4_mochi")),
    ]
    for change in changes:
        assert catalog.scan(settings) == scan(settings)
        change()
    assert catalog.scan(settings) == scan(settings)
    assert catalog.scan(settings).pictures == ()
