from itertools import product

import pytest

from lib_train.config.codec import names
from lib_train.config.sweep import axes_in, combinations, difference, is_swept, not_swept, short_difference
from lib_train.errors import ConfigError


def test_every_combination_comes_once_in_the_order_given():
    axes = axes_in({"optimizer_type": "AdamW, Lion", "unet_lr": "1e-4, 1e-3", "seed": "1-3"})
    found = combinations(axes)
    assert [tuple(one.values()) for one in found] == [*product(["AdamW", "Lion"], [1e-4, 1e-3], [1, 2, 3])]
    assert {tuple(one) for one in found} == {("optimizer_type", "unet_lr", "seed")}


def test_each_setting_that_cannot_be_read_is_named_with_its_text():
    with pytest.raises(ConfigError) as caught:
        axes_in({"network_dim": "4,", "unet_lr": "1e-4, 1e-3", "rank": "1, 2", "optimizer_type": "Sheep, Lion"})
    assert [(one.setting, one.value) for one in caught.value.problems] == [
        ("network_dim", "4,"), ("rank", "1, 2"), ("optimizer_type", "Sheep, Lion")]  # fmt: skip


def test_more_runs_than_a_sweep_may_have_are_refused_at_the_setting_with_most_values():
    assert len(combinations(axes_in({"seed": "1-100", "flip_aug": "true, false"}))) == 200
    with pytest.raises(ConfigError, match="sweep of 201 runs") as caught:
        axes_in({"seed": "1-67", "network_dim": "4, 8, 16"})
    assert caught.value.problems[0].setting == "seed"


@pytest.mark.parametrize(
    ("name", "why"),
    [
        ("preview_prompts", "the same pictures"), ("preview_seeds", "the same pictures"),
        ("validation_split", "the same held-out pictures"), ("validation_data_dir", "the same held-out pictures"),
        ("preset", "nothing that a run learns"), ("training_comment", "nothing that a run learns"),
        ("rank", "no such setting"),
    ],
)  # fmt: skip
def test_what_runs_are_compared_by_has_one_value(name, why):
    assert why in not_swept(name)
    with pytest.raises(ConfigError, match=why):
        axes_in({name: "1 | 2"})


def test_all_that_a_run_learns_from_may_be_swept():
    held = {name for name in names() if not_swept(name)}
    assert {name for name in held if not name.startswith(("preview_", "validat", "max_validation"))} == {
        "preset", "training_comment"}  # fmt: skip
    assert {"seed", "base_model", "vae", "train_data_dir", "network_type"}.isdisjoint(held)


def test_base_models_stand_between_bars():
    (axis,) = axes_in({"base_model": "/a, b.safetensors | /c.safetensors"})
    assert axis.values == ["/a, b.safetensors", "/c.safetensors"]


@pytest.mark.parametrize(
    ("name", "text", "swept"),
    [
        ("unet_lr", "1e-4", False), ("unet_lr", "1e-4, 1e-3", True), ("network_dim", "1-3", True),
        ("network_dim", "4,", True), ("network_dim", "-4", False), ("resolution", "512,768", False),
        ("resolution", "512 | 768", True), ("preview_prompts", "a, b", False), ("network_dim", "four", False),
    ],
)  # fmt: skip
def test_one_value_is_told_from_several(name, text, swept):
    assert is_swept(name, text) == swept


def test_a_run_is_named_by_its_difference_and_long_values_are_cut():
    changes = {"base_model": "/home/me/models/a-rather-long-name-of-a-model.safetensors", "min_snr_gamma": None}
    assert difference(changes) == (
        "base_model=/home/me/models/a-rather-long-name-of-a-model.safetensors, min_snr_gamma=empty"
    )
    assert short_difference(changes) == "base_model=a-rather-long-name-of-a-..., min_snr_gamma=empty"
    assert len(short_difference({f"s{n}": "x" * 30 for n in range(20)})) <= 200
