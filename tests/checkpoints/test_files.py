import hashlib
import json
import os
import re
import shutil
import struct
from pathlib import Path

import pytest
import torch
from safetensors import safe_open
from safetensors.torch import save

from lib_train.checkpoints import files
from lib_train.checkpoints.files import read_metadata, read_network, write_network
from lib_train.checkpoints.hashes import model_hashes
from lib_train.checkpoints.opened import read_header
from lib_train.errors import FileError, ModelFileError

TENSORS = {
    "lora_unet_a.lora_down.weight": (torch.arange(600000.0) / 10).reshape(2, 300000).t(),
    "lora_unet_a.lora_up.weight": torch.ones(4, 2),
    "lora_unet_a.alpha": torch.tensor(8.0),
}


@pytest.mark.parametrize(("precision", "dtype"), [("fp16", "F16"), ("bf16", "BF16"), ("float", "F32")])
def test_file_holds_every_tensor_in_the_asked_precision_and_no_integer_alpha(tmp_path, precision, dtype):
    path = tmp_path / "a.safetensors"
    write_network(path, TENSORS, {"ss_network_dim": "2"}, precision)
    _, shapes = read_header(path)
    assert {name: shape for name, (_, shape) in shapes.items()} == {n: tuple(t.shape) for n, t in TENSORS.items()}
    assert {kind for kind, _ in shapes.values()} == {dtype}
    tensors, metadata = read_network(path)
    assert float(tensors["lora_unet_a.alpha"]) == 8.0
    assert metadata["ss_network_dim"] == "2"
    assert [p.name for p in tmp_path.iterdir()] == ["a.safetensors"]


@pytest.mark.parametrize(
    ("precision", "dtype", "beyond"), [("fp16", "F32", ["lora_unet_b.lora_up.weight"]), ("bf16", "BF16", [])]
)
def test_file_is_float_as_a_whole_when_a_number_is_beyond_its_precision(tmp_path, precision, dtype, beyond):
    path = tmp_path / "a.safetensors"
    small = {**TENSORS, "lora_unet_b.lora_up.weight": torch.tensor([[65504.0]])}
    assert write_network(path, small, {}) == []
    assert {kind for kind, _ in read_header(path)[1].values()} == {"F16"}
    large = {**small, "lora_unet_b.lora_up.weight": torch.tensor([[1.0, -65536.0]])}
    assert write_network(path, large, {}, precision, replace=True) == beyond
    assert {kind for kind, _ in read_header(path)[1].values()} == {dtype}
    assert read_network(path)[0]["lora_unet_b.lora_up.weight"].tolist() == [[1.0, -65536.0]]
    assert files.holds(path, large, precision)
    assert not files.holds(path, small, precision)
    assert not files.holds(tmp_path / "gone.safetensors", large, precision)


def test_file_keeps_its_precision_when_weights_are_infinite_anyway(tmp_path):
    path = tmp_path / "a.safetensors"
    assert write_network(path, {"lora_unet_a.lora_up.weight": torch.tensor([torch.inf, torch.nan])}, {}) == []
    assert read_network(path)[0]["lora_unet_a.lora_up.weight"].dtype == torch.float16


def test_hashes_are_those_that_other_tools_compute_from_the_file(tmp_path):
    path = tmp_path / "a.safetensors"
    write_network(path, TENSORS, {"ss_x": "1", "modelspec.title": "t"}, "float")
    raw = path.read_bytes()
    data = raw[8 + struct.unpack("<Q", raw[:8])[0] :]
    with safe_open(path, "pt") as file:
        metadata = file.metadata()
        again = save({name: file.get_tensor(name) for name in file.keys()}, {"ss_x": "1"})  # noqa: SIM118
    assert metadata["sshs_model_hash"] == hashlib.sha256(data).hexdigest()  # the WebUI's own rule
    assert metadata["sshs_legacy_hash"] == hashlib.sha256(again[0x100000:0x110000]).hexdigest()[:8]


def test_base_model_hashes_are_those_of_the_webui(tmp_path):
    content = os.urandom(0x120000)
    (tmp_path / "m").write_bytes(content)
    legacy = hashlib.sha256(content[0x100000:0x110000]).hexdigest()[:8]
    assert model_hashes(tmp_path / "m") == (legacy, hashlib.sha256(content).hexdigest())


def test_existing_file_is_written_over_only_when_asked(tmp_path):
    path = tmp_path / "a.safetensors"
    path.write_bytes(b"mine")
    with pytest.raises(FileError, match=r"a\.safetensors: is there already"):
        write_network(path, TENSORS, {})
    assert path.read_bytes() == b"mine"
    write_network(path, TENSORS, {}, replace=True)
    assert set(read_network(path)[0]) == set(TENSORS)


@pytest.mark.parametrize("moment", ["fsync", "replace"])
def test_failure_at_any_moment_leaves_the_old_file_and_no_partial_one(tmp_path, monkeypatch, moment):
    path = tmp_path / "a.safetensors"
    path.write_bytes(b"old")

    def full(*args):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, moment, full)
    with pytest.raises(
        FileError, match=r"a\.safetensors: the disk is full: 1\.1 MiB are needed, [0-9.]+ MiB are free; make room"
    ):
        write_network(path, TENSORS, {}, replace=True)
    assert path.read_bytes() == b"old"
    assert [p.name for p in tmp_path.iterdir()] == ["a.safetensors"]


def test_full_disk_is_told_the_size_of_the_whole_file(tmp_path, monkeypatch):
    """1 MiB of a comment, and 600,000 numbers and 9 more of 2 bytes, which are 1.14 MiB."""

    def full(handle):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(FileError, match=r"the disk is full: 2\.1 MiB are needed"):
        write_network(tmp_path / "a.safetensors", TENSORS, {"ss_training_comment": "x" * 2**20})


def test_folder_that_is_gone_is_named(tmp_path):
    with pytest.raises(FileError, match=r"a\.safetensors: cannot be written \(No such file or directory\)"):
        write_network(tmp_path / "gone" / "a.safetensors", TENSORS, {})


def test_file_that_appears_in_the_last_moment_is_not_written_over(tmp_path, monkeypatch):
    path = tmp_path / "a.safetensors"
    sync = os.fsync

    def appear(handle):
        path.write_bytes(b"mine")
        sync(handle)

    monkeypatch.setattr(os, "fsync", appear)
    with pytest.raises(FileError, match=r"a\.safetensors: is there already"):
        write_network(path, TENSORS, {})
    assert path.read_bytes() == b"mine"


def safetensors_of(header, data=b""):
    text = header if isinstance(header, bytes) else json.dumps(header).encode()
    return struct.pack("<Q", len(text)) + text + data


ENTRY = {"dtype": "F32", "shape": [1], "data_offsets": [0, 4]}


@pytest.mark.parametrize(
    "content",
    [
        b"", b"text", b"\x00" * 100, struct.pack("<Q", 2**60) + b"{}", struct.pack("<Q", 2**64 - 1) + b"{}",
        b"PK\x03\x04" * 30, safetensors_of(b"[1]!"), safetensors_of([1, 2]), safetensors_of(b"{" * 9),
        safetensors_of(b"[" * 100000), safetensors_of(b'{"\xff": 1}'), safetensors_of({"a": 5}),
        safetensors_of({"a": {}}), safetensors_of({"__metadata__": 5}), safetensors_of({"__metadata__": ["a"]}),
        safetensors_of({"a": {**ENTRY, "shape": 5}}, b"abcd"),
        safetensors_of({"a": {**ENTRY, "shape": ["x"]}}, b"abcd"),
        safetensors_of({"a": {**ENTRY, "data_offsets": ["x", "y"]}}, b"abcd"),
        safetensors_of({"a": {**ENTRY, "data_offsets": [4]}}, b"abcd"),
        safetensors_of({"a": {**ENTRY, "data_offsets": [0, float("inf")]}}, b"abcd"),
        safetensors_of({"a": {**ENTRY, "data_offsets": [0, 400]}}, b"abcd"),
        safetensors_of({"a": ENTRY}, b"abcdefgh"),
    ],
    ids=[
        "empty", "text", "zeros", "huge header", "largest header", "zip", "no JSON", "list", "braces", "deep",
        "no UTF-8", "number", "no entry", "metadata number", "metadata list", "shape number", "shape text",
        "offset text", "offset missing", "offset infinite", "offset outside", "too long",
    ],
)  # fmt: skip
def test_file_of_another_kind_is_named_with_the_way_out(tmp_path, content):
    path = tmp_path / "bad.safetensors"
    path.write_bytes(content)
    with pytest.raises(ModelFileError, match=r"bad\.safetensors: .*choose a \.safetensors file"):
        read_metadata(path)


@pytest.mark.parametrize("changed", [{"dtype": "X9"}, {"shape": [7]}, {"shape": [-1]}, {"data_offsets": [2, 4]}])
def test_header_that_contradicts_itself_is_told_when_tensors_are_read(tmp_path, changed):
    path = tmp_path / "bad.safetensors"
    path.write_bytes(safetensors_of({"a": {**ENTRY, **changed}}, b"abcd"))
    with pytest.raises(
        ModelFileError,
        match=r"bad\.safetensors: (is damaged \(its header .*\); take another|holds tensors of the type X9)",
    ):
        read_network(path)


FOREIGN = "choose a .safetensors file, or take another copy"


@pytest.mark.parametrize(
    ("content", "told"),
    [
        (struct.pack("<Q", 90) + b'{"' + b" " * 80, f"is no safetensors file, or cut short; {FOREIGN}"),
        (safetensors_of(b'{"a"!'), "its header cannot be read"),
        (b"PK\x03\x04" * 30, "is a zip archive or a torch file that is cut short or damaged; take another copy, or"),
        (b"<!DOCTYPE html>", "is a web page, such as a login or an error saved in the place of the file; download it"),
    ],
    ids=["cut header", "no JSON", "zip", "web page"],
)
def test_file_is_named_by_its_path_and_what_is_wrong_with_it(tmp_path, content, told):
    path = tmp_path / "bad.safetensors"
    path.write_bytes(content)
    with pytest.raises(ModelFileError) as caught:
        read_network(path)
    message = str(caught.value)
    assert message.startswith(f"{path}: ")
    assert told in message
    assert "None" not in message


def test_torch_file_and_folder_are_told_with_the_way_out(tmp_path):
    path = tmp_path / "a.pt"
    torch.save({"a": torch.zeros(1)}, path)
    message = f"{path}: is a torch file (.pt), which is not read here; convert it to .safetensors"
    with pytest.raises(ModelFileError, match=re.escape(message)):
        read_network(path)
    with pytest.raises(ModelFileError, match=rf"{re.escape(str(tmp_path))}: is a folder; choose a \.safetensors file"):
        read_network(tmp_path)


def test_missing_and_unreadable_files_are_told_apart(tmp_path, monkeypatch):
    path = tmp_path / "a.safetensors"
    with pytest.raises(ModelFileError, match="there is no such file; check the path"):
        read_network(path)
    path.write_bytes(b"")

    def refused(*args):
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(Path, "open", refused)
    with pytest.raises(ModelFileError, match=r"cannot be read \(Permission denied\); check its permissions"):
        read_network(path)


def test_cut_file_is_told_by_its_length(tmp_path):
    path = tmp_path / "a.safetensors"
    write_network(path, TENSORS, {})
    path.write_bytes(path.read_bytes()[:-5])
    with pytest.raises(ModelFileError, match="is cut short or damaged: [0-9]+ bytes, its header speaks of [0-9]+"):
        read_network(path)


def test_smallest_header_that_can_be_is_of_two_bytes(tmp_path):
    path = tmp_path / "a.safetensors"
    path.write_bytes(safetensors_of({}))
    assert path.stat().st_size == 8 + 2
    assert read_network(path) == ({}, {})


def test_the_adapters_configuration_beside_pefts_file_is_read_with_it(tmp_path):
    path, config = tmp_path / "adapter_model.safetensors", tmp_path / "adapter_config.json"
    write_network(path, TENSORS, {"ss_x": "1"})
    assert "adapter_config" not in read_network(path)[1]
    config.write_text('{"lora_alpha": 3}')
    assert read_network(path)[1] == read_metadata(path) | {"adapter_config": '{"lora_alpha": 3}'}
    shutil.copy(path, tmp_path / "other.safetensors")
    assert "adapter_config" not in read_network(tmp_path / "other.safetensors")[1]
    config.write_bytes(b"\xff")
    with pytest.raises(ModelFileError, match=r"adapter_config.json: cannot be read"):
        read_network(path)


def test_metadata_is_strings_alone(tmp_path):
    path = tmp_path / "a.safetensors"
    write_network(path, TENSORS, {"ss_training_comment": "日本語"})
    raw = path.read_bytes()
    header = json.loads(raw[8 : 8 + struct.unpack("<Q", raw[:8])[0]])
    assert raw[8:10] == b'{"'  # what the WebUI asks of a file before it reads its metadata
    assert all(isinstance(value, str) for value in header["__metadata__"].values())
    assert read_metadata(path)["ss_training_comment"] == "日本語"


def test_header_is_compact_and_readable_and_ends_where_tensors_lie_aligned(tmp_path):
    for length in range(8):
        comment = "日" + "x" * length
        write_network(tmp_path / "a.safetensors", TENSORS, {"ss_training_comment": comment}, replace=True)
        raw = (tmp_path / "a.safetensors").read_bytes()
        size = struct.unpack("<Q", raw[:8])[0]
        header = raw[8 : 8 + size]
        compact = json.dumps(json.loads(header), ensure_ascii=False, separators=(",", ":")).encode()
        assert size % 8 == 0
        assert header == compact.ljust(size)
        assert size - len(compact) < 8
