"""What bf16 would ruin stays exact to 11 bits in every spelling of its name."""

import pytest
import torch

from lib_train.checkpoints.files import read_network, write_network
from lib_train.checkpoints.reader import read_otherwise
from lib_train.network_kinds import split
from lib_train.networks.kinds import KINDS, NOT_IN_BF16
from lib_train.networks.spellings import to_diffusers, to_kohya, to_peft
from tests.tiny import write_file

PATH = "down_blocks.0.attentions.0.transformer_blocks.0.attn1.to_q"
KOHYA = "lora_unet_down_blocks_0_attentions_0_transformer_blocks_0_attn1_to_q"
OWNERS = (KOHYA, f"lora_unet.{PATH}", f"unet.{PATH}", f"diffusion_model.{PATH}", f"base_model.model.unet.{PATH}")
VALUES = torch.tensor([1.0, 1 + 2.0**-10, 3.0, 1.5 - 2.0**-10])  # of 11 bits each, more than the 8 of bf16
DORA = {"lora_down.weight": torch.ones(2, 4), "lora_up.weight": torch.ones(4, 2), "alpha": torch.tensor(2.0)}


def written(path, tensors):
    write_network(path, tensors, {}, "bf16", replace=True)
    return read_network(path)[0]


@pytest.mark.parametrize("kind", [name for name, kind in KINDS.items() if kind.not_in_bf16])
@pytest.mark.parametrize("owner", OWNERS)
def test_each_part_comes_back_as_it_was_under_every_name_of_its_layer(tmp_path, kind, owner):
    parts = {f"{owner}.{part}": VALUES.view(4, 1).clone() for part in KINDS[kind].not_in_bf16}
    found = written(tmp_path / "a.safetensors", parts)
    assert {key for key, tensor in found.items() if not torch.equal(tensor.float(), parts[key])} == set()
    assert {split(key)[1] for key in found} <= NOT_IN_BF16


@pytest.mark.parametrize("ending", ["lora_magnitude_vector", "lora_magnitude_vector.weight",
                                    "lora_magnitude_vector.my-cat", "dora_scale"])  # fmt: skip
@pytest.mark.parametrize("owner", OWNERS[1:])
def test_magnitudes_come_back_as_they_were_under_each_of_their_names(tmp_path, ending, owner):
    found = written(tmp_path / "a.safetensors", {f"{owner}.{ending}": VALUES})
    assert torch.equal(found[f"{owner}.{ending}"].float(), VALUES)


@pytest.mark.parametrize("spelled", [to_peft, to_diffusers])
def test_renamed_file_holds_the_magnitudes_of_kohyas_and_bf16_for_the_rest(tmp_path, spelled):
    file = {f"{KOHYA}.{part}": tensor for part, tensor in (DORA | {"dora_scale": VALUES.view(4, 1)}).items()}
    kohya = written(tmp_path / "a.safetensors", file)
    renamed = written(tmp_path / "b.safetensors", spelled(file).tensors)
    assert {key: tensor.dtype for key, tensor in renamed.items()} == {
        key: torch.float16 if "magnitude" in key else torch.bfloat16 for key in renamed
    }
    assert torch.equal(to_kohya(renamed)[f"{KOHYA}.dora_scale"], kohya[f"{KOHYA}.dora_scale"])


@pytest.mark.parametrize("ending", ["dora_scale", "lora_magnitude_vector", "lora_magnitude_vector.weight"])
def test_rounded_magnitudes_of_other_programs_are_told_under_each_name(tmp_path, ending):
    tensors = {f"unet.{PATH}.lora_A.weight": torch.ones(2, 4), f"unet.{PATH}.lora_B.weight": torch.ones(4, 2)}
    path = write_file(tmp_path / "a.safetensors", tensors | {f"unet.{PATH}.{ending}": VALUES.bfloat16()})
    assert any("magnitudes of DoRA are bf16" in note for note in read_otherwise(path))
