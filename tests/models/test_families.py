import pytest
import torch
from diffusers.loaders.single_file_utils import convert_ldm_unet_checkpoint, convert_ldm_vae_checkpoint
from safetensors.torch import load_file

from lib_train.models.families import _unet_settings, anatomy_of
from lib_train.models.single_file import TensorFile, empty_unet
from lib_train.networks.keys import ldm_unet_weight
from tests.bases import unet_of


@pytest.mark.parametrize("family", ["sd1", "sd2", "sdxl"])
def test_diffusers_own_reader_finds_the_same_unet_in_the_file(checkpoints, family):
    """The names that we give the U-Net's tensors are those that diffusers' converter gives them."""
    file = TensorFile(checkpoints[family])
    anatomy = anatomy_of(file.shapes, "x")
    unet = empty_unet(anatomy)
    tensors = load_file(checkpoints[family])
    theirs = convert_ldm_unet_checkpoint(dict(tensors), dict(unet.config) | {"class_embed_type": None})
    assert theirs.keys() == unet.state_dict().keys()
    assert all(theirs[name].shape == tensor.shape for name, tensor in unet.state_dict().items())


def test_diffusers_own_reader_finds_the_same_vae_in_the_file(checkpoints):
    from diffusers import AutoencoderKL

    file = TensorFile(checkpoints["sd1"])
    vae = AutoencoderKL(**anatomy_of(file.shapes, "x").vae)
    theirs = convert_ldm_vae_checkpoint(load_file(checkpoints["sd1"]), dict(vae.config))
    assert theirs.keys() == vae.state_dict().keys()


def test_full_size_shapes_give_the_known_settings():
    """Widths, heads and depths of the published models, from the shapes that they have."""
    four = (320, 640, 1280, 1280)
    wanted = {
        "sd1": (four, (8, 8, 8, 8), 768),
        "sd2": (four, (5, 10, 20, 20), 1024),
        "sdxl": ((320, 640, 1280), (5, 10, 20), 2048),
    }
    for family, (widths, heads, context) in wanted.items():
        with torch.device("meta"):
            unet = unet_of(family)
        shapes = {ldm_unet_weight(n, t, family)[0]: tuple(t.shape) for n, t in unet.state_dict().items()}
        found = _unet_settings(shapes, family)
        assert found["block_out_channels"] == widths
        assert found["attention_head_dim"] == heads
        assert found["cross_attention_dim"] == context
    assert found["transformer_layers_per_block"] == (1, 2, 10)
