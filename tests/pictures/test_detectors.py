import struct
import sys

import numpy
import pytest
from PIL import Image

from lib_train.errors import ConfigError, FileError, MissingPackage
from lib_train.pictures import detectors
from lib_train.pictures.detectors import by_onnx, detections_of, letterbox

NAMES = {0: "face", 1: "body"}


def test_picture_is_laid_into_the_middle_of_a_grey_square():
    picture = Image.new("RGB", (40, 20), (255, 0, 51))
    box = letterbox(picture, 32)
    assert (box.pixels.shape, str(box.pixels.dtype)) == ((1, 3, 32, 32), "float32")
    assert (box.scale, box.left, box.top) == (0.8, 0, 8)
    reference = numpy.full((3, 32, 32), 114 / 255, numpy.float32)
    reference[:, 8:24] = numpy.array([255, 0, 51], numpy.float32)[:, None, None] / 255
    assert numpy.array_equal(box.pixels[0], reference.astype(numpy.float32))


def candidates(*rows, padded=5):
    """(1, 6, N): x, y, w, h and two scores."""
    return numpy.array([*rows, *([[0, 0, 1, 1, 0, 0]] * padded)], numpy.float32).T[None]


def test_candidates_are_told_in_shares_of_the_picture_the_likeliest_first():
    box = letterbox(Image.new("RGB", (400, 200)), 32)  # scale 0.08, 8 grey rows above
    found = detections_of(candidates([16, 16, 8, 8, 0.4, 0.1], [8, 12, 4, 4, 0.2, 0.9]), box, (400, 200), NAMES)
    assert [(one.kind, round(one.score, 3)) for one in found] == [("body", 0.9), ("face", 0.4)]
    assert found[1].box == pytest.approx((0.375, 0.25, 0.625, 0.75))
    assert found[0].box == pytest.approx((0.1875, 0.125, 0.3125, 0.375))


def test_frames_of_one_kind_that_overlap_leave_the_likeliest_and_other_kinds_stay():
    box = letterbox(Image.new("RGB", (32, 32)), 32)
    rows = ([10, 10, 8, 8, 0.5, 0], [11, 10, 8, 8, 0.8, 0], [10, 10, 8, 8, 0, 0.6], [25, 25, 8, 8, 0.45, 0])
    found = detections_of(candidates(*rows), box, (32, 32), NAMES)
    assert [(one.kind, round(one.score, 2)) for one in found] == [("face", 0.8), ("body", 0.6), ("face", 0.45)]


def test_frames_are_cut_at_the_picture_and_those_outside_of_it_go():
    box = letterbox(Image.new("RGB", (40, 20)), 32)
    found = detections_of(candidates([2, 10, 8, 8, 0.5, 0], [16, 3, 4, 4, 0.9, 0]), box, (40, 20), NAMES)
    assert len(found) == 1
    assert found[0].box == pytest.approx((0, 0, 6 / 32, 6 / 16))
    assert detections_of(candidates([2, 10, 8, 8, 0.29, 0]), box, (40, 20), NAMES) == []


def field(number, value):
    """A field of a protocol buffer: text and bytes by their length, numbers as they are."""
    if isinstance(value, int):
        return varint(number << 3) + varint(value)
    content = value.encode() if isinstance(value, str) else value
    return varint(number << 3 | 2) + varint(len(content)) + content


def varint(value):
    found = b""
    while True:
        value, low = value >> 7, value & 127
        found += bytes([low | (128 if value else 0)])
        if not value:
            return found


def tensor_type(name, shape):
    dims = b"".join(field(1, field(1, side)) for side in shape)
    return field(1, name) + field(2, field(1, field(1, 1) + field(2, dims)))


def detector_file(path, rows, names="{0: 'anime face'}", side=32):
    """An ONNX model that finds the same whatever it is shown: x * 0 summed, plus a constant.

    Source: onnx.proto3 (field numbers of ModelProto, GraphProto, NodeProto, TensorProto).
    """
    output = numpy.array(rows, "<f4").T[None]
    constant = (
        b"".join(field(1, size) for size in output.shape) + field(2, 1) + field(8, "found") + field(9, output.tobytes())
    )
    zero = field(1, 1) + field(2, 1) + field(8, "zero") + field(9, struct.pack("<f", 0))
    mean = (
        field(1, "x")
        + field(2, "mean")
        + field(4, "ReduceMean")
        + field(5, field(1, "keepdims") + field(3, 0) + field(20, 2))
    )
    times = field(1, "mean") + field(1, "zero") + field(2, "nothing") + field(4, "Mul")
    plus = field(1, "nothing") + field(1, "found") + field(2, "y") + field(4, "Add")
    graph = (
        b"".join(field(1, node) for node in (mean, times, plus))
        + field(2, "detector")
        + field(5, constant)
        + field(5, zero)
    )
    graph += field(11, tensor_type("x", (1, 3, side, side))) + field(12, tensor_type("y", output.shape))
    model = field(1, 8) + field(7, graph) + field(8, field(1, "") + field(2, 13))
    path.write_bytes(model + field(14, field(1, "names") + field(2, names)))
    return path


def test_detector_in_a_file_finds_what_it_gives(tmp_path):
    pytest.importorskip("onnxruntime", reason="onnxruntime is not installed")
    path = detector_file(tmp_path / "anime.onnx", [[16, 16, 16, 8, 0.7], [4, 4, 2, 2, 0.1]])
    (found,) = by_onnx(path)(Image.new("RGB", (64, 32), "red"))
    assert (found.kind, round(found.score, 3)) == ("face", 0.7)
    assert found.box == pytest.approx((0.25, 0.25, 0.75, 0.75))
    detector_file(path, [[16, 16, 16, 8, 0.2]])
    assert by_onnx(path, least=0.1)(Image.new("RGBA", (64, 32)))[0].score == pytest.approx(0.2)
    assert by_onnx(path)(Image.new("L", (64, 32))) == []


@pytest.mark.parametrize("names", ["", "{", "[1]", "__import__('os')", "{0: 3}"])
def test_names_that_cannot_be_read_are_the_file_s(tmp_path, names):
    pytest.importorskip("onnxruntime", reason="onnxruntime is not installed")
    path = detector_file(tmp_path / "halfbody.onnx", [[16, 16, 16, 8, 0.7]], names)
    (found,) = by_onnx(path)(Image.new("RGB", (64, 32)))
    assert found.kind == ("3" if "3" in names else "body")


def test_file_that_is_no_detector_is_named(tmp_path):
    pytest.importorskip("onnxruntime", reason="onnxruntime is not installed")
    (tmp_path / "x.onnx").write_bytes(b"no model")
    with pytest.raises(FileError, match=r"x\.onnx: is no ONNX model that can be run"):
        by_onnx(tmp_path / "x.onnx")
    path = detector_file(tmp_path / "y.onnx", [[1, 2, 3, 4]])
    with pytest.raises(FileError, match=r"y\.onnx: is no detector of YOLOv8's layout"):
        by_onnx(path)
    with pytest.raises(ConfigError, match="there is no such file; check the path"):
        by_onnx(tmp_path / "gone.onnx")


def test_missing_onnxruntime_is_named(tmp_path, monkeypatch):
    (tmp_path / "x.onnx").write_bytes(b"no model")
    monkeypatch.setitem(sys.modules, "onnxruntime", None)
    detectors._session.cache_clear()
    with pytest.raises(MissingPackage, match="an ONNX detector needs the package onnxruntime"):
        by_onnx(tmp_path / "x.onnx")
