import json
from dataclasses import replace

import pytest

from lib_train.config.codec import config_of, from_json, read_config, rewritten, to_json
from lib_train.config.dataset import DatasetConfig
from lib_train.config.network import NetworkConfig
from lib_train.config.preview import PreviewConfig
from lib_train.config.run import RunConfig
from lib_train.config.training import OPTIMIZERS, TrainingConfig
from lib_train.errors import ConfigError
from lib_train.vocabulary import SCHEMA


def problems_of(value, changes=None):
    with pytest.raises(ConfigError) as caught:
        from_json(value, changes)
    return {problem.setting: problem.remedy for problem in caught.value.problems}


def test_all_bad_settings_of_all_sections_are_named_at_once():
    found = problems_of({
        "base_model": 5, "preview": 7, "prediction_type": "v_prediction",
        "network": {"network_dim": 0, "conv_alpha": 4}, "training": {"optimizer_type": "Adan", "learning_rate": "x"},
        "dataset": {"resolution": [64, 64, 64]},
    }, {"networkdim": 3, "preview_steps": 1.5})  # fmt: skip
    assert found == {
        "base_model": "must be text",
        "prediction_type": "choose one of epsilon, v, or leave it empty",
        "preview": 'must hold settings, as in {"seed": 1}',
        "network_dim": "must be at least 1",
        "conv_alpha": "set conv_dim too, or leave it empty",
        "optimizer_type": f"choose one of {', '.join(OPTIMIZERS)}",
        "learning_rate": "must be a number",
        "resolution": "give one number or width and height, or leave it empty",
        "networkdim": "there is no such setting; see --help",
        "preview_steps": "must be a whole number",
    }


def test_settings_go_through_json_and_back():
    config = RunConfig(
        base_model="b",
        prediction_type="v",
        network=NetworkConfig(conv_dim=4),
        dataset=DatasetConfig(resolution=(512, 768), train_data_dir=("a,b", "c")),
        training=TrainingConfig(optimizer_args=["betas=(0.9,0.99)"]),  # type: ignore[arg-type]
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
    assert from_json(written) == (config, notes)


def test_rewriting_a_file_keeps_what_only_the_file_knows():
    old = {"schema": 1, "future": 1, "training": {"seed": 7, "magic": 2}}
    written = rewritten(RunConfig(training=TrainingConfig(seed=8)), old)
    assert (written["future"], written["training"]["magic"], written["training"]["seed"]) == (1, 2, 8)
    with pytest.raises(ConfigError, match="update Train Tools"):
        rewritten(RunConfig(), {"schema": SCHEMA + 1})


def test_setting_is_found_in_whichever_section_it_stands():
    config, notes = from_json({"schema": 1, "training": {"network_dim": 4}})
    assert config.network.network_dim == 4
    assert notes == []


def test_flat_files_are_read_too_and_changes_win_over_them_and_they_over_a_preset(tmp_path):
    path = tmp_path / "flat.json"
    path.write_text('\ufeff{"network_dim": 4, "seed": 1, "base_model": "x"}', encoding="utf-8")
    config, _ = read_config([path], {"seed": "9", "base_model": "y"}, {"network_dim": 1, "clip_skip": 2})
    assert (config.network.network_dim, config.training.seed, config.base_model) == (4, 9, "y")
    assert config.training.clip_skip == 2


def test_sections_of_a_file_win_over_a_preset(tmp_path):
    path = tmp_path / "sections.json"
    path.write_text(json.dumps(to_json(RunConfig(network=NetworkConfig(network_dim=4)))))
    assert read_config([path], preset={"network_dim": 1})[0].network.network_dim == 4


def test_epochs_win_over_steps_that_stand_below_them(tmp_path):
    path = tmp_path / "steps.json"
    path.write_text(json.dumps(to_json(RunConfig(training=TrainingConfig(max_train_steps=1600)))))
    training = read_config([path], {"max_train_epochs": 3})[0].training
    assert (training.max_train_epochs, training.max_train_steps) == (3, None)
    training = read_config([path], {"max_train_epochs": 3, "max_train_steps": 7})[0].training
    assert training.max_train_steps == 7
    path.write_text('{"max_train_epochs": 4}')
    training = read_config([path], preset={"max_train_steps": 1000})[0].training
    assert (training.max_train_epochs, training.max_train_steps) == (4, None)


def test_empty_base_model_is_none():
    assert from_json({"base_model": None})[0].base_model == ""


@pytest.mark.parametrize(
    ("text", "remedy"),
    [
        ("{", "cannot be read as JSON"), ("[1]", "must hold a JSON object"), ("[" * 100000, "cannot be read as JSON"),
        ('{"schema": 99}', "update Train Tools"), ('{"schema": "1"}', "make the file anew"),
    ],
    ids=["cut", "list", "deep", "newer", "text"],
)  # fmt: skip
def test_unusable_file_says_why(tmp_path, text, remedy):
    path = tmp_path / "bad.json"
    path.write_text(text)
    with pytest.raises(ConfigError, match=remedy):
        read_config([path])


def dataset_of(**dataset):
    return from_json({"schema": 1, "dataset": dataset})[0].dataset


@pytest.mark.parametrize("resolution", [[512, 512], [512], 512])
def test_limits_of_buckets_that_nobody_set_follow_the_resolution_in_older_files_too(resolution):
    old = dataset_of(resolution=resolution, min_bucket_reso=256, max_bucket_reso=1024)
    assert (old.min_bucket_reso, old.max_bucket_reso, old.bucket_limits) == (None, None, (256, 1024))
    kept = to_json(RunConfig(dataset=old))
    assert from_json(kept, {"resolution": "128"})[0].dataset.bucket_limits == (64, 256)
    assert dataset_of(min_bucket_reso=256, max_bucket_reso=1024).min_bucket_reso is None


@pytest.mark.parametrize(
    "settings",
    [{"resolution": [768], "min_bucket_reso": 256, "max_bucket_reso": 1024},
     {"resolution": [512, 768], "min_bucket_reso": 256, "max_bucket_reso": 1024},
     {"resolution": [512], "min_bucket_reso": 320, "max_bucket_reso": 1024},
     {"resolution": [512], "min_bucket_reso": 256, "max_bucket_reso": 960}],
)  # fmt: skip
def test_older_files_keep_the_buckets_that_they_trained_with(settings):
    assert dataset_of(**settings).bucket_limits == (settings["min_bucket_reso"], settings["max_bucket_reso"])


def test_limits_of_buckets_that_somebody_set_stay_set():
    config = from_json({"schema": SCHEMA, "dataset": {"min_bucket_reso": 256, "max_bucket_reso": 1024}})[0]
    assert (config.dataset.min_bucket_reso, config.dataset.max_bucket_reso) == (256, 1024)
    assert from_json(to_json(config))[0] == config


def test_form_values_make_the_same_settings_as_the_defaults():
    assert config_of(
        {"optimizer_args": "", "unet_lr": "", "learning_rate": "0.0001", "enable_bucket": True}
    ) == config_of({})
    assert replace(config_of({}), base_model="x") == config_of({"base_model": "x"})
