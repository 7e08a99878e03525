"""What PEFT's and diffusers' configurations tell of a file's alphas."""

import json

import pytest
import torch

from lib_train.checkpoints.inspect import described, inspected
from lib_train.errors import ModelFileError
from tests.tiny import write_file

PATH = "down_blocks.0.attentions.0.transformer_blocks.0.attn2"
LORA = {"lora_A.weight": (4, 768), "lora_B.weight": (8, 4)}
LOHA = {"hada_w1_a": (8, 4), "hada_w1_b": (4, 768), "hada_w2_a": (8, 4), "hada_w2_b": (4, 768)}
LOKR = {"lokr_w1": (2, 2), "lokr_w2_a": (4, 4), "lokr_w2_b": (4, 384)}


def file(path, parts, owner="unet.", metadata=None):
    layers = (f"{owner}{PATH}.to_{end}" for end in "kv")
    keys = {f"{layer}.{part}": torch.zeros(shape) for layer in layers for part, shape in parts.items()}
    return write_file(path, keys, metadata)


@pytest.mark.parametrize(
    ("parts", "config", "alphas"),
    [
        (LORA, {"lora_alpha": 6, "alpha_pattern": {"to_v": 9}}, {6.0: 1, 9.0: 1}),
        (LORA, {"lora_alpha": 6, "use_rslora": True}, {12.0: 2}),
        (LOHA, {"alpha": 6, "lora_alpha": 5}, {6.0: 2}),
        (LOHA, {"alpha": 6, "rank_pattern": {"to_k": 4}, "alpha_pattern": {"attn2.to_k": 3}}, {6.0: 2}),
        (LOKR, {"alpha": 6, "r": 4}, {4.0: 2}),
        (LOKR, {"alpha": 6, "r": 4, "rank_dropout_scale": False}, {6.0: 2}),
        ({"ia3_l": (8, 1)}, {"feedforward_modules": []}, {}),
    ],
)
def test_alphas_of_a_configuration_are_told_whether_beside_the_file_or_in_it(tmp_path, parts, config, alphas):
    beside = file(tmp_path / "adapter_model.safetensors", parts, "base_model.model.")
    assert inspected(beside).alphas == {}
    (tmp_path / "adapter_config.json").write_text(json.dumps(config))
    assert inspected(beside).alphas == alphas
    packed = json.dumps({f"unet.{key}": value for key, value in config.items()})
    within = file(tmp_path / "a.safetensors", parts, metadata={"lora_adapter_metadata": packed})
    assert inspected(within).alphas == alphas
    assert "with PEFT's names" in described(within).splitlines()[1]


def test_alphas_in_tensors_are_told_whatever_a_configuration_says(tmp_path):
    path = file(tmp_path / "a.safetensors", LORA | {"alpha": ()}, metadata={"adapter_config": '{"lora_alpha": 6}'})
    assert inspected(path).alphas == {0.0: 2}
    kohya = {f"lora_unet_x.{part}": torch.zeros(shape) for part, shape in LOHA.items()}
    path = write_file(tmp_path / "b.safetensors", kohya, {"adapter_config": '{"alpha": 6}'})
    assert inspected(path).alphas == {}


def test_a_configuration_that_cannot_be_read_is_told_with_the_file(tmp_path):
    path = file(tmp_path / "a.safetensors", LORA, metadata={"adapter_config": "{"})
    with pytest.raises(ModelFileError, match=r"a\.safetensors: its adapter configuration .* cannot be read"):
        inspected(path)
