"""Sixty and more things that nobody should put into a zip: none leaves its place or stops the rest, each is named."""

import io
import stat
import struct
import zipfile
import zlib
from dataclasses import replace

import pytest
from PIL import Image

from lib_train.pictures.arrivals import Ground
from lib_train.pictures.imports import take_in
from lib_train.pictures.places import Places
from lib_train.pictures.sources import gathered, sent


def saved(kind="PNG", size=(16, 12), **options):
    out = io.BytesIO()
    Image.effect_mandelbrot(size, (-2, -1.5, 1, 1.5), 20).convert("RGB").save(out, kind, **options)
    return out.getvalue()


PNG, JPEG, WEBP, TIFF, GIF, BMP = (saved(kind) for kind in ("PNG", "JPEG", "WEBP", "TIFF", "GIF", "BMP"))
TAKEN, REFUSED, UNREADABLE, LEFT_OUT = "taken", "refused", "unreadable", "left out"
HUGE = PNG[:16] + struct.pack(">II", 60_000, 60_000) + PNG[24:29]
HUGE += struct.pack(">I", zlib.crc32(HUGE[12:29])) + PNG[33:]
LOOP = b"II*\0\x08\0\0\0" + struct.pack("<H", 1) + struct.pack("<HHII", 256, 4, 1, 16) + struct.pack("<I", 8)

PATHS = {
    "../../evil.png": TAKEN, "/etc/evil.png": TAKEN, "C:\\evil.png": TAKEN, "..\\..\\evil.png": TAKEN,
    "5_x/../../../evil.png": TAKEN, "\\\\server\\share\\evil.png": TAKEN, "./././evil.png": TAKEN,
    "5_x//evil.png": TAKEN, "~/evil.png": TAKEN, "5_../evil.png": TAKEN, "reg/../../evil.png": TAKEN,
    "5_x/evil.png/evil.png": TAKEN, "....//evil.png": LEFT_OUT, "\x00/evil.png": TAKEN,
    "/".join(["d"] * 400) + "/evil.png": TAKEN,
}  # fmt: skip
NAMES = {
    "[1] (2) {3}.png": TAKEN, "it's \"quoted\" `x`.png": TAKEN, "\U0001f431.png": TAKEN, "caf\u0301e.png": TAKEN,
    "caf\u00e9.png": TAKEN, "-rf.png": TAKEN, "%s%n{0}$(x).png": TAKEN, "a..png": TAKEN, " a .png": TAKEN,
    "CON.png": TAKEN, "\u65e5\u672c\u8a9e.PNG": TAKEN, "a;b&c|d.png": TAKEN, "x" * 240 + ".png": TAKEN,
    "x" * 300 + ".png": REFUSED, "\u5b57" * 90 + ".png": REFUSED, "\u202egnp.png": REFUSED, "a\nb.png": REFUSED,
    "a\tb.png": REFUSED, ".png": LEFT_OUT, ".hidden.png": LEFT_OUT, "png": LEFT_OUT, "a.png.exe": LEFT_OUT,
    "__MACOSX/5_x/._a.png": LEFT_OUT, "Thumbs.db": LEFT_OUT, ".DS_Store": LEFT_OUT, "@eaDir/a.png": LEFT_OUT,
    "desktop.ini": LEFT_OUT, "inner.zip": LEFT_OUT, "a.psd": LEFT_OUT, "a.svg": LEFT_OUT, "5_x": LEFT_OUT,
}  # fmt: skip
CONTENTS = {
    "empty.png": (b"", UNREADABLE), "text.png": (b"no picture", UNREADABLE), "cut.png": (PNG[:60], UNREADABLE),
    "head.png": (PNG[:8], UNREADABLE), "crc.png": (PNG[:50] + b"\xff\xff" + PNG[52:], UNREADABLE),
    "huge.png": (HUGE, UNREADABLE), "cut.jpg": (JPEG[:200], UNREADABLE), "head.jpg": (JPEG[:4], UNREADABLE),
    "page.jpg": (b"<!DOCTYPE html><html></html>", UNREADABLE), "cut.webp": (WEBP[:30], UNREADABLE),
    "head.bmp": (BMP[:20], UNREADABLE), "pointer.png": (b"version https://git-lfs.github.com/spec/v1\n", UNREADABLE),
    "heic.jpg": (b"\0\0\0\x18ftypheic" + bytes(40), UNREADABLE),
    "noise.avif": (b"\0\0\0\x1cftypavif" + bytes(40), UNREADABLE),
    "gif.png": (GIF, TAKEN), "webp.jpg": (WEBP, TAKEN), "one.png": (saved(size=(1, 1)), TAKEN),
    "cut.tif": (TIFF[:100], REFUSED), "loop.tif": (LOOP, REFUSED), "empty.tif": (b"", REFUSED),
    "text.gif": (b"GIF89a", REFUSED), "cut.gif": (GIF[:40], REFUSED), "noise.jxl": (b"\xff\x0a" + bytes(9), REFUSED),
    "noise.heic": (b"\0\0\0\x18ftypheic", REFUSED), "empty.jfif": (b"", REFUSED), "png.tiff": (PNG, TAKEN),
    "long.txt": (b"x" * (2**20 + 1), REFUSED), "utf16.txt": ("cat".encode("utf-16"), TAKEN),
    "gbk.txt": ("\u732b".encode("gbk"), TAKEN), "nul.txt": (b"a\0b", TAKEN), "commas.txt": (b", , ,", TAKEN),
    "page.txt": (b"", TAKEN), "a.png.txt": (b"cat", TAKEN),
}  # fmt: skip


def zipped(*members, flags=0, method=None):
    """A zip of (name, content); flags and method are those of the first in the list of files."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in members:
            member = name if isinstance(name, zipfile.ZipInfo) else zipfile.ZipInfo("placeholder")
            if member is not name:
                member.filename, member.compress_type = name, zipfile.ZIP_DEFLATED
            archive.writestr(member, content)
    found = bytearray(out.getvalue())
    place = found.index(b"PK\1\2")
    found[place + 8] |= flags
    found[place + 10] = found[place + 10] if method is None else method
    return bytes(found)


def symlink():
    member = zipfile.ZipInfo("evil.png")
    member.create_system, member.external_attr = 3, (stat.S_IFLNK | 0o777) << 16
    return member


def damaged():
    found = bytearray(zipped(("evil.png", PNG), ("good.png", saved(size=(20, 20)))))
    place = found.index(b"evil.png") + 20
    found[place : place + 20] = bytes(20)
    return bytes(found)


def misdeclared():
    """A name that is declared to be UTF-8, and is cp932."""
    found = zipped(("\u732b\u732b.png", PNG), ("good.png", saved(size=(20, 20))))
    raw = "\u732b\u732b\u732b.png".encode("cp932")
    return found.replace("\u732b\u732b.png".encode(), raw)


GOOD = ("good.png", saved(size=(20, 20)))
ARCHIVES = {
    "link": (zipped((symlink(), b"/etc/passwd"), GOOD), REFUSED), "damaged": (damaged(), REFUSED),
    "encrypted": (zipped(("evil.png", PNG), GOOD, flags=1), REFUSED),
    "unknown method": (zipped(("evil.png", PNG), GOOD, method=99), REFUSED),
    "bomb": (zipped(("evil.png", bytes(20_000_000)), GOOD), REFUSED), "misdeclared": (misdeclared(), TAKEN),
    "prefix": (b"MZ" * 50 + zipped(("evil.png", PNG), GOOD), TAKEN),
}  # fmt: skip


@pytest.fixture
def ground(tmp_path):
    """A folder with what was there before, inside and beside it."""
    folder = tmp_path / "in"
    (folder / "train" / "5_cat").mkdir(parents=True)
    (folder / "train" / "5_cat" / "old.png").write_bytes(PNG)
    (folder / "train" / "5_cat" / "old.txt").write_bytes(b"old")
    (tmp_path / "evil.png").write_bytes(b"outside")
    return Ground(folder / "train", folder / "reg", replace(Places.of_folder(folder), origin=folder / "origin"))


def contents(folder):
    return {str(path.relative_to(folder)): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def came_of(ground, archive, name):
    """What came of one bad thing in a zip with a good picture; and that nothing else happened."""
    root = ground.train.parents[1]
    before = contents(root)
    with gathered([sent("z.zip", io.BytesIO(archive))]) as found:
        taken = take_in(ground, "10_subject", found.sources)
    refused = [*found.refused, *taken.refused]
    after = contents(root)
    assert {path: after.get(path) for path in before} == before
    new = set(after) - set(before)
    assert "in/train/10_subject/good.png" in new
    assert all(path.startswith(("in/train/", "in/reg/", "in/origin/")) for path in new)
    assert not [path for path in new if path.endswith(".partial")]
    told = name.rpartition("/")[2].rpartition("\\")[2]
    for kind, lines in ((REFUSED, refused), (UNREADABLE, taken.unreadable)):
        if lines:
            assert any(told in line or repr(told) in line for line in lines)
            assert all(len(line) > len(told) + 10 for line in lines)
            return kind
    return LEFT_OUT if taken.left_out else TAKEN if len(new) > 1 else None


@pytest.mark.parametrize(("name", "kind"), [*PATHS.items(), *NAMES.items()], ids=repr)
def test_name_that_nobody_should_give_stays_in_its_place_and_is_named(ground, name, kind):
    assert came_of(ground, zipped((name, PNG), GOOD), name) == kind


@pytest.mark.parametrize("name", CONTENTS)
def test_content_that_is_broken_is_named_and_stops_nothing(ground, name):
    content, kind = CONTENTS[name]
    assert came_of(ground, zipped((name, content), GOOD), name) == kind


@pytest.mark.parametrize("name", ARCHIVES)
def test_member_that_cannot_be_unpacked_is_named_and_stops_nothing(ground, name):
    archive, kind = ARCHIVES[name]
    assert came_of(ground, archive, "evil.png") == kind


def test_there_are_more_than_sixty():
    assert len(PATHS) + len(NAMES) + len(CONTENTS) + len(ARCHIVES) > 80
