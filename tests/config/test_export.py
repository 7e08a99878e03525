"""Files for sd-scripts: its own parser knows each key, and importing gives the settings back."""

import json
import random
import sys
from pathlib import Path
from typing import Any

import pytest

from lib_train.config.codec import from_json, section_of
from lib_train.config.drafts import merged
from lib_train.config.export import to_sd_scripts
from lib_train.config.fields import options_of
from lib_train.config.kohya_keys import OURS
from lib_train.config.network import NETWORK_TYPES
from lib_train.config.presets import PRESETS
from lib_train.config.reading import object_in
from lib_train.config.run import SECTIONS, RunConfig
from lib_train.vocabulary import SCHEMA

ARGUMENTS = json.loads((Path(__file__).parents[1] / "golden" / "sd_scripts_arguments.json").read_text(encoding="utf-8"))
"""Of train_network.py and sdxl_train_network.py, as their parsers tell them (commit 48d368fa)."""
TEXTS = ('a "b" \\ c', "日本語, x", "|||", "\x7f\t", "")
TYPES: dict[str | None, Any] = {"str": str, "int": int, "float": (int, float), "int_or_float": (int, float), None: str}


def read(text):
    pytest.importorskip("tomllib" if sys.version_info >= (3, 11) else "tomli")
    return object_in(Path("a.toml"), text.encode())


def config_of(**given):
    return merged({"schema": SCHEMA}, given).config


def some_value(chance, option):
    """A value that the setting may have, or one near it."""
    if option.choices:
        return chance.choice(option.choices)
    if option.kind is bool:
        return chance.random() < 0.5
    if option.kind is str:
        return chance.choice(TEXTS)
    if option.kind is dict:
        return chance.choice([{}, {"weight_decay": 0.1}, {"betas": [0.9, 1], "x": "y", "z": True}])
    if option.kind is tuple:
        item = option.item or str
        return [
            chance.choice(TEXTS[:3]) if item is str else number(chance, option, item)
            for _ in range(chance.randint(0, 3))
        ]
    return None if option.optional and chance.random() < 0.2 else number(chance, option, option.kind)


def number(chance, option, kind):
    low, high = option.low or 0, min(option.high if option.high is not None else 5000, 5000)
    found = chance.choice([low, high, chance.uniform(low, high), chance.uniform(low, min(high, low + 2))])
    return round(found) if kind is int else found


OPTIONS = [option for kind in SECTIONS.values() for option in options_of(kind)]


def some_config(seed):
    chance = random.Random(seed)
    given = {
        option.name: some_value(chance, option) for option in OPTIONS if chance.random() < chance.choice([0.1, 0.5])
    }
    more = {"resolution": chance.choice([(), (512,), (512, 768)]), "bucket_reso_steps": chance.choice([64, 32]),
            "max_token_length": chance.choice([75, 150, 225, 300]), "base_model": chance.choice(["", "/m/a b.ckpt"]),
            "block_dims": chance.choice([(), [4] * 25]), "block_alphas": chance.choice([(), [2.5] * 25]),
            "conv_block_dims": chance.choice([(), [1] * 25]), "conv_block_alphas": chance.choice([(), [1] * 25]),
            "down_lr_weight": chance.choice(["", "sine+.25", "1, " * 11 + "0"]), "alpha_color": "#00ff00",
            "up_lr_weight": chance.choice(["", "zeros"]), "mid_lr_weight": chance.choice(["", "0.5"]),
            "preview_block_weights": chance.choice([(), ["FACE", "1"]]),
            "preview_sheets": chance.choice([(), ["checkpoint | seed:1,2", "| weight:1 |"]]),
            "prediction_type": chance.choice(["", "v", "epsilon"]), "caption_extension": [".txt"],
            "preset": chance.choice(["", "course"])}  # fmt: skip
    return config_of(**{**given, **more})


@pytest.mark.parametrize("seed", range(200))
def test_importing_an_export_gives_the_same_settings(seed):
    config = some_config(seed)
    text, _ = to_sd_scripts(config, side=1024 if seed % 2 else None)
    assert from_json(read(text))[0] == config


def test_configs_of_that_test_are_not_all_the_default():
    found = [some_config(seed) for seed in range(200)]
    values = {
        name: {repr(getattr(getattr(one, section), name)) for one in found} for name, section in section_of().items()
    }
    assert [name for name, seen in values.items() if len(seen) < 2] == ["alpha_color", "caption_extension"]


def lines_for_sd_scripts(config):
    return {name: value for section, table in read(to_sd_scripts(config)[0]).items() if section != OURS
            for name, value in table.items()}  # fmt: skip


@pytest.mark.parametrize("seed", range(60))
def test_every_key_and_value_is_one_that_the_parser_of_sd_scripts_takes(seed):
    for name, value in lines_for_sd_scripts(some_config(seed)).items():
        argument = ARGUMENTS[name]
        if argument.get("flag"):
            assert isinstance(value, bool), name
            continue
        for one in value if argument.get("nargs") else [value]:
            assert isinstance(one, TYPES[argument.get("type")]), name
            assert one in argument.get("choices", [one]), name


def test_readers_of_toml_that_sd_scripts_uses_take_the_file():
    toml = pytest.importorskip("toml")
    for seed in range(60):
        text = to_sd_scripts(some_config(seed))[0]
        assert toml.loads(text) == read(text)


def test_plain_lora_is_written_as_sd_scripts_calls_it():
    config = config_of(
        base_model="/m/a.safetensors", train_data_dir=["/p"], network_dim=8, network_alpha=4, conv_dim=4, conv_alpha=1,
        resolution=[512, 768], text_encoder_lr=0, unet_lr=1e-4, max_train_epochs=4, mixed_precision="bf16",
        optimizer_args={"weight_decay": 0.1, "betas": [0.9, 0.99]}, lr_warmup_steps=100, clip_skip=2,
    )  # fmt: skip
    found = lines_for_sd_scripts(config)
    assert found.items() >= {
        "pretrained_model_name_or_path": "/m/a.safetensors", "train_data_dir": "/p", "network_module": "networks.lora",
        "network_dim": 8, "network_alpha": 4.0, "resolution": "512,768", "network_train_unet_only": True,
        "unet_lr": 1e-4, "max_train_epochs": 4, "lr_warmup_steps": 100, "min_bucket_reso": 256,
        "max_bucket_reso": 1536, "mixed_precision": "bf16", "clip_skip": 2, "max_token_length": 225,
    }.items()  # fmt: skip
    assert isinstance(found["lr_warmup_steps"], int)  # with a point it is a share there
    assert found["network_args"] == ["conv_dim=4", "conv_alpha=1.0"]
    assert found["optimizer_args"] == ["weight_decay=0.1", "betas=0.9,0.99"]
    assert "text_encoder_lr" not in found


@pytest.mark.parametrize("kind", NETWORK_TYPES)
def test_each_kind_of_network_is_named_by_module_and_arguments(kind):
    found = lines_for_sd_scripts(config_of(network_type=kind))
    plain = kind in ("lora", "locon")
    assert found["network_module"] == ("networks.lora" if plain else "lycoris.kohya")
    algo = {"dora": "lora"}.get(kind, kind)
    assert plain or f"algo={algo}" in found["network_args"]
    assert ("dora_wd=True" in found["network_args"]) == (kind == "dora")


def test_latents_are_not_cached_where_pictures_vary():
    found = lines_for_sd_scripts(config_of(color_aug=True))
    assert (found["cache_latents"], found["cache_latents_to_disk"]) == (False, False)


def test_adafactor_that_finds_its_rate_is_written_as_sd_scripts_takes_it():
    found = lines_for_sd_scripts(config_of(optimizer_type="Adafactor", lr_scheduler="adafactor"))
    assert found["lr_scheduler"] == "adafactor"
    assert found["optimizer_args"] == ["scale_parameter=True", "relative_step=True", "warmup_init=False"]


def test_came_is_named_with_its_package_and_comes_back():
    config = config_of(optimizer_type="CAME")
    assert lines_for_sd_scripts(config)["optimizer_type"] == "came_pytorch.CAME"
    assert read(to_sd_scripts(config).text)["train_tools"]["settings"].get("optimizer_type") is None


def test_adafactor_keeps_the_rates():
    assert "relative_step=False" in lines_for_sd_scripts(config_of(optimizer_type="Adafactor"))["optimizer_args"]


@pytest.mark.parametrize("name", PRESETS)
def test_presets_can_be_exported(name):
    config = config_of(**PRESETS[name].settings)
    assert from_json(read(to_sd_scripts(config)[0]))[0] == config


@pytest.mark.parametrize(
    ("given", "told"),
    [
        ({"train_data_dir": ["/a", "/b"]}, "train_data_dir: sd-scripts takes one folder, /a"),
        ({}, "train_data_dir: is empty"), ({}, "resolution: the base model's own here"),
        ({"bucket_reso_steps": 8}, "bucket_reso_steps: sd-scripts wants a multiple of 64"),
        ({"tlora": True, "keep_tags": ["a"]}, "without effect in sd-scripts: tlora, keep_tags"),
    ],
)  # fmt: skip
def test_what_sd_scripts_does_otherwise_is_told(given, told):
    assert any(note.startswith(told) for note in to_sd_scripts(config_of(**given))[1])


def test_notes_tell_nothing_of_what_stands_in_the_file_in_another_form():
    notes = to_sd_scripts(RunConfig())[1]
    assert not [note for note in notes if note.startswith("without effect")]
