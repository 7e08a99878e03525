import io
import struct

import pytest
from PIL import Image

from lib_train.pictures.conversion import as_png
from lib_train.pictures.tiffs import sound_tiff, value_in

DESCRIPTION, WIDTH, EXIF, COMMENT = 0x010E, 0x0100, 0x8769, 0x9286


def tiff(**more):
    out = io.BytesIO()
    Image.new("RGB", (6, 4), "red").save(out, "TIFF", description="a description", **more)
    return out.getvalue()


def with_entry(content, tag, kind, count, field):
    """The file with another entry for a tag."""
    (start,) = struct.unpack_from("<I", content, 4)
    (entries,) = struct.unpack_from("<H", content, start)
    place = next(at for at in range(start + 2, start + 2 + 12 * entries, 12)
                 if struct.unpack_from("<H", content, at)[0] == tag)  # fmt: skip
    return content[:place] + struct.pack("<HHII", tag, kind, count, field) + content[place + 12 :]


def tags(content):
    with Image.open(io.BytesIO(content)) as picture:
        return dict(picture.tag_v2)  # type: ignore[attr-defined]


def test_sound_file_keeps_its_tags_and_its_first_picture_alone():
    content = tiff(save_all=True, append_images=[Image.new("RGB", (2, 2))])
    assert tags(sound_tiff(content)) == tags(content)
    with Image.open(io.BytesIO(sound_tiff(content))) as picture:
        assert (picture.n_frames, picture.size) == (1, (6, 4))  # type: ignore[attr-defined]


@pytest.mark.parametrize("entry", [(DESCRIPTION, 2, 10**6, 8), (DESCRIPTION, 2, 14, 10**8), (DESCRIPTION, 99, 1, 8)])
def test_tag_whose_value_the_file_does_not_hold_is_left_out_and_those_behind_it_stay(entry):
    """Tests raise warnings as errors: a reader that has something to say of it fails here."""
    content = tiff()
    broken = with_entry(content, *entry)
    whole = tags(content)
    del whole[DESCRIPTION]
    assert tags(sound_tiff(broken)) == whole
    with Image.open(io.BytesIO(as_png(io.BytesIO(broken)))) as picture:
        assert picture.tobytes() == Image.new("RGB", (6, 4), "red").tobytes()


@pytest.mark.parametrize(("count", "kind"), [(2, 3), (40, 3), (2, 4)])
def test_tag_of_one_value_that_has_more_has_its_first(count, kind):
    content = tiff() + struct.pack("<40I", *[6] * 40) if kind == 4 else tiff() + struct.pack("<40H", *[6] * 40)
    at = len(content) - 40 * (4 if kind == 4 else 2)
    field = at if count * (4 if kind == 4 else 2) > 4 else 6 | 6 << 16
    assert tags(sound_tiff(with_entry(content, WIDTH, kind, count, field)))[WIDTH] == 6


@pytest.mark.parametrize("content", [b"", b"II*\0", b"II+\0" + b"x" * 50, b"no tiff at all"])
def test_what_is_no_such_file_stays_as_it_is(content):
    assert sound_tiff(content) == content


@pytest.mark.parametrize("content", [b"II*\0\xff\xff\xff\xff", tiff()[:9], b"MM\0*\0\0\0\x08\xff\xff"])
def test_table_that_the_file_does_not_hold_is_empty(content):
    assert sound_tiff(content)[-6:] == bytes(6)
    assert value_in(content, DESCRIPTION) == b""


def test_values_are_found_in_tables_below_others():
    exif = Image.Exif()
    exif[DESCRIPTION], exif[EXIF] = "outer", {COMMENT: b"inner comment"}
    content = exif.tobytes().removeprefix(b"Exif\0\0")
    assert value_in(content, DESCRIPTION) == b"outer\0"
    assert value_in(content, EXIF, COMMENT) == b"inner comment"
    assert value_in(content, EXIF, DESCRIPTION) == value_in(content, DESCRIPTION, COMMENT) == value_in(b"", 1) == b""
