import pytest
import torch

from lib_train.lora_tools.layers import opened
from lib_train.lora_tools.norms import norms_by_block
from tests.lora_tools.networks import dense, lora, written

IN01, OUT03 = "lora_unet_down_blocks_0_attentions_0_", "lora_unet_up_blocks_1_resnets_0_conv1"


def test_norm_of_each_block_is_that_of_what_its_layers_add(tmp_path):
    tensors = lora()
    norms = {one.block: one for one in norms_by_block(opened(written(tmp_path / "a.safetensors", tensors)))}
    added = dense(tensors)
    for block, start in (("BASE", "lora_te_"), ("IN01", IN01), ("OUT03", OUT03)):
        own = [float(delta.square().sum()) for name, delta in added.items() if name.startswith(start)]
        assert norms[block].layers == len(own)
        assert norms[block].norm == pytest.approx(sum(own) ** 0.5, rel=1e-5)
    assert [one.block for one in norms.values()][:3] == ["BASE", "IN00", "IN01"]
    assert len(norms) == 26
    assert sum(one.layers for one in norms.values()) == len(added)
    assert all(one.norm == 0 for one in norms.values() if not one.layers)


def test_norm_that_depends_on_the_base_model_is_left_out(tmp_path):
    tensors = lora()
    tensors[f"{IN01}proj_in.dora_scale"] = torch.ones(1, 36, 1, 1)
    norms = {one.block: one for one in norms_by_block(opened(written(tmp_path / "a.safetensors", tensors)))}
    assert (norms["IN01"].norm, norms["IN01"].layers) == (None, 2)
    assert (norms["OUT03"].norm or 0) > 0


def test_sdxl_has_nine_blocks_each_way_and_one_middle(tmp_path):
    tensors = lora(
        shapes={
            "lora_unet_middle_block_2_in_layers_2": (8, 8, 3, 3),
            "lora_unet_input_blocks_0_0": (8, 4),
            "lora_unet_out_2": (4, 8),
        }
    )
    path = written(tmp_path / "a.safetensors", tensors, {"ss_base_model_version": "sdxl_base_v1-0"})
    found = norms_by_block(opened(path))
    assert [one.block for one in found if one.layers] == ["IN00", "M00", ""]
    assert len(found) == 1 + 9 + 1 + 9 + 1
