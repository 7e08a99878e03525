import json
from collections import Counter
from pathlib import Path

import pytest

from lib_train.errors import ConfigError, FileError
from lib_train.lora_tools.block_lists import (
    PRESETS,
    block_of_layer,
    block_weights,
    for_prompts,
    presets_of,
    read_presets,
)

GOLDEN = Path(__file__).parents[1] / "golden"
MIDDLE = "lora_unet_middle_block_1_proj_in"


def layers_of(model):
    return json.loads((GOLDEN / f"golden_keys_{model}.json").read_text())


def test_layers_of_sd1_are_in_the_blocks_that_block_weights_count():
    counts = Counter(block_of_layer(name, "sd1") for name, one in layers_of("sd15").items() if not one["conv_dim_only"])
    attended = ["IN01", "IN02", "IN04", "IN05", "IN07", "IN08", "M00", *(f"OUT{n:02}" for n in range(3, 12))]
    assert counts == {"BASE": 72, **dict.fromkeys(attended, 12)}


def test_layers_of_sdxl_are_in_the_blocks_that_block_weights_count():
    counts = Counter(
        block_of_layer(name, "sdxl") for name, one in layers_of("sdxl").items() if not one["conv_dim_only"]
    )
    many, few = ["IN07", "IN08", "M00", "OUT00", "OUT01", "OUT02"], ["IN04", "IN05", "OUT03", "OUT04", "OUT05"]
    assert counts == {"BASE": 264, **dict.fromkeys(many, 102), **dict.fromkeys(few, 22)}


@pytest.mark.parametrize(
    ("name", "block"),
    [
        ("lora_unet_down_blocks_0_downsamplers_0_conv", "IN03"), ("lora_unet_up_blocks_2_upsamplers_0_conv", "OUT08"),
        ("lora_unet_mid_block_resnets_1_conv1", "M00"), ("lora_unet_conv_in", "IN00"), ("lora_unet_conv_out", None),
        ("lora_unet_time_embedding_linear_1", None), ("lora_unet_out_2", None),
    ],
)  # fmt: skip
def test_convolutions_are_in_their_blocks_and_what_is_in_none_is_in_none(name, block):
    assert block_of_layer(name, "sd1") == block


def numbers(count):
    return ",".join(str(n) for n in range(count))


@pytest.mark.parametrize(
    ("count", "family", "name", "wanted"),
    [
        (17, "sd1", "lora_te_text_model_encoder_layers_0_mlp_fc1", 0),
        (17, "sd2", "lora_unet_down_blocks_1_attentions_0_proj_in", 3),
        (17, "sd1", "lora_unet_mid_block_attentions_0_proj_in", 7),
        (17, "sd1", "lora_unet_up_blocks_3_attentions_2_proj_in", 16),
        (17, "sd1", "lora_unet_down_blocks_0_downsamplers_0_conv", 0),  # IN03: the list has it not
        (26, "sd1", "lora_unet_down_blocks_0_downsamplers_0_conv", 4),
        (26, "sd1", "lora_unet_up_blocks_3_resnets_2_conv1", 25),
        (17, "sd1", "lora_unet_conv_in", 0), (25, "sd1", "lora_unet_conv_in", 0),
        (25, "sd1", "lora_te_text_model_encoder_layers_0_mlp_fc1", 1),
        (25, "sd1", "lora_unet_down_blocks_0_attentions_0_proj_in", 1),
        (25, "sd2", "lora_unet_mid_block_attentions_0_proj_in", 12),
        (25, "sd1", "lora_unet_up_blocks_0_resnets_0_conv1", 13),
        (12, "sdxl", "lora_te2_text_model_encoder_layers_0_mlp_fc1", 0), (12, "sdxl", MIDDLE, 5),
        (12, "sdxl", "lora_unet_input_blocks_3_0_op", 0), (12, "sdxl", "lora_unet_output_blocks_5_1_proj_in", 11),
        (20, "sdxl", "lora_unet_input_blocks_3_0_op", 4), (20, "sdxl", "lora_unet_output_blocks_8_0_in_layers_2", 19),
        (20, "sdxl", "lora_unet_middle_block_0_in_layers_2", 10),
        (26, "sdxl", "lora_unet_output_blocks_8_0_in_layers_2", 22), (26, "sdxl", MIDDLE, 13),
        (23, "sdxl", "lora_te1_text_model_encoder_layers_0_mlp_fc1", 1),
        (23, "sdxl", "lora_unet_input_blocks_4_1_proj_in", 5), (23, "sdxl", MIDDLE, 11),
        (23, "sdxl", "lora_unet_middle_block_2_in_layers_2", 12),
        (23, "sdxl", "lora_unet_output_blocks_0_1_proj_in", 13),
    ],
)  # fmt: skip
def test_each_list_gives_a_layer_the_number_at_its_blocks_place(count, family, name, wanted):
    assert block_weights(numbers(count), family).of(name) == wanted


def test_what_lies_before_the_blocks_is_the_first_one_and_what_lies_behind_them_is_none():
    """As lora-block-weight multiplies them."""
    weights = block_weights(f"5,7{24 * ',3'}", "sd1")
    ends = ("lora_unet_conv_in", "lora_unet_conv_out", "lora_unet_time_embedding_linear_1")
    assert [weights.of(name) for name in ends] == [7, 1, 1]
    assert block_weights(numbers(17), "sd1").says_nothing_of("lora_unet_conv_in")
    assert block_weights(f"5,7{24 * ',3'}", "sdxl").of("lora_unet_input_blocks_0_0") == 7


def test_short_lists_tell_what_they_say_nothing_of():
    down = "lora_unet_down_blocks_0_downsamplers_0_conv"
    assert block_weights(numbers(17), "sd1").says_nothing_of(down)
    assert not block_weights(numbers(26), "sd1").says_nothing_of(down)
    assert not block_weights("0.5", "sd1").says_nothing_of(down)
    assert not block_weights(numbers(25), "sd1").says_nothing_of("lora_te_text_model_encoder_layers_0_mlp_fc1")
    assert not block_weights(numbers(20), "sdxl").says_nothing_of("lora_unet_middle_block_2_in_layers_2")


def test_one_number_is_for_all_layers_alike():
    assert {block_weights("-0.5", "sdxl").of(name) for name in (MIDDLE, "lora_unet_conv_in")} == {-0.5}


@pytest.mark.parametrize("name", PRESETS)
def test_presets_are_lists_of_sd1(name):
    assert block_weights(f" {name} ", "sd1").text == f" {name} "


def test_face_leaves_the_text_encoder_out_and_own_presets_win():
    face = block_weights("FACE", "sd1")
    te, out = "lora_te_text_model_encoder_layers_0_mlp_fc1", "lora_unet_up_blocks_3_attentions_2_proj_in"
    assert (face.of(te), face.of(out), face.of("lora_unet_up_blocks_3_attentions_0_proj_in")) == (0, 1, 0)
    assert block_weights("FACE", "sd1", {"FACE": "2"}).of(te) == 2


@pytest.mark.parametrize(
    ("text", "family", "message"),
    [
        ("1,2,3", "sd1", "has 3 numbers; give a list of 17, 25, 26 for SD1"), ("INS", "sdxl", "list of 12, 20, 23, 26"),
        (numbers(20), "sd2", "for SD2"), ("MINE", "sd1", "'MINE' is no number; write numbers .* or one of NONE, ALL"),
        ("1,nan", "sd1", "'nan' is no number"), ("", "sd1", "'' is no number"), ("1,R", "sd1", "R, U and X are drawn"),
    ],
)  # fmt: skip
def test_text_that_is_no_list_of_the_family_is_refused_with_what_is(text, family, message):
    with pytest.raises(ConfigError, match=message):
        block_weights(text, family)


def test_presets_of_a_host_are_lists_that_are_known_here_and_all_stays_all(tmp_path):
    file = tmp_path / "lbwpresets.txt"
    assert (presets_of(None), presets_of(file), presets_of(tmp_path)) == ({}, {}, {})
    lines = ["MINE:" + numbers(26), "FLUXALL:" + numbers(61), "ALL:" + numbers(17), "INS:" + numbers(17), "NONE:0,0"]
    file.write_text("\n".join(lines))
    assert presets_of(file) == {"MINE": numbers(26), "INS": numbers(17)}
    assert for_prompts("MINE", "sd1", presets_of(file)) == numbers(26)


@pytest.mark.parametrize(
    ("text", "family", "wanted"),
    [
        ("0.5", "sd1", ",".join(["0.5"] * 26)), ("FACE", "sd2", PRESETS["FACE"]),
        ("ALL", "sdxl", ",".join(["1"] * 26)),
        (numbers(17), "sd1", "0,0,1,2,0,3,4,0,5,6,0,0,0,7,0,0,0,8,9,10,11,12,13,14,15,16"),
        (numbers(25), "sd1", "1," + numbers(25)),
        (numbers(12), "sdxl", "0,0,0,0,0,1,2,0,3,4,0,0,0,5,6,7,8,9,10,11,0,0,0,0,0,0"),
        (numbers(23), "sdxl", numbers(23)), (" FACE ", "sd1", PRESETS["FACE"]),
    ],
)  # fmt: skip
def test_weights_are_written_for_prompts_as_lora_block_weight_reads_them(text, family, wanted):
    assert for_prompts(text, family) == wanted


def test_presets_are_read_as_lora_block_weight_keeps_them(tmp_path):
    file = tmp_path / "lbwpresets.txt"
    file.write_text("\ufeffNONE:0,0\nMINE: 1,0.5,\n\n# a line\nno list\n", encoding="utf-8")
    assert read_presets(file) == {"NONE": "0,0", "MINE": "1,0.5,"}
    with pytest.raises(FileError, match="gone.txt: there is no such file"):
        read_presets(tmp_path / "gone.txt")
    with pytest.raises(FileError, match="is a folder"):
        read_presets(tmp_path)
    file.write_bytes(b"\xff\xfe\xff")
    with pytest.raises(FileError, match="lbwpresets.txt: cannot be read"):
        read_presets(file)


@pytest.mark.skipif(not Path("/dev/zero").exists(), reason="this system has no file without an end")
def test_presets_of_a_device_that_never_ends_are_refused():
    with pytest.raises(FileError, match="/dev/zero: there is no such file"):
        read_presets(Path("/dev/zero"))
