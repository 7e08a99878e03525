import pickle

import pytest
import torch
from safetensors.torch import load_file

from lib_train.errors import ModelFileError
from lib_train.models.tensor_file import open_tensors, vae_of
from tests.tiny import write_file


@pytest.mark.parametrize("ending", ["safetensors", "SafeTensors", "ckpt", "pt", "bin"])
def test_every_kind_of_file_gives_shapes_and_tensors(tmp_path, ending):
    path, tensor = tmp_path / f"a.{ending}", torch.arange(6.0).reshape(2, 3)
    if ending.lower() == "safetensors":
        write_file(path, {"x": tensor}, {"said": "so"})
    else:
        torch.save({"state_dict": {"x": tensor}, "epoch": 3}, path)
    file = open_tensors(path)
    assert file.shapes == {"x": (2, 3)}
    assert torch.equal(file.take("x"), tensor)
    assert file.metadata.get("said") == ("so" if ending.lower() == "safetensors" else None)


def test_clip_without_text_model_in_its_names_gets_it(tmp_path):
    path = write_file(tmp_path / "a.safetensors", {"cond_stage_model.transformer.final_layer_norm.bias": torch.ones(2)})
    assert list(open_tensors(path).shapes) == ["cond_stage_model.transformer.text_model.final_layer_norm.bias"]


@pytest.mark.parametrize(
    "content", [b"", b"\x00" * 100, b"<html>", pickle.dumps(print, 2)], ids=["empty", "zeros", "html", "code"]
)
@pytest.mark.parametrize("ending", ["safetensors", "ckpt"])
def test_broken_file_is_named(tmp_path, ending, content):
    (tmp_path / f"a.{ending}").write_bytes(content)
    with pytest.raises(ModelFileError, match=rf"a\.{ending}: "):
        open_tensors(tmp_path / f"a.{ending}")


def test_truncated_safetensors_file_is_named(tmp_path):
    path = write_file(tmp_path / "a.safetensors", {"x": torch.zeros(100)})
    path.write_bytes(path.read_bytes()[:-8])
    with pytest.raises(ModelFileError, match=r"a\.safetensors: is no whole safetensors file"):
        open_tensors(path)


@pytest.mark.parametrize(
    ("name", "told"), [("none.safetensors", "there is no such file"), ("a.txt", "is no checkpoint")]
)
def test_missing_and_foreign_files_are_named(tmp_path, name, told):
    (tmp_path / "a.txt").touch()
    with pytest.raises(ModelFileError, match=told):
        open_tensors(tmp_path / name)


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


def test_file_that_shrinks_while_it_is_read_is_named(tmp_path):
    path = write_file(tmp_path / "a.safetensors", {"x": torch.zeros(100)})
    file = open_tensors(path)
    path.write_bytes(path.read_bytes()[:-8])
    with pytest.raises(ModelFileError, match=r"a\.safetensors: has become shorter"):
        file.take("x")


def test_type_that_torch_lacks_is_named(tmp_path):
    header = b'{"x":{"dtype":"F8_E8M0","shape":[1],"data_offsets":[0,1]}}'
    (tmp_path / "a.safetensors").write_bytes(len(header).to_bytes(8, "little") + header + b"\x00")
    with pytest.raises(ModelFileError, match=r"a\.safetensors: "):
        open_tensors(tmp_path / "a.safetensors")
