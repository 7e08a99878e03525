import pytest
import torch
from safetensors.torch import load_file

from lib_train.errors import ModelFileError
from lib_train.host.standalone.host import StandaloneHost
from lib_train.lora_tools.base_file import base_weights, opened_base
from lib_train.networks.targets import targets_of
from tests.lora_tools.networks import little_checkpoint, lora, written


@pytest.mark.parametrize("family", ["sd1", "sd2", "sdxl"])
def test_every_layer_that_is_trained_has_its_weight_and_bias_under_its_name(checkpoints, family):
    host, path = StandaloneHost(device="cpu", dtype=torch.float32), checkpoints[family]
    tensors = load_file(path)
    with host.borrow(host.find(str(path))) as model, opened_base(path) as base:
        targets = targets_of(family, model.unet, model.text_encoders)
        assert base.family == family
        assert len(targets) > 100
        for target in targets:
            place = base.places[target.name]
            assert torch.equal(base.weight(target.name), target.weight)
            assert base.shape(target.name) == target.weight.shape
            rows = place.rows or slice(None)
            assert (target.bias is None) == (not place.bias)
            assert target.bias is None or torch.equal(tensors[place.bias][rows], target.bias)


def test_layers_beside_the_trained_ones_are_there_too(checkpoints):
    with opened_base(checkpoints["sd1"]) as base:
        wanted = {"lora_unet_conv_in", "lora_unet_time_embedding_linear_1", "lora_unet_mid_block_resnets_0_norm1"}
        assert wanted <= base.places.keys()
        assert "lora_te_text_model_encoder_layers_0_layer_norm1" in base.places


def test_layer_that_the_model_has_not_is_named(checkpoints):
    with base_weights(checkpoints["sd1"]) as weights:
        assert weights is not None
        with pytest.raises(ModelFileError, match="has no layer lora_unet_x"):
            weights("lora_unet_x")
    with base_weights(None) as weights:
        assert weights is None


def test_file_that_is_no_checkpoint_is_refused(tmp_path):
    with (
        pytest.raises(ModelFileError, match="a.safetensors: is no whole checkpoint"),
        opened_base(written(tmp_path / "a.safetensors", lora())),
    ):
        pass


@pytest.mark.parametrize("key", ["scaled_fp8", "model.diffusion_model.input_blocks.1.1.proj_in.scale_weight",
                                 "model.diffusion_model.input_blocks.1.1.proj_in.weight_scale"])  # fmt: skip
def test_weights_in_fp8_with_factors_beside_them_are_refused(tmp_path, key):
    path = little_checkpoint(tmp_path / "a.safetensors", kind=torch.float8_e4m3fn, **{key: torch.ones(1)})
    with pytest.raises(ModelFileError, match=f"factors beside them .*{key}.*choose one in fp16, bf16 or fp32"):
        with opened_base(path):
            pass
    with opened_base(little_checkpoint(tmp_path / "b.safetensors", kind=torch.float8_e4m3fn)) as base:
        assert base.weight(next(iter(base.places))).dtype == torch.float32
