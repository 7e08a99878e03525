import json

import pytest

from lib_train.errors import ModelFileError
from lib_train.models.description import NOTHING_SAID, Description, description_beside


def beside(folder, text):
    (folder / "a.yaml").write_text(text)
    return description_beside(folder / "a.safetensors")


def test_nothing_is_said_without_a_yaml(tmp_path):
    assert description_beside(tmp_path / "a.safetensors") == NOTHING_SAID


def test_sd1s_description_tells_scale_kind_and_heads(tmp_path):
    text = """
model:
  params:
    scale_factor: 0.18215
    unet_config: {params: {num_heads: 2, num_head_channels: -1}}
    cond_stage_config: {params: {version: clip}}
"""
    (tmp_path / "clip").mkdir()
    (tmp_path / "clip" / "config.json").write_text(json.dumps({"num_attention_heads": 3}))
    wanted = Description(scale_factor=0.18215, prediction_type="epsilon", num_heads=2, text_heads=3)
    assert beside(tmp_path, text) == wanted


@pytest.mark.parametrize(
    "params",
    [
        "{parameterization: v}",
        "{denoiser_config: {params: {scaling_config: {target: sgm.modules.denoiser_scaling.VScaling}}}}",
    ],
    ids=["ldm", "sgm"],
)
def test_v_models_are_told_in_both_ways(tmp_path, params):
    assert beside(tmp_path, f"model: {{params: {params}}}").prediction_type == "v"


def test_sdxls_description_tells_channels_of_a_head(tmp_path):
    found = beside(tmp_path, "model: {params: {network_config: {params: {num_head_channels: 64}}}}")
    assert (found.num_heads, found.num_head_channels, found.scale_factor) == (None, 64, None)


@pytest.mark.parametrize(
    "text",
    ["", "a: [", "model: {}", "model: {params: {scale_factor: no}}", "model: {params: {scale_factor: 0}}",
     "model: {params: {unet_config: 3}}", "model: {params: 3}", "\x00"],
)  # fmt: skip
def test_what_is_no_description_is_named(tmp_path, text):
    with pytest.raises(ModelFileError, match=r"a\.yaml: is no model description .*mend it or move it away"):
        beside(tmp_path, text)
