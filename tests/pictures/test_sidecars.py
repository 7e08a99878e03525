import unicodedata

import pytest

from lib_train.errors import DatasetError
from lib_train.pictures.sidecars import Captions, read_whole


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-32"])
@pytest.mark.parametrize("text", ["mochi, 年糕 🐱", "\n\n mochi, 年糕 🐱 \n"])
def test_text_of_every_byte_order_mark_is_read(tmp_path, encoding, text):
    (tmp_path / "a.txt").write_bytes(text.encode(encoding))
    assert read_whole(tmp_path / "a.txt") == "mochi, 年糕 🐱"


def test_text_of_big_endian_utf_16_is_read(tmp_path):
    (tmp_path / "a.txt").write_bytes(b"\xfe\xff" + "年糕".encode("utf-16-be"))
    assert read_whole(tmp_path / "a.txt") == "年糕"


@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
def test_lines_end_as_any_system_ends_them(tmp_path, end):
    (tmp_path / "a.txt").write_bytes(f"a, b,{end}second{end}".encode())
    assert read_whole(tmp_path / "a.txt") == "a, b,\nsecond"
    (tmp_path / "a.txt").write_bytes(f"a, b,{end}{end}".encode())
    assert read_whole(tmp_path / "a.txt") == "a, b,"


def test_thousands_of_tags_are_one_caption(tmp_path):
    tags = ", ".join(f"tag {n}" for n in range(20_000))
    (tmp_path / "a.txt").write_text(tags)
    assert read_whole(tmp_path / "a.txt") == tags


@pytest.mark.parametrize(
    ("text", "codec", "name"),
    [
        ("\ube68\uac04 \ubaa8\uc790, \uac1c", "euc-kr", "EUC-KR"),
        ("\u8d64\u3044\u5e3d\u5b50", "euc-jp", "EUC-JP"),
        ("\u043a\u0440\u0430\u0441\u043d\u0430\u044f \u0448\u043b\u044f\u043f\u0430", "cp1251", "Windows-1251"),
        ("\u043a\u0440\u0430\u0441\u043d\u0430\u044f \u0448\u043b\u044f\u043f\u0430", "koi8-r", "KOI8-R"),
        ("\u7ea2\u5e3d\u5b50\U00020bb7", "gb18030", "GBK"),
        ("\u7d05\u5e3d\u5b50", "big5", "Big5"),
        ("\u8d64\u3044\u5e3d\u5b50, \u72ac", "utf-16-le", "UTF-16"),
    ],
)
def test_right_reading_is_among_those_that_are_shown_and_none_has_control_characters(tmp_path, text, codec, name):
    (tmp_path / "a.txt").write_bytes(f"{text}\n".encode(codec))
    with pytest.raises(DatasetError) as caught:
        read_whole(tmp_path / "a.txt")
    assert f"{text!r} in {name}" in str(caught.value)
    assert not any(sign in str(caught.value) for sign in ("\\x", "\\ue", "\\uf"))


def test_first_letters_are_shown_of_a_long_caption_and_nothing_where_no_encoding_fits(tmp_path):
    letters = "\u043a\u0440\u0430\u0441" * 10
    (tmp_path / "a.txt").write_bytes(letters.encode("cp1251"))
    with pytest.raises(DatasetError) as caught:
        read_whole(tmp_path / "a.txt")
    assert f"{letters[:24]!r} in Windows-1251" in str(caught.value)
    (tmp_path / "a.txt").write_bytes(b"\xff\x01\x02")
    message = r"a\.txt cannot be read as UTF-8 text \(invalid start byte at byte 0\); save it as UTF-8$"
    with pytest.raises(DatasetError, match=message):
        read_whole(tmp_path / "a.txt")


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        ("日本語".encode("shift-jis"), "cannot be read as UTF-8 text .*it reads '日本語' in Shift-JIS"),
        ("年糕".encode("gbk"), "cannot be read as UTF-8 text .*'年糕' in GBK.*save it as UTF-8"),
        ("caf\xe9".encode("cp1252"), ".*'café' in Windows-1252: open it in the encoding that looks right"),
        (b"\xff\xfea", "cannot be read as UTF-16 text"),
        ("mochi".encode("utf-16-le"), "holds NUL characters, as UTF-16 without its mark"),
        (b"mochi\0", "holds NUL characters"),
        (b"x" * (2**20 + 1), "holds more than 1 MiB and is no caption"),
    ],
    ids=["Shift-JIS", "GBK", "Windows-1252", "half a UTF-16", "UTF-16 without mark", "NUL", "huge"],
)
def test_what_is_no_caption_is_named_with_the_way_out(tmp_path, content, reason):
    (tmp_path / "a.txt").write_bytes(content)
    with pytest.raises(DatasetError, match=rf"a\.txt {reason}"):
        read_whole(tmp_path / "a.txt")


def test_captions_belong_to_their_stem_by_the_first_ending_in_any_case(tmp_path):
    names = ("a.txt", "a.caption", "b.TXT", "c.caption", "d.e.txt", "f.txt", "f.TXT", "other.md", "g.tags.txt")
    files = sorted(tmp_path / name for name in names)
    captions = Captions(files, (".txt", ".caption"))
    found = {
        stem: captions.of(tmp_path / f"{stem}.png") for stem in ("a", "b", "c", "d.e", "d", "f", "g.tags", "other")
    }
    assert {stem: file.name for stem, file in found.items() if file} == {
        "a": "a.txt", "b": "b.TXT", "c": "c.caption", "d.e": "d.e.txt", "f": "f.txt", "g.tags": "g.tags.txt"
    }  # fmt: skip
    assert Captions(files, (".tags.txt",)).of(tmp_path / "g.png") == tmp_path / "g.tags.txt"


NFC, NFD = (unicodedata.normalize(form, "caf\u00e9 \ud55c\uae00 \u304c") for form in ("NFC", "NFD"))


@pytest.mark.parametrize(("picture", "caption"), [(NFC, NFD), (NFD, NFC), (NFC, NFC), (NFD, NFD)])
def test_caption_of_a_name_in_another_unicode_form_is_found(tmp_path, picture, caption):
    assert NFC != NFD
    file = tmp_path / f"{caption}.txt"
    assert Captions([file], (".txt",)).of(tmp_path / f"{picture}.png") == file


def test_of_two_unicode_forms_of_a_name_the_same_one_counts(tmp_path):
    files = [tmp_path / f"{name}.txt" for name in (NFC, NFD)]
    captions = Captions(files, (".txt",))
    assert [captions.of(tmp_path / f"{name}.png") for name in (NFC, NFD)] == files
