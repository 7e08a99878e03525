import json

import pytest

from lib_train.errors import ModelFileError
from lib_train.models.description import NOTHING_DECLARED, Description, description_beside


def beside(folder, text):
    (folder / "a.yaml").write_text(text)
    return description_beside(folder / "a.safetensors")


def test_nothing_is_said_without_a_yaml(tmp_path):
    assert description_beside(tmp_path / "a.safetensors") == NOTHING_DECLARED


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


LAUGHS = "a: &a [x, x]\n" + "".join(
    f"{chr(98 + i)}: &{chr(98 + i)} [{', '.join(['*' + chr(97 + i)] * 9)}]\n" for i in range(20)
)
MERGES = "a: &a {x: 1}\n" + "".join(
    f"{chr(98 + i)}: &{chr(98 + i)} {{<<: [{', '.join(['*' + chr(97 + i)] * 9)}]}}\n" for i in range(20)
)


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("", "it has no section model"),
        ("- a\n- b", "it has no section model"),
        ("just words", "it has no section model"),
        ("a: [", "it cannot be read as YAML, line 1"),
        ("\x00\x01", "it cannot be read as YAML"),
        ("[" * 1000, "it cannot be read as YAML"),
        (MERGES, "it cannot be read as YAML"),
        ("model: !!python/object/apply:os.system [ls]", "it cannot be read as YAML"),
        ("model: {}", "it has no section params"),
        ("model: {params: 3}", "it has no section params"),
        ("model: {params: {unet_config: 3}}", "it has no section unet_config"),
        ("model: {params: {unet_config: {params: [1]}}}", "it has no section params"),
        ("model: {params: {scale_factor: no}}", "its scale_factor is 'False', which cannot be"),
        ("model: {params: {scale_factor: much}}", "its scale_factor is 'much', which cannot be"),
        ("model: {params: {scale_factor: 0}}", "its scale_factor is '0', which cannot be"),
        ("model: {params: {scale_factor: .nan}}", "its scale_factor is 'nan', which cannot be"),
        ("model: {params: {scale_factor: .inf}}", "its scale_factor is 'inf', which cannot be"),
        ("model: {params: {scale_factor: 0x" + "f" * 9999 + "}}", "its scale_factor cannot be"),
        ("model: {params: {unet_config: {params: {num_heads: 2.5}}}}", "its num_heads is '2.5', which cannot be"),
        ("model: {params: {unet_config: {params: {num_heads: [2]}}}}", "its num_heads cannot be"),
        ("# " + "x" * 2**20, "bytes are too many for one"),
    ],
)
def test_what_is_no_description_is_named_with_the_reason(tmp_path, text, told):
    with pytest.raises(ModelFileError) as caught:
        beside(tmp_path, text)
    message = str(caught.value)
    assert message.startswith(f"{tmp_path / 'a.yaml'}: is no model description (")
    assert told in message
    assert message.endswith("mend it or move it away")


def test_repeated_parts_are_read_and_never_unfolded(tmp_path):
    scaling = "{denoiser_config: {params: {scaling_config: *u}}}"
    assert beside(tmp_path, f"{LAUGHS}model: {{params: {scaling}}}").prediction_type == "epsilon"


@pytest.mark.parametrize("version", ["3", "[a, b]", "{a: 1}", "x" * 5000, '"\\0"'])
def test_text_encoders_that_are_no_folder_say_nothing(tmp_path, version):
    assert (
        beside(tmp_path, f"model: {{params: {{cond_stage_config: {{params: {{version: {version}}}}}}}}}").text_heads
        is None
    )


@pytest.mark.parametrize("content", ["[1]", "{", "[" * 9999, '{"num_attention_heads": "many"}'])
def test_odd_settings_of_a_text_encoder_are_named(tmp_path, content):
    (tmp_path / "clip").mkdir()
    (tmp_path / "clip" / "config.json").write_text(content)
    with pytest.raises(ModelFileError, match=r"a\.yaml: is no model description \(.*\)"):
        beside(tmp_path, "model: {params: {cond_stage_config: {params: {version: clip}}}}")
