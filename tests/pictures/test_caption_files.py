import pytest

from lib_train.errors import DatasetError
from lib_train.pictures.caption_files import CaptionFile

CONTENTS = [
    b"",
    b" \r\n",
    b"mochi, solo",
    b"\r\n  mochi, solo \r\nsecond\r\n\r\n",
    b"a\rb\r",
    "mochi, \u5e74\u7cd5".encode("utf-8-sig"),
    "mochi\nsecond".encode("utf-16"),
    b"\xfe\xff" + "mochi\r\nsecond\r\n".encode("utf-16-be"),
    "\U0001f431".encode("utf-32"),
    b"\x00\x00\xfe\xff" + "x".encode("utf-32-be"),
]


@pytest.mark.parametrize("content", CONTENTS)
def test_same_text_gives_the_same_bytes(content):
    file = CaptionFile.read("a.txt", content)
    assert file.with_text("a.txt", file.text) == content


def test_new_text_has_encoding_line_ends_and_surrounding_space_of_the_old():
    file = CaptionFile.read("a.txt", b"\xff\xfe" + " a\r\nb\r\n".encode("utf-16-le"))
    assert file.text == "a\nb"
    assert file.with_text("a.txt", "\u5e74\nb\nc") == b"\xff\xfe" + " \u5e74\r\nb\r\nc\r\n".encode("utf-16-le")
    assert file.with_text("a.txt", "x") == b"\xff\xfe" + " x\r\n".encode("utf-16-le")


def test_what_is_no_text_is_refused_with_its_reason():
    with pytest.raises(DatasetError, match=r"a\.txt cannot be read as UTF-8 text"):
        CaptionFile.read("a.txt", "\u8d64\u3044\u5e3d\u5b50".encode("cp932"))
    with pytest.raises(DatasetError, match="NUL"):
        CaptionFile.read("a.txt", b"a\0b")


@pytest.mark.parametrize(("text", "why"), [("\ud800", "half of a character"), ("\0", "NUL"), ("x" * 2**21, "longer")])
def test_text_that_no_caption_can_hold_is_not_written(text, why):
    with pytest.raises(DatasetError, match=why):
        CaptionFile.read("a.txt", b"a").with_text("a.txt", text)
