import io
import struct
from pathlib import Path

import numpy
import pytest
from PIL import Image

from lib_train.pictures.containers import parts_of_jpeg
from lib_train.pictures.images import Look, look_at, open_picture
from tests.pictures.samples import COLOURS, SIDE, exif


def segment(marker: int, data: bytes) -> bytes:
    return struct.pack(">BBH", 0xFF, marker, len(data) + 2) + data


SEGMENTS = {
    "camera, cut": segment(0xE1, b"Exif\0\0" + exif(3)[:20]),
    "camera, counting too far": segment(0xE1, b"Exif\0\0II*\0\x08\0\0\0\xff\xff" + bytes(30)),
    "camera, none": segment(0xE1, b"Exif\0\0"),
    "Photoshop": segment(0xED, b"Photoshop 3.0\0" + b"8BIM\xff\xff\x90" * 9),
    "several pictures, broken": segment(0xE2, b"MPF\0II*\0\xff\0\0\0"),
    "profile": segment(0xE2, b"ICC_PROFILE\0\1\1" + bytes(60_000)) * 40,
    "XMP": segment(0xE1, b"http://ns.adobe.com/xap/1.0/\0" + b"x" * 60_000) * 40,
    "comment": segment(0xFE, b"x" * 65_000) * 20,
    "fill bytes and junk": segment(0xFE, b"x") + b"junk\xff\0\xff\xff",
}


def jpeg(path: Path, more: bytes = b"", mode: str = "RGB", **options: object) -> bytes:
    ramp = Image.fromarray(numpy.arange(40 * 24 * 3, dtype=numpy.uint16).reshape(24, 40, 3).astype(numpy.uint8))
    out = io.BytesIO()
    ramp.convert(mode).save(out, "JPEG", **options)  # type: ignore[arg-type]
    content = out.getvalue()
    path.write_bytes(content[:2] + more + content[2:])
    return open_picture(path).tobytes()


@pytest.mark.parametrize("options", [{}, {"progressive": True}, {"mode": "CMYK"}, {"mode": "L"}], ids=str)
@pytest.mark.parametrize("kind", SEGMENTS)
def test_metadata_of_a_jpeg_leaves_the_pixels_alone(tmp_path, kind, options):
    plain = jpeg(tmp_path / "a.jpg", **options)
    assert jpeg(tmp_path / "a.jpg", SEGMENTS[kind], **options) == plain
    assert look_at(tmp_path / "a.jpg") == Look(40, 24)


def test_segments_that_stay_are_those_of_the_pixels_and_of_how_colours_are_kept():
    kept = (0xDB, 0xE0, 0xEE, 0xF0)  # tables; JFIF's; Adobe's; a marker right behind those of applications
    segments = {marker: segment(marker, b"of %X" % marker) for marker in (0xDB, *range(0xE0, 0xF1), 0xFE)}
    segments |= {0xE0: segment(0xE0, b"JFIF\0".ljust(14, b"\1")), 0xEE: segment(0xEE, b"Adobe".ljust(12, b"\1"))}
    start, scan = b"\xff\xd8", segment(0xDA, b"scan") + b"pixels\xff\xd9"
    found = parts_of_jpeg(io.BytesIO(start + b"".join(segments.values()) + scan)).stream.read()
    assert found == start + b"".join(segments[marker] for marker in kept) + scan


def test_segments_that_tell_nothing_of_colours_and_empty_ones_go():
    gone = segment(0xE0, b"JFXX\0".ljust(14, b"\1")) + segment(0xFE, b"")
    scan = segment(0xDA, b"scan") + b"pixels\xff\xd9"
    parts = parts_of_jpeg(io.BytesIO(b"\xff\xd8" + gone + scan))
    assert parts.stream.read() == b"\xff\xd8" + scan
    assert parts.orientation == 1


def test_pixels_are_those_that_pillow_gives_for_the_whole_file(tmp_path):
    for mode, options in (("RGB", {}), ("RGB", {"progressive": True, "quality": 30}), ("L", {}), ("CMYK", {})):
        found = jpeg(tmp_path / "a.jpg", segment(0xE1, b"Exif\0\0" + exif(1)), mode=mode, **options)
        assert found == Image.open(tmp_path / "a.jpg").convert("RGB").tobytes()


def test_camera_rotation_of_a_jpeg_is_that_of_its_first_exif(tmp_path):
    jpeg(tmp_path / "a.jpg", segment(0xE1, b"Exif\0\0" + exif(6)) + segment(0xE1, b"Exif\0\0" + exif(1)))
    assert look_at(tmp_path / "a.jpg")[:2] == (24, 40)
    xmp = segment(0xE1, b"http://ns.adobe.com/xap/1.0/\0")
    jpeg(tmp_path / "a.jpg", xmp + segment(0xE1, b"Exif\0\0" + exif(6)))
    assert look_at(tmp_path / "a.jpg")[:2] == (24, 40)


@pytest.mark.parametrize("kind", [b"JFIF\0", b"JFIF\0\1\1", b"Adobe", b"Adobe\0\x64", b"JFXX\0\x10", b""])
@pytest.mark.parametrize("marker", [0xE0, 0xEE])
def test_short_segments_of_a_jpeg_leave_the_pixels_alone(tmp_path, marker, kind):
    written = io.BytesIO()
    Image.frombytes("RGB", (SIDE, 1), COLOURS).save(written, "JPEG")
    content = written.getvalue()
    (tmp_path / "whole.jpg").write_bytes(content)
    segment = bytes((0xFF, marker)) + struct.pack(">H", len(kind) + 2) + kind
    (tmp_path / "a.jpg").write_bytes(content[:2] + segment + content[2:])
    assert open_picture(tmp_path / "a.jpg").tobytes() == open_picture(tmp_path / "whole.jpg").tobytes()
    assert look_at(tmp_path / "a.jpg")[:2] == (SIDE, 1)
