import io
import stat
import struct
import zipfile
import zlib

import pytest

from lib_train.errors import ArchiveError
from lib_train.pictures.archives import Limits, encoding_of, names_of, opened

JAPANESE = [
    "猫の写真",
    "新しいフォルダー/写真1",
    "桜",
    "初音ミク",
    "表紙",
    "能力",
    "女の子",
    "立ち絵",
    "ソフト",
    "顔アップ",
]
CHINESE = [
    "小猫图片",
    "新建文件夹/图片1",
    "猫",
    "训练集",
    "头像",
    "表情包",
    "初音未来",
    "蓝色眼睛",
    "你好，世界",
    "測試",
]
WESTERN = ["café", "Müller", "niño", "façade", "Ångström"]


def zipped(*members, **info):
    """A zip whose names are bytes in whatever encoding: (name, content)."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for place, (name, content) in enumerate(members):
            member = zipfile.ZipInfo(_instead(name, place)) if isinstance(name, bytes) else zipfile.ZipInfo(name)
            member.compress_type = zipfile.ZIP_DEFLATED
            for key, value in info.items():
                setattr(member, key, value)
            archive.writestr(member, content)
    found = out.getvalue()
    for place, (name, _) in enumerate(members):
        if isinstance(name, bytes):
            found = found.replace(_instead(name, place).encode(), name, 2)
    return io.BytesIO(found)


def _instead(name, place):
    return chr(ord("A") + place) * len(name)


def taken(archive, **limits):
    """Path -> content of what can be unpacked, and what is said of the rest."""
    with opened(archive, "z.zip", Limits(**limits)) as (sources, refused):
        found = {}
        for source in sources:
            try:
                with source.open() as content:
                    found[source.path] = content.read()
            except OSError as error:
                refused.append(f"{source.path}: {error.strerror}")
    return found, refused


@pytest.mark.parametrize(
    ("names", "codec"),
    [(JAPANESE, "cp932"), (CHINESE, "gbk"), (WESTERN, "cp437"), (JAPANESE, "utf-8"), (CHINESE, "utf-8"),
     (WESTERN, "utf-8"), (["привет", "🐱", "한글"], "utf-8")],
)  # fmt: skip
def test_encoding_of_a_single_name_is_found(names, codec):
    assert {name: encoding_of([f"{name}.png".encode(codec)]) for name in names} == dict.fromkeys(names, codec)


@pytest.mark.parametrize(("names", "codec"), [(JAPANESE, "cp932"), (CHINESE, "gbk"), (WESTERN, "cp437")])
def test_names_of_a_zip_are_read_in_the_encoding_of_who_packed_it(names, codec):
    members = [(f"5_x/{name}.png".encode(codec), name.encode()) for name in names]
    found, refused = taken(zipped(*members, ("5_x/plain.png", b"p")))
    assert refused == []
    assert found == {f"5_x/{name}.png": name.encode() for name in names} | {"5_x/plain.png": b"p"}


def test_declared_names_are_taken_at_their_word_beside_others():
    found, _ = taken(zipped(("犬.png", b"1"), ("猫.png".encode("cp932"), b"2")))
    assert found == {"犬.png": b"1", "猫.png": b"2"}


def test_unicode_path_beside_a_name_wins_while_its_checksum_is_of_that_name():
    raw = "?.png".encode("cp932") + b"\x81\x40"
    field = b"\1" + struct.pack("<I", zlib.crc32(raw)) + "鮫.png".encode()
    extra = struct.pack("<HH", 0x7075, len(field)) + field
    member = zipfile.ZipInfo(raw.decode("cp437"))
    member.flag_bits, member.extra = 0, extra
    assert names_of([member]) == ["鮫.png"]
    member.extra = extra.replace(field[1:5], b"\0\0\0\0")
    assert names_of([member]) != ["鮫.png"]


def test_link_is_named_and_the_rest_goes_on():
    link = zipfile.ZipInfo("5_x/link.png")
    link.create_system, link.external_attr = 3, (stat.S_IFLNK | 0o777) << 16
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        archive.writestr(link, "/etc/passwd")
        archive.writestr("5_x/a.png", b"1")
    assert taken(out) == ({"5_x/a.png": b"1"}, ["5_x/link.png: is a link; put the file itself into the archive"])


def test_encrypted_member_is_named_and_the_rest_goes_on():
    whole = zipped(("a.png", b"1"), ("b.png", b"2")).getvalue()
    place = whole.index(b"PK\1\2")
    locked = io.BytesIO(whole[: place + 8] + b"\1\0" + whole[place + 10 :])
    found, refused = taken(locked)
    assert (found, refused) == (
        {"b.png": b"2"}, ["a.png: is encrypted; unpack it with its password, and take the folder"]
    )  # fmt: skip


def test_damaged_member_is_named_and_the_rest_goes_on():
    whole = bytearray(zipped(("a.png", bytes(range(256))), ("b.png", b"2")).getvalue())
    whole[60:70] = bytes(10)
    found, refused = taken(io.BytesIO(bytes(whole)))
    assert found == {"b.png": b"2"}
    assert refused[0].startswith("a.png: it is damaged in the archive: ")


def test_member_packed_by_an_unknown_method_is_named():
    whole = zipped(("a.png", b"1")).getvalue()
    place = whole.index(b"PK\1\2")
    found, refused = taken(io.BytesIO(whole[: place + 10] + b"\x63\0" + whole[place + 12 :]))
    assert (found, refused) == ({}, ["a.png: is packed by a method that is not known here; make the zip anew"])


@pytest.mark.parametrize(
    "content", [b"", b"PK", b"Rar!\x1a\x07\0", b"x" * 1000, zipped(("a.png", b"1")).getvalue()[:-9]]
)
def test_file_that_is_no_whole_zip_is_refused(content):
    with pytest.raises(ArchiveError, match=r"z\.zip: is no whole zip archive"):
        taken(io.BytesIO(content))


def test_bomb_is_refused_by_its_ratio_and_a_plain_picture_that_packs_well_is_not():
    flat = bytes(300_000)
    found, refused = taken(zipped(("a.png", flat), ("b.bmp", flat), ("c.png", b"1")), small_bytes=100_000)
    assert set(found) == {"b.bmp", "c.png"}
    assert refused[0].startswith("a.png: would unpack from ")


def test_bomb_of_many_members_is_refused_as_a_whole():
    many = [(f"{number}.bmp", bytes(200_000)) for number in range(10)]
    with pytest.raises(ArchiveError, match=r"z\.zip: would unpack from \d+ to 2000000 bytes"):
        taken(zipped(*many), raw_bytes=1_000_000)
    with pytest.raises(ArchiveError, match="unpack it yourself if you trust it"):
        taken(zipped(("a.png", bytes(1000))), unpacked_bytes=999)


def test_archive_of_too_many_files_is_refused():
    with pytest.raises(ArchiveError, match="holds 3 files, at most 2 are taken"):
        taken(zipped(*((f"{number}.png", b"") for number in range(3))), members=2)


def test_member_that_is_longer_than_declared_is_damaged_and_nothing_more_is_unpacked():
    whole = zipped(("a.png", bytes(1000))).getvalue()
    place = whole.index(b"PK\1\2")
    found, refused = taken(io.BytesIO(whole[: place + 24] + struct.pack("<I", 10) + whole[place + 28 :]))
    assert found == {}
    assert refused[0].startswith("a.png: it is damaged in the archive: ")
