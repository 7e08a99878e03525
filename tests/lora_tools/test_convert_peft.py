"""Kinds that PEFT has, converted to its names and back."""

import pytest
import torch

from lib_train.checkpoints.files import read_network, write_network
from lib_train.config.tools import ConvertConfig
from lib_train.lora_tools.convert import convert
from tests.lora_tools.networks import UNET, chance, lora
from tests.lora_tools.test_convert import converted

QUERY = f"{UNET}transformer_blocks_0_attn1_to_q"
KINDS: dict[str, dict[str, tuple[int, ...]]] = {
    "LoHa": {f"hada_w{half}_{side}": (36, 2) if side == "a" else (2, 44) for half in (1, 2) for side in "ab"},
    "LoKr": {"lokr_w1": (6, 4), "lokr_w2_a": (6, 2), "lokr_w2_b": (2, 11)},
    "LoKr of whole matrices": {"lokr_w1": (6, 4), "lokr_w2": (6, 11)},
    "IA3": {"weight": (36,)},
}


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("precision", ["fp16", "bf16", "float"])
def test_each_kind_of_peft_goes_there_and_back_to_the_bit(tmp_path, kind, precision):
    random = chance(1)
    tensors = {f"{QUERY}.{part}": torch.randn(shape, generator=random) for part, shape in KINDS[kind].items()}
    alpha = 5.0 if kind == "LoHa" else 2.0 if kind == "LoKr" else 1.0
    tensors |= {f"{QUERY}.on_input": torch.tensor(0)} if kind == "IA3" else {f"{QUERY}.alpha": torch.tensor(alpha)}
    to, outcome = converted(tmp_path, tensors, names="peft", precision=precision)
    found, metadata = read_network(to)
    assert all(key.startswith("unet.down_blocks.0.") and not key.endswith("alpha") for key in found)
    assert f'"unet.peft_type": "{kind[:4].upper()}"' in metadata["lora_adapter_metadata"]
    assert outcome.notes == ()
    back = tmp_path / "back.safetensors"
    convert(to, back, ConvertConfig(save_precision=precision))
    before, (after, metadata) = read_network(tmp_path / "a.safetensors")[0], read_network(back)
    assert before.keys() == after.keys()
    assert [key for key in before if not torch.equal(before[key].float(), after[key].float())] == []
    assert "lora_adapter_metadata" not in metadata


@pytest.mark.parametrize("precision", ["fp16", "bf16"])
def test_factors_of_peft_keep_what_was_learned_in_every_precision(tmp_path, precision):
    """1.000123 would be 1 in bf16, 1.000000 or 1.000977 in fp16."""
    tensors = {f"{QUERY}.weight": torch.full((36,), 0.000123), f"{QUERY}.on_input": torch.tensor(0)}
    to, _ = converted(tmp_path, tensors, names="peft", save_precision=precision)
    convert(to, tmp_path / "back.safetensors", ConvertConfig(save_precision="float"))
    assert torch.equal(read_network(tmp_path / "back.safetensors")[0][f"{QUERY}.weight"], tensors[f"{QUERY}.weight"])


def test_biases_that_peft_multiplies_and_nobody_else_are_told_both_ways(tmp_path):
    names = (QUERY, QUERY.replace("to_q", "to_out_0"), "lora_te_text_model_encoder_layers_0_self_attn_v_proj")
    tensors = {f"{name}.weight": torch.ones(36) for name in names}
    tensors |= {f"{name}.on_input": torch.tensor(0) for name in names}
    tensors |= {"lora_te_text_model_encoder_layers_0_mlp_fc2.weight": torch.ones(4),
                "lora_te_text_model_encoder_layers_0_mlp_fc2.on_input": torch.tensor(1)}  # fmt: skip
    to, outcome = converted(tmp_path, tensors, names="peft")
    assert "PEFT multiplies the biases of 2 (IA)3 layers, too" in outcome.notes[0]
    assert "of 2 (IA)3" in convert(to, tmp_path / "back.safetensors", ConvertConfig()).notes[0]
    assert convert(tmp_path / "a.safetensors", tmp_path / "c.safetensors", ConvertConfig()).notes == ()


@pytest.mark.parametrize("strip", [False, True])
def test_layers_that_every_family_has_are_read_back_without_metadata(tmp_path, strip):
    name = "lora_unet_input_blocks_1_0_in_layers_2"
    tensors = {key.replace("lora_unet_up_blocks_1_resnets_0_conv1", name): t for key, t in lora().items()
               if "resnets" in key}  # fmt: skip
    write_network(tmp_path / "a.safetensors", tensors, {}, "float")
    convert(tmp_path / "a.safetensors", tmp_path / "b.safetensors", ConvertConfig(names="peft", strip=strip))
    convert(tmp_path / "b.safetensors", tmp_path / "c.safetensors", ConvertConfig())
    found, metadata = read_network(tmp_path / "c.safetensors")
    assert found.keys() == tensors.keys()
    assert not any(key.startswith("train_tools") for key in metadata)
