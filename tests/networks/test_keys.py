import pytest
import torch
from diffusers import AutoencoderKL
from diffusers.loaders.single_file_utils import convert_ldm_unet_checkpoint, convert_ldm_vae_checkpoint

from lib_train.networks.keys import (
    diffusers_unet_name,
    kohya_text_name,
    kohya_unet_name,
    ldm_unet_name,
    ldm_unet_weight,
    ldm_vae_weight,
)
from lib_train.vocabulary import FAMILIES
from tests.bases import unet_of, without_memory


def weights_of(family, width):
    if width < 320:
        return unet_of(family, width).state_dict()
    with without_memory():
        return unet_of(family, width).state_dict()


@pytest.mark.parametrize("family", FAMILIES)
@pytest.mark.parametrize("width", [32, 320])
def test_diffusers_own_converter_gives_back_the_names_of_a_unet(family, width):
    ours = weights_of(family, width)
    checkpoint = dict(ldm_unet_weight(name, tensor, family) for name, tensor in ours.items())
    assert len(checkpoint) == len(ours)
    config = {"layers_per_block": 2} | ({"addition_embed_type": "text_time"} if family == "sdxl" else {})
    theirs = convert_ldm_unet_checkpoint(checkpoint, config)
    assert theirs.keys() == ours.keys()
    assert all(theirs[name] is ours[name] for name in ours)


@pytest.mark.parametrize("family", FAMILIES)
def test_every_weight_of_a_unet_has_one_name_in_ldm_and_a_way_back(family):
    names = list(weights_of(family, 320))
    ldm = [ldm_unet_name(name, family) for name in names]
    assert len(set(ldm)) == len(names)
    assert [diffusers_unet_name(name, family) for name in ldm] == names


@pytest.mark.parametrize("channels", [(64, 64, 64, 64), (32, 64, 128, 128)])
def test_diffusers_own_converter_gives_back_the_weights_of_a_vae(channels):
    vae = AutoencoderKL(
        block_out_channels=channels,
        down_block_types=("DownEncoderBlock2D",) * 4,
        up_block_types=("UpDecoderBlock2D",) * 4,
        layers_per_block=2,
    )
    ours = vae.state_dict()
    checkpoint = dict(ldm_vae_weight(name, tensor) for name, tensor in ours.items())
    assert checkpoint["first_stage_model.encoder.mid.attn_1.q.weight"].shape == (channels[-1], channels[-1], 1, 1)
    theirs = convert_ldm_vae_checkpoint(checkpoint, vae.config)
    assert theirs.keys() == ours.keys()
    assert all(torch.equal(theirs[name], ours[name]) for name in ours)


@pytest.mark.parametrize("name", ["down_blocks.4.resnets.0.conv1", "encoder_hid_proj", "lora"])
def test_a_layer_that_no_unet_has_is_rejected(name):
    with pytest.raises(KeyError, match=name):
        ldm_unet_name(name)
    assert diffusers_unet_name(name) is None


@pytest.mark.parametrize(
    ("family", "name", "key"),
    [
        ("sd1", "mid_block.attentions.0.proj_in", "lora_unet_mid_block_attentions_0_proj_in"),
        ("sd2", "up_blocks.0.upsamplers.0.conv", "lora_unet_up_blocks_0_upsamplers_0_conv"),
        ("sdxl", "up_blocks.0.upsamplers.0.conv", "lora_unet_output_blocks_2_2_conv"),
        ("sdxl", "down_blocks.1.resnets.0.conv_shortcut", "lora_unet_input_blocks_4_0_skip_connection"),
    ],
)
def test_a_file_names_unet_layers_as_sd_scripts_does(family, name, key):
    assert kohya_unet_name(name, family) == key


@pytest.mark.parametrize(
    ("family", "index", "prefix"),
    [("sd1", 0, "lora_te_"), ("sd2", 0, "lora_te_"), ("sdxl", 0, "lora_te1_"), ("sdxl", 1, "lora_te2_")],
)
@pytest.mark.parametrize("root", ["text_model.", ""])
def test_a_file_names_text_layers_alike_in_all_versions_of_transformers(family, index, prefix, root):
    key = kohya_text_name(f"{root}encoder.layers.3.mlp.fc1", family, index)
    assert key == f"{prefix}text_model_encoder_layers_3_mlp_fc1"
