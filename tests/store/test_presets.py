import json

import pytest

from lib_train.config.codec import config_of
from lib_train.config.known_presets import preset_in, preset_json, preset_named, preset_of
from lib_train.config.presets import PRESETS, Preset, differences
from lib_train.errors import ConfigError, ProjectError
from lib_train.store.entries import entries_in
from lib_train.store.presets import delete_preset, keep_preset, own_presets
from lib_train.store.projects import open_project, projects


def kept(**settings):
    given = {
        "train_data_dir": ["/p"],
        "preview_prompts": ["a"],
        "base_model": "/m/a",
        "network_weights": "/l/a",
        **settings,
    }
    return preset_of(config_of(given), "", "mine", "sd1")


def test_own_preset_is_a_file_of_its_own_and_comes_back_as_it_was(tmp_path):
    keep_preset(tmp_path, "faces 2.0", kept(network_dim=12, optimizer_args={"weight_decay": 0.1}))
    found, problems = own_presets(tmp_path)
    assert problems == []
    assert (tmp_path / "presets/faces 2.0.json").is_file()
    preset = found["faces 2.0"]
    assert (preset.about, preset.family, preset.settings["network_dim"]) == ("mine", "sd1", 12)
    assert differences(config_of({**preset.settings, "seed": 7}), preset) == [("seed", 42, 7)]


def test_own_preset_has_nothing_of_one_machine_or_one_set_of_pictures(tmp_path):
    assert not kept().settings.keys() & {"train_data_dir", "preview_prompts", "base_model", "network_weights", "preset"}


def test_names_of_built_in_ones_and_taken_names_are_refused(tmp_path):
    for name in ("course", "defaults", "style-sdxl-12gb"):
        with pytest.raises(ConfigError, match="is the name of a built-in preset"):
            keep_preset(tmp_path, name, kept())
    keep_preset(tmp_path, "faces", kept())
    with pytest.raises(ConfigError, match="choose another, or replace it"):
        keep_preset(tmp_path, "faces", kept(seed=1))
    keep_preset(tmp_path, "faces", kept(seed=1), replace=True)
    assert own_presets(tmp_path)[0]["faces"].settings["seed"] == 1
    for name in ("../x", ".hidden", ""):
        with pytest.raises(ProjectError):
            keep_preset(tmp_path, name, kept())


def test_deleted_preset_lies_in_the_trash(tmp_path):
    keep_preset(tmp_path, "faces", kept())
    assert delete_preset(tmp_path, "faces").is_relative_to(tmp_path / ".trash")
    assert own_presets(tmp_path) == ({}, [])
    with pytest.raises(ProjectError, match="no preset of your own"):
        delete_preset(tmp_path, "faces")


@pytest.mark.parametrize(
    ("content", "told"),
    [("{", "cannot be read"), ('{"preset": 2, "settings": {}}', "update Train Tools"),
     ('{"preset": 1, "settings": {"network_dim": 0}}', "network_dim = 0: must be at least 1"),
     ('{"preset": 1, "settings": {"magic": 1}}', "no preset has such a setting"),
     ('{"preset": 1, "settings": {"train_data_dir": "x"}}', "no preset has such a setting")],
)  # fmt: skip
def test_file_that_holds_no_preset_is_named_and_hides_no_other(tmp_path, content, told):
    keep_preset(tmp_path, "good", kept())
    (tmp_path / "presets" / "bad.json").write_text(content)
    found, problems = own_presets(tmp_path)
    assert list(found) == ["good"]
    assert problems[0].value == "bad"
    assert told in problems[0].remedy


def test_presets_are_no_project(tmp_path):
    open_project(tmp_path, "mochi")
    keep_preset(tmp_path, "faces", kept())
    assert [one.name for one in projects(tmp_path)] == ["mochi"]
    assert [one.name for one in entries_in(tmp_path, tmp_path)] == ["mochi"]
    with pytest.raises(ProjectError, match="is the folder of your own presets"):
        open_project(tmp_path, "presets")


def test_older_project_that_has_the_name_stays_one(tmp_path):
    (tmp_path / "presets" / "versions" / "v1").mkdir(parents=True)
    assert [one.name for one in projects(tmp_path)] == ["presets"]


def test_shared_file_and_settings_of_other_programs_become_presets():
    preset, notes = preset_in(json.loads(json.dumps(preset_json(PRESETS["CherryCat"]))))
    assert notes == []
    assert (preset.title, preset.settings["network_dim"]) == ("Person", 32)
    preset, notes = preset_in({"LoRA_type": "Standard", "network_dim": 8, "pretrained_model_name_or_path": "/m/a",
                               "train_data_dir": "/p", "train_inpainting": True})  # fmt: skip
    assert preset.settings["network_dim"] == 8
    assert not preset.settings.keys() & {"train_data_dir", "base_model"}
    assert "without effect here: train_inpainting = True" in notes


def test_own_preset_is_found_by_its_name_beside_the_others():
    own = {"faces": Preset("", "", {"seed": 1})}
    assert preset_named("faces", own) is own["faces"]
    assert preset_named("faces", {}) is None
