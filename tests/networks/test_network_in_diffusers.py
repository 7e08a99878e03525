"""diffusers with peft reads our files, and does with them what we do."""

import importlib.util
from functools import cache

import pytest
import torch
from diffusers import AutoencoderKL, DDIMScheduler, StableDiffusionPipeline, StableDiffusionXLPipeline
from safetensors.torch import save_file

from lib_train.config.network import NetworkConfig
from lib_train.networks.network import Network
from lib_train.networks.targets import targets_of
from lib_train.vocabulary import FAMILIES
from tests.bases import narrow_base, unet_inputs


@pytest.fixture(autouse=True)
def _packages_looked_up_once(monkeypatch):
    """peft asks at every layer whether each of four packages is there: a fifth of its time."""
    monkeypatch.setattr(importlib.util, "find_spec", cache(importlib.util.find_spec))


def pipeline(family, unet, encoders):
    vae = AutoencoderKL(block_out_channels=(32,), norm_num_groups=32)
    scheduler = DDIMScheduler(steps_offset=1, clip_sample=False)
    parts = {"vae": vae, "tokenizer": None, "unet": unet, "text_encoder": encoders[0], "scheduler": scheduler}
    if family == "sdxl":
        return StableDiffusionXLPipeline(**parts, text_encoder_2=encoders[1], tokenizer_2=None, add_watermarker=False)
    return StableDiffusionPipeline(**parts, safety_checker=None, feature_extractor=None)


def answers(family, unet, encoders):
    with torch.no_grad():
        ids = torch.arange(20).view(2, 10)
        hidden = [encoder(ids, output_hidden_states=True).hidden_states[-1] for encoder in encoders]
        inputs = unet_inputs(family) | {"encoder_hidden_states": torch.cat(hidden, dim=-1)}
        return [*hidden, unet(**inputs).sample]


def readable(network):
    """The file's tensors. diffusers 0.31 cannot read the 4-D proj_in and proj_out of an SD2 file, kohya's own included:
    they are flattened for it, all else stays."""
    flat = {layer.target.name for layer in network.layers.values() if layer.target.stored_as_conv}
    tensors = network.tensors().items()
    return {
        key: tensor.flatten(1) if tensor.dim() and key.partition(".")[0] in flat else tensor for key, tensor in tensors
    }


@pytest.mark.filterwarnings("ignore::FutureWarning", "ignore::UserWarning", "ignore::DeprecationWarning")
@pytest.mark.parametrize("conv_dim", [None, 3])
@pytest.mark.parametrize("family", FAMILIES)
def test_diffusers_loads_our_file_and_gives_the_same_answers(family, conv_dim, tmp_path):
    unet, encoders = narrow_base(family)
    targets = targets_of(family, unet, encoders, parts=("unet", "text_encoder"))
    network = Network(targets, NetworkConfig(network_dim=4, network_alpha=2.0, conv_dim=conv_dim), seed=0)
    chance = torch.Generator().manual_seed(0)
    for part in ("unet", "text_encoder"):
        for parameter in network.parameters(part):
            parameter.data.normal_(0, 0.1, generator=chance)
    before = answers(family, unet, encoders)
    with network.attached():
        ours = answers(family, unet, encoders)
    save_file(readable(network), tmp_path / "lora.safetensors")

    pipeline(family, unet, encoders).load_lora_weights(tmp_path, weight_name="lora.safetensors")

    for mine, theirs, plain in zip(ours, answers(family, unet, encoders), before, strict=True):
        torch.testing.assert_close(mine, theirs, atol=2e-5, rtol=1e-4)
        assert not torch.allclose(theirs, plain, atol=1e-2)


@pytest.mark.filterwarnings("ignore::FutureWarning", "ignore::UserWarning", "ignore::DeprecationWarning")
def test_diffusers_refuses_sd2s_files_as_kohya_and_we_write_them(tmp_path):
    """README says so: proj_in stands as a 1x1 convolution in the file. When this fails, diffusers has learned it."""
    unet, encoders = narrow_base("sd2")
    targets = targets_of("sd2", unet, encoders, parts=("unet",))
    network = Network(targets, NetworkConfig(network_dim=4), seed=0)
    save_file({key: tensor.contiguous() for key, tensor in network.tensors().items()}, tmp_path / "lora.safetensors")
    with pytest.raises(RuntimeError, match="size mismatch for .*proj_in"):
        pipeline("sd2", unet, encoders).load_lora_weights(tmp_path, weight_name="lora.safetensors")
