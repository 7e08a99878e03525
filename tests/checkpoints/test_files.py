import hashlib
import json
import os
import struct

import pytest
import torch
from safetensors import safe_open
from safetensors.torch import save

from lib_train.checkpoints import files
from lib_train.checkpoints.files import read_metadata, read_network, write_network, write_whole
from lib_train.checkpoints.hashes import model_hashes
from lib_train.errors import FileError, ModelFileError

TENSORS = {
    "lora_unet_a.lora_down.weight": torch.arange(600000.0).reshape(2, 300000).t(),
    "lora_unet_a.lora_up.weight": torch.ones(4, 2),
    "lora_unet_a.alpha": torch.tensor(8.0),
}


@pytest.mark.parametrize(("precision", "dtype"), [("fp16", "F16"), ("bf16", "BF16"), ("float", "F32")])
def test_file_holds_every_tensor_in_the_asked_precision_and_no_integer_alpha(tmp_path, precision, dtype):
    path = tmp_path / "a.safetensors"
    write_network(path, TENSORS, {"ss_network_dim": "2"}, precision)
    _, shapes = files.read_header(path)
    assert {name: shape for name, (_, shape) in shapes.items()} == {n: tuple(t.shape) for n, t in TENSORS.items()}
    assert {kind for kind, _ in shapes.values()} == {dtype}
    tensors, metadata = read_network(path)
    assert float(tensors["lora_unet_a.alpha"]) == 8.0
    assert metadata["ss_network_dim"] == "2"
    assert [p.name for p in tmp_path.iterdir()] == ["a.safetensors"]


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


def test_existing_file_is_never_written_over(tmp_path):
    path = tmp_path / "a.safetensors"
    path.write_bytes(b"mine")
    with pytest.raises(FileError, match=r"a\.safetensors: is there already"):
        write_network(path, TENSORS, {})
    assert path.read_bytes() == b"mine"


@pytest.mark.parametrize("moment", ["fsync", "replace"])
def test_failure_at_any_moment_leaves_the_old_file_and_no_partial_one(tmp_path, monkeypatch, moment):
    path = tmp_path / "a.bin"
    path.write_bytes(b"old")

    def full(*args):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(files.os, moment, full)
    with pytest.raises(FileError, match=r"the disk is full, 2\.0 MiB are needed"):
        write_whole(path, b"x" * 2 * 2**20)
    assert path.read_bytes() == b"old"
    assert [p.name for p in tmp_path.iterdir()] == ["a.bin"]


@pytest.mark.parametrize(
    "content",
    [b"", b"text", b"\x00" * 100, struct.pack("<Q", 2**60) + b"{}", struct.pack("<Q", 4) + b"[1]!", b"PK\x03\x04" * 30],
    ids=["empty", "text", "zeros", "huge header", "no object", "zip"],
)
def test_file_of_another_kind_is_named_with_the_way_out(tmp_path, content):
    path = tmp_path / "bad.safetensors"
    path.write_bytes(content)
    with pytest.raises(ModelFileError, match=r"bad\.safetensors: .*choose a \.safetensors file, or take another copy"):
        read_metadata(path)


def test_cut_file_is_told_by_its_length(tmp_path):
    path = tmp_path / "a.safetensors"
    write_network(path, TENSORS, {})
    path.write_bytes(path.read_bytes()[:-5])
    with pytest.raises(ModelFileError, match="is cut short"):
        read_network(path)


def test_metadata_is_strings_alone(tmp_path):
    path = tmp_path / "a.safetensors"
    write_network(path, TENSORS, {"ss_training_comment": "日本語"})
    raw = path.read_bytes()
    header = json.loads(raw[8 : 8 + struct.unpack("<Q", raw[:8])[0]])
    assert all(isinstance(value, str) for value in header["__metadata__"].values())
    assert read_metadata(path)["ss_training_comment"] == "日本語"
