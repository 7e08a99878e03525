import io
import struct
import zlib

import pytest
from PIL import Image

from lib_train.errors import DatasetError
from lib_train.pictures.containers import orientation_in_xmp, orientation_of, parts_of_png
from lib_train.pictures.images import Look, look_at, open_picture
from tests.pictures.samples import COLOURS, SIDE, exif


def chunk(kind: bytes, data: bytes) -> bytes:
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))


def png(depth: int, colour: int, rows: bytes, *more: bytes, width: int = SIDE, behind: bytes = b"") -> bytes:
    """A PNG of one row, with chunks before and behind its pixels."""
    head = chunk(b"IHDR", struct.pack(">IIBBBBB", width, 1, depth, colour, 0, 0, 0))
    body = chunk(b"IDAT", zlib.compress(b"\0" + rows))
    return b"\x89PNG\r\n\x1a\n" + head + b"".join(more) + body + behind + chunk(b"IEND", b"")


PLENTY = zlib.compress(b"word " * 800_000)  # 4 MB, beyond what Pillow unpacks
METADATA = {
    "packed text": chunk(b"zTXt", b"parameters\0\0" + PLENTY),
    "packed text of any language": chunk(b"iTXt", b"parameters\0\1\0\0\0" + PLENTY),
    "profile": chunk(b"iCCP", b"sRGB\0\0" + PLENTY),
    "camera": chunk(b"eXIf", exif(1) + bytes(3_000_000)),
    "text": chunk(b"tEXt", b"workflow\0" + b"x" * 3_000_000) * 23,  # 69 MB, beyond what Pillow keeps
    "texts that are none": chunk(b"zTXt", b"parameters\0\0no zlib") + chunk(b"iTXt", b"\xff\0\1") + chunk(b"tEXt", b""),
    "animation of nothing": chunk(b"acTL", b""),
}


@pytest.mark.parametrize("behind", [False, True], ids=["before", "behind"])
@pytest.mark.parametrize("kind", METADATA)
def test_metadata_of_any_size_leaves_the_pixels_alone(tmp_path, kind, behind):
    content = png(8, 2, COLOURS, behind=METADATA[kind]) if behind else png(8, 2, COLOURS, METADATA[kind])
    (tmp_path / "a.png").write_bytes(content)
    assert open_picture(tmp_path / "a.png").tobytes() == COLOURS
    assert look_at(tmp_path / "a.png") == Look(SIDE, 1)


@pytest.mark.parametrize("behind", [False, True], ids=["before", "behind"])
@pytest.mark.parametrize("kind", [b"tEXt", b"zTXt", b"iTXt", b"iCCP", b"eXIf", b"gAMA", b"pHYs", b"acTL", b"prVt"])
def test_damaged_metadata_is_told_and_left_alone(tmp_path, kind, behind):
    damaged = chunk(kind, exif(6))[:-1] + b"?"
    content = png(8, 2, COLOURS, behind=damaged) if behind else png(8, 2, COLOURS, damaged)
    (tmp_path / "a.png").write_bytes(content)
    assert open_picture(tmp_path / "a.png").tobytes() == COLOURS
    assert look_at(tmp_path / "a.png") == Look(SIDE, 1, damaged=True)
    assert parts_of_png(io.BytesIO(content)).damaged == [kind.decode()]


@pytest.mark.parametrize("kind", [b"IHDR", b"PLTE", b"tRNS", b"IDAT"])
def test_damage_of_what_decides_the_pixels_is_refused(tmp_path, kind):
    palette = chunk(b"PLTE", bytes(range(30))), chunk(b"tRNS", bytes(10))
    content = bytearray(png(8, 3, bytes(range(SIDE)), *palette))
    content[content.index(kind) + 6] ^= 255
    (tmp_path / "a.png").write_bytes(content)
    with pytest.raises(DatasetError, match=r"a\.png: .*replace or remove it"):
        look_at(tmp_path / "a.png")


@pytest.mark.parametrize("kind", [b"IDAU", b"iDAT"])
def test_pixels_under_a_damaged_name_are_not_taken_for_metadata(tmp_path, kind):
    rows = chunk(b"IDAT", zlib.compress(bytes(25))[5:])
    content = png(8, 2, COLOURS).replace(chunk(b"IDAT", zlib.compress(b"\0" + COLOURS)), chunk(b"IDAT", b"") + rows)
    (tmp_path / "a.png").write_bytes(content.replace(rows, rows.replace(b"IDAT", kind)))
    with pytest.raises(DatasetError, match="cannot be decoded"):
        look_at(tmp_path / "a.png")


@pytest.mark.parametrize(
    ("depth", "row", "mark", "levels"),
    [
        (16, [0, 1, 256, 65535], 0, [255, 0, 1, 255]),
        (16, [0, 1, 256, 65535], 1, [0, 255, 1, 255]),  # black beside another black that is transparent
        (16, [0, 1, 256, 257], 257, [0, 0, 1, 255]),
        (8, [0, 1, 128, 255], 128, [0, 1, 255, 255]),
        (4, [0, 1, 8, 14], 8, [0, 17, 255, 238]),
        (4, [0, 1, 8, 14], 0, [255, 17, 136, 238]),
        (2, [0, 1, 2, 1], 1, [0, 255, 170, 255]),
        (1, [0, 1, 0, 1], 0, [255, 255, 255, 255]),
    ],
)
def test_transparent_grey_is_white_at_every_depth(tmp_path, depth, row, mark, levels):
    bits = "".join(f"{level:0{depth}b}" for level in row).ljust(8, "0")
    rows = int(bits, 2).to_bytes(len(bits) // 8, "big")
    (tmp_path / "a.png").write_bytes(png(depth, 0, rows, chunk(b"tRNS", struct.pack(">H", mark)), width=4))
    assert [pixel[0] for pixel in open_picture(tmp_path / "a.png").getdata()] == levels


def test_transparent_bit_that_is_set_takes_the_colour_behind(tmp_path):
    (tmp_path / "a.png").write_bytes(png(1, 0, b"\xa0", chunk(b"tRNS", b"\0\1"), width=4))
    black, red = (0, 0, 0), (255, 0, 0)
    assert list(open_picture(tmp_path / "a.png", "#ff0000").getdata()) == [red, black, red, black]


@pytest.mark.parametrize("mark", [(0, 0, 0), (65535, 32768, 4660), (4660, 22136, 39612)])
def test_transparent_colour_of_16_bits_is_white(tmp_path, mark):
    other = (300, 20_000, 65_000)
    row = struct.pack(">9H", *mark, *other, *mark)
    (tmp_path / "a.png").write_bytes(png(16, 2, row, chunk(b"tRNS", struct.pack(">3H", *mark)), width=3))
    plain = tuple(level >> 8 for level in other)
    assert list(open_picture(tmp_path / "a.png").getdata()) == [(255,) * 3, plain, (255,) * 3]


def test_transparent_colour_of_8_bits_is_white(tmp_path):
    mark = chunk(b"tRNS", struct.pack(">3H", 10, 20, 30))
    (tmp_path / "a.png").write_bytes(png(8, 2, bytes((0, 0, 0, 10, 20, 30)), mark, width=2))
    assert list(open_picture(tmp_path / "a.png").getdata()) == [(0, 0, 0), (255, 255, 255)]


@pytest.mark.parametrize(
    ("colour", "rows", "mark", "palette"),
    [
        (0, bytes(range(SIDE)), b"\1", b""),
        (0, bytes(range(SIDE)), b"", b""),
        (0, bytes(range(SIDE)), bytes(300), b""),
        (2, COLOURS, b"\1", b""),
        (2, COLOURS, bytes(7), b""),
        (3, bytes(SIDE), bytes(11), bytes(range(30))),
        (3, bytes(SIDE), b"", bytes(range(30))),
        (4, bytes(range(2 * SIDE)), b"\0\0", b""),
    ],
)
def test_transparency_that_fits_no_such_picture_is_told_and_left_alone(tmp_path, colour, rows, mark, palette):
    before = [chunk(b"PLTE", palette)] if palette else []
    (tmp_path / "whole.png").write_bytes(png(8, colour, rows, *before))
    (tmp_path / "a.png").write_bytes(png(8, colour, rows, *before, chunk(b"tRNS", mark)))
    assert open_picture(tmp_path / "a.png").tobytes() == open_picture(tmp_path / "whole.png").tobytes()
    assert look_at(tmp_path / "a.png") == Look(SIDE, 1, damaged=True)


@pytest.mark.parametrize("size", [None, 2**31 - 1])
def test_png_that_is_cut_within_a_chunk_is_told_in_words(tmp_path, size):
    head = chunk(b"IHDR", struct.pack(">IIBBBBB", 4, 4, 8, 2, 0, 0, 0)) if size else b""
    start = b"\x89PNG\r\n\x1a\n" + head
    (tmp_path / "a.png").write_bytes(start + struct.pack(">I4s", size, b"tEXt") if size else start)
    with pytest.raises(DatasetError, match=r"cannot be read as a picture \(it is cut short or damaged\); replace"):
        look_at(tmp_path / "a.png")


def hexadecimal(data: bytes) -> bytes:
    return b"\nexif\n%8d\n" % len(data) + data.hex().encode() + b"\n"


TOLD = {
    "eXIf": chunk(b"eXIf", exif(6)),
    "ImageMagick": chunk(b"zTXt", b"Raw profile type exif\0\0" + zlib.compress(hexadecimal(b"Exif\0\0" + exif(6)))),
    "ImageMagick, plain": chunk(b"tEXt", b"Raw profile type exif\0" + hexadecimal(exif(6))),
    "XMP": chunk(b"iTXt", b'XML:com.adobe.xmp\0\0\0\0\0<x tiff:Orientation="6"/>'),
    "packed XMP": chunk(b"iTXt", b"XML:com.adobe.xmp\0\1\0\0\0" + zlib.compress(b"<tiff:Orientation>6<")),
}


@pytest.mark.parametrize("behind", [False, True], ids=["before", "behind"])
@pytest.mark.parametrize("kind", TOLD)
def test_rotation_is_seen_wherever_a_png_tells_it(tmp_path, kind, behind):
    content = png(8, 2, COLOURS, behind=TOLD[kind]) if behind else png(8, 2, COLOURS, TOLD[kind])
    (tmp_path / "a.png").write_bytes(content)
    assert look_at(tmp_path / "a.png")[:2] == open_picture(tmp_path / "a.png").size == (1, SIDE)


@pytest.mark.parametrize(("before", "side"), [(2**20 - 300, 1), (2**21, SIDE)], ids=["within", "beyond"])
def test_packed_metadata_is_unpacked_as_far_as_it_is_looked_at(tmp_path, before, side):
    packed = zlib.compress(b" " * before + b"<tiff:Orientation>6<")
    (tmp_path / "a.png").write_bytes(png(8, 2, COLOURS, chunk(b"zTXt", b"XML:com.adobe.xmp\0\0" + packed)))
    assert look_at(tmp_path / "a.png").width == side


@pytest.mark.parametrize(("count", "first", "animated"), [(1, True, False), (2, True, True), (1, False, True)])
def test_animation_is_seen_though_its_chunks_are_left_out(tmp_path, count, first, animated):
    """Where no fcTL stands before the pixels, they are a picture beside the animation."""
    more = [chunk(b"acTL", struct.pack(">II", count, 0)), *([chunk(b"fcTL", bytes(26))] if first else [])]
    (tmp_path / "a.png").write_bytes(png(8, 2, COLOURS, *more, behind=chunk(b"fcTL", bytes(26))))
    assert look_at(tmp_path / "a.png").animated == animated
    assert open_picture(tmp_path / "a.png").tobytes() == COLOURS


@pytest.mark.parametrize("order", ["<", ">"])
@pytest.mark.parametrize("long", [False, True])
@pytest.mark.parametrize("orientation", range(1, 9))
def test_orientation_is_read_as_pillow_reads_it(order, long, orientation):
    content = exif(orientation, long=long, order=order)
    known = Image.Exif()
    known.load(content)
    assert orientation_of(content) == orientation_of(b"Exif\0\0" + content) == known[0x0112] == orientation


@pytest.mark.parametrize("cut", range(len(exif(6)) - 6))
def test_orientation_of_broken_exif_is_none(cut):
    assert orientation_of(exif(6)[:cut]) is None
    assert orientation_of(b"XX" + exif(6)[2:]) is None
    assert orientation_of(exif(9)) is None


def test_orientation_of_xmp_is_a_number_from_1_to_8():
    assert [orientation_in_xmp(b'tiff:Orientation="%d"' % n) for n in (0, 1, 8, 9)] == [None, 1, 8, None]


@pytest.mark.parametrize("ending", ["png", "jpg", "webp", "bmp"])
def test_large_picture_that_is_allowed_is_opened_without_a_word(tmp_path, monkeypatch, ending):
    Image.new("RGB", (40, 30)).save(tmp_path / f"a.{ending}")
    monkeypatch.setattr(Image, "MAX_IMAGE_PIXELS", 1000)  # Pillow warns from here on, and refuses twice as many
    assert look_at(tmp_path / f"a.{ending}") == Look(40, 30)
    monkeypatch.setattr(Image, "MAX_IMAGE_PIXELS", 599)
    with pytest.raises(DatasetError, match=r"has too many pixels to be opened safely \(40 x 30\); scale it down"):
        open_picture(tmp_path / f"a.{ending}")


def test_too_little_memory_is_not_told_as_damage(tmp_path, monkeypatch):
    Image.new("RGB", (8, 8)).save(tmp_path / "a.bmp")

    def load(self):
        raise MemoryError

    monkeypatch.setattr(Image.Image, "load", load)
    monkeypatch.setattr("PIL.ImageFile.ImageFile.load", load)
    with pytest.raises(DatasetError, match=r"a\.bmp: there is too little memory .*scale it down"):
        open_picture(tmp_path / "a.bmp")


def webp(picture: Image.Image, **options: object) -> bytes:
    written = io.BytesIO()
    picture.save(written, "WEBP", lossless=True, **options)  # type: ignore[arg-type]
    return written.getvalue()


@pytest.mark.parametrize("damage", ["cut", "length", "size of all", "behind"])
def test_metadata_of_a_webp_leaves_the_pixels_alone(tmp_path, damage):
    picture = Image.frombytes("RGB", (SIDE, 1), COLOURS)
    content = webp(picture, exif=b"Exif\0\0" + exif(1), icc_profile=bytes(500), xmp=bytes(500))
    place = content.index(b"EXIF") + 4
    (tmp_path / "a.webp").write_bytes({
        "cut": content[: place + 6],
        "length": content[:place] + b"\xff\xff\xff\x7f" + content[place + 4 :],
        "size of all": content[:4] + b"\xff\xff\xff\x7f" + content[8:],
        "behind": content + b"workflow" * 99,
    }[damage])  # fmt: skip
    assert open_picture(tmp_path / "a.webp").tobytes() == COLOURS
    assert look_at(tmp_path / "a.webp")[:3] == (SIDE, 1, False)
