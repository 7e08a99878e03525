import json
from dataclasses import FrozenInstanceError
from pathlib import Path

import pytest

from lib_train.config.codec import from_json, read_config, section_of, to_json
from lib_train.config.dataset import DatasetConfig
from lib_train.config.fields import options_of
from lib_train.config.network import NetworkConfig
from lib_train.config.preview import PreviewConfig
from lib_train.config.run import SECTIONS, RunConfig
from lib_train.config.table import renewed
from lib_train.config.training import TrainingConfig
from lib_train.errors import ConfigError

README = Path(__file__).parents[2] / "README.md"


def problems_of(make):
    with pytest.raises(ConfigError) as caught:
        make()
    return {problem.setting: problem.remedy for problem in caught.value.problems}


def test_all_bad_settings_of_all_sections_are_named_at_once():
    found = problems_of(lambda: from_json({
        "network": {"network_dim": 0, "conv_alpha": 4}, "training": {"optimizer_type": "Adan", "learning_rate": "x"},
        "dataset": {"resolution": 100}, "preview": {"preview_steps": 1.5},
    }))  # fmt: skip
    assert found == {
        "network_dim": "must be at least 1",
        "conv_alpha": "set conv_dim too, or leave it empty",
        "optimizer_type": "choose one of AdamW, AdamW8bit, Lion, Lion8bit, Adafactor, Prodigy, DAdaptAdam, SGD",
        "learning_rate": "must be a number",
        "resolution": "sides must be multiples of 8, best of 64",
        "preview_steps": "must be a whole number",
    }


@pytest.mark.parametrize(
    ("make", "setting"),
    [
        (lambda: TrainingConfig(max_train_epochs=None), "max_train_epochs"),
        (lambda: TrainingConfig(unet_lr=0, text_encoder_lr=0), "learning_rate"),
        (lambda: TrainingConfig(min_timestep=500, max_timestep=400), "min_timestep"),
        (lambda: TrainingConfig(lr_warmup_steps=1.5, lr_scheduler="linear"), "lr_warmup_steps"),
        (lambda: TrainingConfig(lr_warmup_steps=10, lr_scheduler="constant"), "lr_warmup_steps"),
        (lambda: TrainingConfig(max_token_length=100), "max_token_length"),
        (lambda: TrainingConfig(learning_rate=float("nan")), "learning_rate"),
        (lambda: TrainingConfig(seed=True), "seed"),
        (lambda: TrainingConfig(optimizer_args="x"), "optimizer_args"),
        (lambda: DatasetConfig(min_bucket_reso=600), "min_bucket_reso"),
        (lambda: DatasetConfig(max_bucket_reso=256), "max_bucket_reso"),
        (lambda: DatasetConfig(bucket_reso_steps=12), "bucket_reso_steps"),
        (lambda: DatasetConfig(random_crop=True), "random_crop"),
        (lambda: DatasetConfig(alpha_color="white"), "alpha_color"),
        (lambda: DatasetConfig(caption_extension="txt"), "caption_extension"),
        (lambda: DatasetConfig(caption_separator=" "), "caption_separator"),
        (lambda: DatasetConfig(resolution=(64, 64, 64)), "resolution"),
        (lambda: DatasetConfig(flip_aug="maybe"), "flip_aug"),
        (lambda: PreviewConfig(preview_width=100), "preview_width"),
        (lambda: PreviewConfig(preview_seeds=()), "preview_seeds"),
    ],
)
def test_each_check_names_its_setting(make, setting):
    assert set(problems_of(make)) == {setting}


def test_values_may_come_as_text():
    config = DatasetConfig(resolution="512, 768", flip_aug="true", train_data_dir="a,b\nc", keep_tags="x,y")
    assert config.size == (512, 768)
    assert config.flip_aug is True
    assert config.train_data_dir == ("a,b", "c")
    assert config.keep_tags == ("x", "y")
    assert TrainingConfig(train_batch_size="4", learning_rate="1e-3", unet_lr="").train_batch_size == 4


def test_settings_cannot_be_changed_afterwards():
    with pytest.raises(FrozenInstanceError):
        NetworkConfig().network_dim = 3


def test_rates_fall_back_and_zero_freezes():
    assert TrainingConfig(learning_rate=1e-4, text_encoder_lr=5e-5).rates == {"unet": 1e-4, "text_encoder": 5e-5}
    assert TrainingConfig(learning_rate=1e-4, text_encoder_lr=0).rates == {"unet": 1e-4}


def test_every_setting_has_help_and_a_name_of_its_own():
    names = [option.name for kind in SECTIONS.values() for option in options_of(kind)]
    assert len(names) == len(set(names)) == len(section_of())
    assert all(option.help.endswith((".", "off.", "`.")) for kind in SECTIONS.values() for option in options_of(kind))


def test_settings_go_through_json_and_back():
    config = RunConfig(
        base_model="b",
        network=NetworkConfig(conv_dim=4),
        training=TrainingConfig(optimizer_args={"betas": [0.9, 0.99]}),
        preview=PreviewConfig(preview_prompts=("a, b",)),
    )
    again, notes = from_json(json.loads(json.dumps(to_json(config))))
    assert again == config
    assert notes == []


def test_unknown_keys_are_reported_and_written_back():
    value = {"schema": 1, "future": {"a": 1}, "training": {"seed": 7, "magic": [1, 2]}}
    config, notes = from_json(value)
    assert notes == ["future: not known, kept as it is", "training.magic: not known, kept as it is"]
    written = to_json(config)
    assert written["future"] == {"a": 1}
    assert written["training"]["magic"] == [1, 2]
    assert written["training"]["seed"] == 7


def test_flat_files_are_read_too_and_changes_win(tmp_path):
    path = tmp_path / "flat.json"
    path.write_text('{"network_dim": 4, "seed": 1, "base_model": "x"}')
    config, _ = read_config(path, {"seed": "9", "base_model": "y"})
    assert (config.network.network_dim, config.training.seed, config.base_model) == (4, 9, "y")


@pytest.mark.parametrize(
    ("text", "remedy"),
    [("{", "cannot be read as JSON"), ("[1]", "must hold a JSON object"), ('{"schema": 99}', "update Train Tools")],
)
def test_unusable_file_says_why(tmp_path, text, remedy):
    path = tmp_path / "bad.json"
    path.write_text(text)
    with pytest.raises(ConfigError, match=remedy):
        read_config(path)


def test_unknown_change_is_refused():
    assert "there is no such setting" in problems_of(lambda: from_json({}, {"networkdim": 3}))["networkdim"]


def test_readme_has_the_table_of_today():
    text = README.read_text(encoding="utf-8")
    assert renewed(text) == text, "run: make docs"
