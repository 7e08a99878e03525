import errno
import os

import pytest
import torch
from safetensors.torch import load_file

from lib_train.errors import ModelFileError, OutOfMemory
from lib_train.models.tensor_file import open_tensors, require_file, vae_of
from tests.tiny import write_file


@pytest.mark.parametrize("name", ["a.safetensors", "a.SafeTensors", "a.ckpt", "a.pt", "a.bin", "a", "a.txt"])
@pytest.mark.parametrize("kind", ["safetensors", "torch", "older torch"])
def test_every_kind_of_file_gives_shapes_and_tensors_whatever_its_name(tmp_path, name, kind):
    path, tensor = tmp_path / name, torch.arange(6.0).reshape(2, 3)
    if kind == "safetensors":
        write_file(path, {"x": tensor}, {"said": "so"})
    else:
        content = {"state_dict": {"x": tensor}, "epoch": 3}
        torch.save(content, path, _use_new_zipfile_serialization=kind == "torch")
    file = open_tensors(path)
    assert file.shapes == {"x": (2, 3)}
    assert torch.equal(file.take("x"), tensor)
    assert file.metadata.get("said") == ("so" if kind == "safetensors" else None)


def test_clip_without_text_model_in_its_names_gets_it(tmp_path):
    path = write_file(tmp_path / "a.safetensors", {"cond_stage_model.transformer.final_layer_norm.bias": torch.ones(2)})
    assert list(open_tensors(path).shapes) == ["cond_stage_model.transformer.text_model.final_layer_norm.bias"]


@pytest.mark.parametrize(
    ("content", "told"),
    [(b"", "is empty"), (b"\x00" * 100, "nothing but zeros"), (b"<html>", "is a web page")],
    ids=["empty", "zeros", "html"],
)
@pytest.mark.parametrize("ending", ["safetensors", "ckpt"])
def test_file_of_another_kind_is_named(tmp_path, ending, content, told):
    (tmp_path / f"a.{ending}").write_bytes(content)
    with pytest.raises(ModelFileError, match=rf"a\.{ending}: .*{told}.*choose a .safetensors or .ckpt file"):
        open_tensors(tmp_path / f"a.{ending}")


def test_truncated_safetensors_file_is_named(tmp_path):
    path = write_file(tmp_path / "a.safetensors", {"x": torch.zeros(100)})
    whole = path.read_bytes()
    path.write_bytes(whole[:-8])
    text = rf"a\.safetensors: is no whole safetensors file \(it is cut short: {len(whole) - 8} bytes of {len(whole)}\)"
    with pytest.raises(ModelFileError, match=text):
        open_tensors(path)
    path.write_bytes(whole[:20])
    with pytest.raises(ModelFileError, match="cut short within its header, 20 bytes"):
        open_tensors(path)


@pytest.mark.parametrize(
    ("header", "told"),
    [
        (b"{not json", "its header is damaged"),
        (b"[" * 9000, "its header is damaged"),
        (b'{"x":{"dtype":"F32","shape":[2],"data_offsets":[0,4]}}', "its header does not fit its length"),
    ],
    ids=["no JSON", "deep", "shape"],
)
def test_damaged_header_is_told_in_our_words(tmp_path, header, told):
    header = header if header[:1] == b"{" else b'{"a":' + header
    (tmp_path / "a.safetensors").write_bytes(len(header).to_bytes(8, "little") + header + b"\0" * 4)
    with pytest.raises(ModelFileError, match=rf"a\.safetensors: is no whole safetensors file \({told}\); take another"):
        open_tensors(tmp_path / "a.safetensors")


def test_missing_file_is_named(tmp_path):
    with pytest.raises(ModelFileError, match="there is no such file"):
        open_tensors(tmp_path / "none.safetensors")
    with pytest.raises(ModelFileError, match="vae = 'org/name': is no file here; if it is a name on a model hub"):
        require_file("org/name", "vae")


SHORT = [
    MemoryError(),
    OSError("Cannot allocate memory (os error 12)"),
    OSError(errno.ENOMEM, "Cannot allocate memory"),
    RuntimeError("[enforce fail at alloc_cpu.cpp:127] DefaultCPUAllocator: can't allocate memory: you tried 300"),
    RuntimeError("unable to mmap 300001485 bytes from file <big.ckpt>: Cannot allocate memory (12)"),
]
"""As Python, safetensors, the system and torch tell it (seen under a limit on the address space)."""


@pytest.mark.parametrize("error", SHORT, ids=lambda error: type(error).__name__)
@pytest.mark.parametrize("name", ["a.safetensors", "a.ckpt"])
def test_too_little_memory_is_told_as_such_and_not_as_a_broken_file(tmp_path, monkeypatch, name, error):
    def fails(*anything, **more):
        raise error

    path = tmp_path / name
    if name == "a.ckpt":
        torch.save({"x": torch.ones(2)}, path)
        monkeypatch.setattr(torch, "load", fails)
    else:
        write_file(path, {"x": torch.ones(2)})
        monkeypatch.setattr("safetensors.safe_open", fails)
    with pytest.raises(OutOfMemory, match=rf"{name}: its 0.0 GiB do not fit into the memory that is free; close other"):
        open_tensors(path)


def test_too_little_memory_while_a_tensor_is_taken_is_told_too(tmp_path, monkeypatch):
    file = open_tensors(write_file(tmp_path / "a.safetensors", {"x": torch.ones(2)}))

    def fails(*anything, **more):
        raise SHORT[3]

    monkeypatch.setattr(torch, "empty", fails)
    with pytest.raises(OutOfMemory, match=r"a\.safetensors: "):
        file.take("x")


def test_file_that_may_not_be_read_is_no_broken_file(tmp_path, monkeypatch):
    path = write_file(tmp_path / "a.safetensors", {"x": torch.ones(2)})

    def fails(*anything, **more):
        raise PermissionError(errno.EACCES, "Permission denied")

    monkeypatch.setattr("lib_train.models.tensor_file.kind_of_file", fails)
    with pytest.raises(ModelFileError, match="cannot be read .Permission denied.; check its permissions"):
        open_tensors(path)


def test_vae_of_a_checkpoint_has_the_names_of_a_vae_file(checkpoints):
    file = vae_of(open_tensors(checkpoints["sd1"]))
    whole = load_file(checkpoints["sd1"])
    inner = {name.removeprefix("first_stage_model."): tensor for name, tensor in whole.items() if "first_stage" in name}
    assert file.shapes == {name: tuple(tensor.shape) for name, tensor in inner.items()}
    assert torch.equal(file.take("encoder.conv_in.weight"), inner["encoder.conv_in.weight"])


@pytest.mark.parametrize("query", ["to_q", "query"])
def test_vae_with_diffusers_names_of_any_age_gets_ldms(tmp_path, query):
    names = ["encoder.down_blocks.0.resnets.0.conv1.weight", f"encoder.mid_block.attentions.0.{query}.weight"]
    path = write_file(tmp_path / "a.safetensors", {name: torch.ones(2, 2) for name in names})
    assert set(vae_of(open_tensors(path)).shapes) == {
        "encoder.down.0.block.0.conv1.weight",
        "encoder.mid.attn_1.q.weight",
    }


@pytest.mark.parametrize("way", ["shorter", "written over", "replaced"])
def test_file_that_changes_while_it_is_read_is_named(tmp_path, way):
    path = write_file(tmp_path / "a.safetensors", {"x": torch.zeros(100)})
    os.utime(path, (1, 1))
    file = open_tensors(path)
    if way == "replaced":
        os.replace(write_file(tmp_path / "b.safetensors", {"x": torch.ones(100)}), path)
    else:
        path.write_bytes(path.read_bytes()[: -8 if way == "shorter" else None])
    with pytest.raises(ModelFileError, match=r"a\.safetensors: was changed while it was read"):
        file.take("x")


def test_type_that_torch_lacks_is_named(tmp_path):
    header = b'{"x":{"dtype":"F8_E8M0","shape":[1],"data_offsets":[0,1]}}'
    (tmp_path / "a.safetensors").write_bytes(len(header).to_bytes(8, "little") + header + b"\x00")
    with pytest.raises(ModelFileError, match=r"a\.safetensors: "):
        open_tensors(tmp_path / "a.safetensors")
