import re

import pytest
import torch
from safetensors.torch import load_file, save_file

from lib_train.checkpoints.files import read_metadata
from lib_train.config.tools import ExtractConfig, MergeConfig
from lib_train.errors import ModelFileError
from lib_train.host.standalone.host import StandaloneHost
from lib_train.lora_tools.extract import extract
from lib_train.lora_tools.into import merge_into
from lib_train.networks.targets import targets_of
from tests.lora_tools.networks import dense, dense_in, distance, lora, written

VERSIONS = {"sd1": "sd_v1", "sd2": "sd_v2", "sdxl": "sdxl_base_v1-0"}


def targets(checkpoint, family):
    """Name -> shape, and whether in a resnet, of every layer that kohya's sd-scripts trains."""
    host = StandaloneHost(device="cpu")
    with host.borrow(host.find(str(checkpoint))) as model:
        return {
            one.name: (tuple(one.weight.shape), one.in_resnet)
            for one in targets_of(family, model.unet, model.text_encoders)
            if one.kind != "norm" and not re.search("unet_(conv_in|conv_out|time_embedding)", one.name)
        }


def tuned(tmp_path, checkpoint, family, tensors):
    file = written(tmp_path / "lora.safetensors", tensors, {"ss_base_model_version": VERSIONS[family]})
    to = tmp_path / "tuned.safetensors"
    merge_into([file], checkpoint, to, MergeConfig())
    return to


def extracted(tmp_path, base, other, **settings):
    to = tmp_path / "extracted.safetensors"
    return to, extract(base, other, to, ExtractConfig(save_precision="float", **settings))


@pytest.mark.parametrize("family", ["sd1", "sd2", "sdxl"])
def test_extract_of_a_merge_gives_the_lora_back(checkpoints, tmp_path, family):
    base = checkpoints[family]
    shapes = {name: shape for name, (shape, _) in targets(base, family).items()}
    tensors = lora(3, shapes=shapes)
    other = tuned(tmp_path, base, family, tensors)
    to, outcome = extracted(tmp_path, base, other, rank=3, conv_rank=3)
    assert distance(dense_in(to), dense(tensors)) < 1e-4
    assert outcome.error < 1e-4
    assert outcome.notes == ()
    found = read_metadata(to)
    assert found["ss_base_model_version"] == VERSIONS[family]
    assert found["ss_training_comment"].startswith("extracted by Train Tools: tuned - tiny_")
    assert (found["ss_network_dim"], found["ss_network_alpha"]) == ("3", "3.0")


def test_without_a_rank_for_convolutions_resnets_are_left_out_and_that_is_told(checkpoints, tmp_path):
    base = checkpoints["sd1"]
    layers = targets(base, "sd1")
    other = tuned(tmp_path, base, "sd1", lora(3, shapes={name: shape for name, (shape, _) in layers.items()}))
    to, outcome = extracted(tmp_path, base, other, rank=2)
    resnets = [name for name, (_, in_resnet) in layers.items() if in_resnet]
    assert sorted(dense_in(to)) == sorted(set(layers) - set(resnets))
    assert f"{len(resnets)} tensors that differ too" in outcome.notes[0]
    assert 0.1 < outcome.error < 0.9


def test_layers_that_differ_alone_are_extracted_and_text_encoders_as_a_whole(checkpoints, tmp_path):
    base = checkpoints["sdxl"]
    names = ["lora_unet_middle_block_1_proj_in", "lora_te2_text_model_encoder_layers_0_mlp_fc1"]
    shapes = {name: targets(base, "sdxl")[name][0] for name in names}
    other = tuned(tmp_path, base, "sdxl", lora(2, shapes=shapes))
    to, _ = extracted(tmp_path, base, other, rank=2)
    found = dense_in(to)
    assert [name for name in found if "unet" in name] == names[:1]
    assert {name.split("_")[1] for name in found} == {"unet", "te2"}
    assert {name for name, one in found.items() if one.abs().max() > 1e-6} == set(names)
    assert len(found) == 1 + 2 * 6


def test_rounding_to_a_coarser_type_is_no_difference(checkpoints, tmp_path):
    base, name = checkpoints["sd1"], "lora_unet_mid_block_attentions_0_proj_in"
    tensors = lora(2, shapes={name: (64, 64, 1, 1)})
    other = load_file(tuned(tmp_path, base, "sd1", tensors))
    save_file({key: tensor.half() for key, tensor in other.items()}, tmp_path / "half.safetensors")
    to, outcome = extracted(tmp_path, base, tmp_path / "half.safetensors", rank=2)
    assert list(dense_in(to)) == [name]
    assert distance(dense_in(to), dense(tensors)) < 1e-2
    assert outcome.notes == ()


def test_small_differences_and_none_are_left_out(checkpoints, tmp_path):
    base, name = checkpoints["sd1"], "lora_unet_mid_block_attentions_0_proj_in"
    with pytest.raises(ModelFileError, match="differs from .* in none of these layers"):
        extracted(tmp_path, base, base)
    tensors = lora(1, shapes={name: (64, 64, 1, 1)})
    other = tuned(tmp_path, base, "sd1", tensors)
    least = float(dense(tensors)[name].abs().max())
    with pytest.raises(ModelFileError, match="none of these layers"):
        extracted(tmp_path, base, other, min_diff=least * 1.01)
    assert extracted(tmp_path, base, other, min_diff=least * 0.99)[1].after.layers == 1


def test_checkpoints_that_do_not_fit_together_are_refused(checkpoints, tmp_path):
    with pytest.raises(ModelFileError, match="tiny_sdxl.safetensors: is SDXL, .* SD1; choose two checkpoints"):
        extracted(tmp_path, checkpoints["sd1"], checkpoints["sdxl"])
    tensors = load_file(checkpoints["sd1"])
    tensors["model.diffusion_model.middle_block.1.proj_in.weight"] = torch.ones(64, 72, 1, 1)
    save_file(tensors, tmp_path / "odd.safetensors")
    with pytest.raises(ModelFileError, match=r"has no layer .*mid_block.* of the shape \(64, 64, 1, 1\)"):
        extracted(tmp_path, checkpoints["sd1"], tmp_path / "odd.safetensors")
