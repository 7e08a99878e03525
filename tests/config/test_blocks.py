import math

import pytest

from lib_train.config.blocks import block_args, factors, number_of, numbers_of, problems_on_blocks
from lib_train.config.fields import options_of
from lib_train.config.network import NetworkConfig
from lib_train.config.training import TrainingConfig
from lib_train.errors import ConfigError
from lib_train.vocabulary import BLOCKS


def problems_of(kind, **settings):
    with pytest.raises(ConfigError) as caught:
        kind(**settings)
    return {problem.setting: problem.remedy for problem in caught.value.problems}


def test_a_list_counts_as_sd_scripts_does():
    assert {family: len(names) for family, names in BLOCKS.items()} == {"sd1": 25, "sd2": 25, "sdxl": 23}
    for count, wanted in ((25, {"IN00": 0, "IN11": 11, "M00": 12, "OUT00": 13, "OUT11": 24}),
                          (23, {"IN00": 1, "IN08": 9, "M00": 10, "M02": 12, "OUT00": 13, "OUT08": 21})):  # fmt: skip
        assert {block: number_of(range(count), block) for block in wanted} == wanted
    assert number_of(range(25), "M02") is number_of(range(23), "BASE") is number_of((), "IN00") is None


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        ("sine", [0, math.sin(math.pi / 8), math.sin(math.pi / 4), math.sin(3 * math.pi / 8), 1]),
        ("cosine", [1, math.sin(3 * math.pi / 8), math.sin(math.pi / 4), math.sin(math.pi / 8), 0]),
        ("linear+0.25", [0.25, 0.5, 0.75, 1, 1.25]),
        ("reverse_linear + 1", [2, 1.75, 1.5, 1.25, 1]),
        ("zeros", [0] * 5),
        ("1,0,.5", [1, 0, 0.5]),
        ("1,,2", [1, 0, 2]),
    ],
)
def test_a_text_is_a_curve_over_the_blocks_of_one_side_or_their_numbers(text, wanted):
    assert numbers_of(text, 5) == pytest.approx(wanted, abs=1e-12)


@pytest.mark.parametrize("text", ["sinus", "1;2", "-1,1", "sine+x", "nan", "zeros+-1", "inf"])
def test_other_texts_are_refused(text):
    assert set(problems_of(TrainingConfig, up_lr_weight=text)) == {"up_lr_weight"}


def test_blocks_that_no_text_names_keep_the_rate_and_those_at_the_threshold_are_left_alone():
    training = TrainingConfig(down_lr_weight="linear", mid_lr_weight=".3", block_lr_zero_threshold=0.3)
    found = factors(training, "sd2")
    assert [found[f"IN{n:02}"] for n in range(12)] == [0 if n / 11 <= 0.3 else n / 11 for n in range(12)]
    assert found["M00"] == 0
    assert {found[f"OUT{n:02}"] for n in range(12)} == {1.0}
    assert factors(TrainingConfig(mid_lr_weight="0,.5,1"), "sdxl") | {"EMB": 1, "OUT": 1} == {
        **dict.fromkeys(BLOCKS["sdxl"], 1), "M00": 0, "M01": 0.5
    }  # fmt: skip


def test_a_length_that_is_no_familys_names_those_of_both():
    remedy = "24 numbers: give 25 for SD1 and SD2, or 23 for SDXL"
    assert problems_of(NetworkConfig, block_dims=[4] * 24) == {"block_dims": remedy}
    assert problems_of(TrainingConfig, up_lr_weight="1,1") == {
        "up_lr_weight": "2 numbers: give 12 for SD1 and SD2, or 9 for SDXL"
    }
    assert problems_of(NetworkConfig, block_dims=[-1] * 25) == {"block_dims": "must be at least 0"}


def test_lists_of_another_familys_length_are_problems_that_name_the_length():
    network = NetworkConfig(block_dims=(4,) * 25, block_alphas=(1,) * 25)
    training = TrainingConfig(down_lr_weight="1,1,1,1,1,1,1,1,1", up_lr_weight="sine", mid_lr_weight="1,1,1")
    assert [problem.setting for problem in problems_on_blocks(network, training, "sd1")] == [
        "down_lr_weight", "mid_lr_weight"
    ]  # fmt: skip
    found = {one.setting: one.remedy for one in problems_on_blocks(network, training, "sdxl")}
    assert set(found) == {"block_dims", "block_alphas"}
    assert found["block_dims"] == "25 numbers: SDXL has 23 such blocks, give a number for each"


def test_arguments_for_the_files_metadata_are_texts_as_sd_scripts_takes_them():
    assert block_args(NetworkConfig(block_dims=(4,) * 24 + (0,))) == {"block_dims": "4," * 24 + "0"}
    assert block_args(TrainingConfig(up_lr_weight="sine+.1", block_lr_zero_threshold=0.2)) == {
        "up_lr_weight": "sine+.1", "block_lr_zero_threshold": "0.2"
    }  # fmt: skip
    assert block_args(NetworkConfig()) == block_args(TrainingConfig()) == {}


ROWS = {one.name: one.blocks for kind in (NetworkConfig, TrainingConfig) for one in options_of(kind) if one.blocks}


def test_rows_of_sliders_name_the_blocks_of_each_family_and_their_presets_are_numbers_for_each():
    assert [name or "-" for name in ROWS["block_dims"].names["sdxl"]][::11] == ["-", "M01", "-"]
    assert ROWS["up_lr_weight"].names["sdxl"] == [f"OUT{n:02}" for n in range(9)]
    assert len(ROWS) == 7
    for row in ROWS.values():
        for family, names in row.names.items():
            assert all(len(numbers) == len(names) for numbers in row.presets[family].values())
        assert row.base in ("", *(one.name for one in options_of(NetworkConfig)))


def test_presets_of_rates_are_the_curves_that_may_be_written():
    for name in ("down_lr_weight", "up_lr_weight"):
        for curve, numbers in ROWS[name].presets["sd1"].items():
            assert curve == "ones" or list(numbers_of(curve, 12)) == pytest.approx(numbers, abs=1e-4)
