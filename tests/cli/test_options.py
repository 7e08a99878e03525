import json

import pytest
import torch
from safetensors.torch import save_file

from lib_train.config.codec import config_of, section_of
from lib_train.store.projects import version_named
from tests.cli.commands import run


def test_every_setting_is_a_flag(capsys):
    with pytest.raises(SystemExit):
        run("train", "--help")
    output = capsys.readouterr().out
    assert all(f"--{name} " in output for name in section_of())


def test_flags_win_over_the_file_and_reach_every_kind_of_setting(tmp_path, capsys):
    file, out = tmp_path / "in.json", tmp_path / "out.json"
    file.write_text(json.dumps({"network_dim": 4, "seed": 3}))
    flags = ["--network-dim", "8", "--flip_aug", "--enable_bucket", "false", "--preview_prompts", "a, b",
             "--preview_prompts", "c\nd, e\r\n\n f", "--optimizer_args", "weight_decay=0.1",
             "betas=(0.9,0.99)", "--resolution", "64,128", "--base_model", "m", "--min_bucket_reso", "64"]  # fmt: skip
    assert run("train", "--config", file, *flags, "--save_config", out) == 0
    written = json.loads(out.read_text())
    assert written["network"]["network_dim"] == 8
    assert written["training"]["seed"] == 3
    assert written["training"]["optimizer_args"] == {"weight_decay": 0.1, "betas": [0.9, 0.99]}
    assert written["dataset"]["flip_aug"] is True
    assert written["dataset"]["enable_bucket"] is False
    assert written["dataset"]["resolution"] == [64, 128]
    assert written["preview"]["preview_prompts"] == ["a, b", "c", "d, e", "f"]
    assert written["base_model"] == "m"


def test_settings_of_a_lora_file_are_taken_below_those_of_file_and_flags(tmp_path, capsys):
    lora, file, out = tmp_path / "a.safetensors", tmp_path / "in.json", tmp_path / "out.json"
    told = {"ss_network_dim": "32", "ss_network_alpha": "4", "ss_seed": "5", "ss_learning_rate": "2e-4",
            "ss_lr_scheduler": "odd"}  # fmt: skip
    save_file({"lora_unet_x.alpha": torch.ones(())}, lora, told)
    file.write_text(json.dumps({"seed": 3}))
    assert run("train", "--like", lora, "--config", file, "--learning_rate", "1e-3", "--save_config", out) == 0
    written = json.loads(out.read_text())
    assert (written["network"]["network_dim"], written["network"]["network_alpha"]) == (32, 4)
    assert (written["training"]["seed"], written["training"]["learning_rate"]) == (3, 1e-3)
    assert "note: not taken: lr_scheduler = 'odd': choose one of" in capsys.readouterr().out
    assert run("train", "--like", tmp_path / "none.safetensors", "--save_config", tmp_path / "x.json") != 0


def test_off_is_0_on_the_command_line_too(tmp_path):
    out = tmp_path / "out.json"
    flags = ["--min_snr_gamma", "0", "--save_every_n_steps", "0", "--save_every_n_epochs", "0", "--conv_dim", "0"]
    assert run("train", *flags, "--save_config", out) == 0
    written = json.loads(out.read_text())
    assert written["training"]["min_snr_gamma"] is None
    assert written["training"]["save_every_n_steps"] is None
    assert written["training"]["save_every_n_epochs"] is None
    assert written["network"]["conv_dim"] is None


OWN = {"network_dim": 3, "base_model": "a.safetensors", "prediction_type": "v", "max_train_steps": 7}


def saved(root, command, *flags):
    """Settings that a command would take for version v1 of p, by section."""
    out = root / "saved.json"
    out.unlink(missing_ok=True)
    assert run(command, "--output", root, "--project", "p", *flags, "--save_config", out) == 0
    return json.loads(out.read_text())


@pytest.mark.parametrize("command", ["train", "plan", "sweep", "doctor"])
def test_settings_are_those_of_the_version_with_the_given_over_them(tmp_path, capsys, command):
    version = version_named(tmp_path, "p", "v1")
    version.keep_settings(config_of(OWN))
    found = saved(tmp_path, command, "--network_alpha", "2")
    assert (found["network"]["network_dim"], found["network"]["network_alpha"]) == (3, 2)
    assert (found["base_model"], found["prediction_type"]) == ("a.safetensors", "v")
    assert "note: settings of p v1, and those that are given" in capsys.readouterr().out
    assert version.settings()[0] == config_of(OWN)
    assert saved(tmp_path, command, "--max_train_epochs", "2")["training"]["max_train_steps"] is None


def test_what_a_version_predicts_is_of_its_own_base_model(tmp_path):
    version_named(tmp_path, "p", "v1").keep_settings(config_of(OWN))
    given = "--base_model", "b.safetensors"
    assert saved(tmp_path, "train", *given)["prediction_type"] == ""
    assert saved(tmp_path, "train", *given, "--prediction_type", "epsilon")["prediction_type"] == "epsilon"


def test_settings_that_are_named_as_a_whole_take_the_place_of_those_of_the_version(tmp_path, capsys):
    version_named(tmp_path, "p", "v1").keep_settings(config_of(OWN))
    file, lora = tmp_path / "in.json", tmp_path / "a.safetensors"
    file.write_text(json.dumps({"seed": 3}))
    save_file({"lora_unet_x.alpha": torch.ones(())}, lora, {"ss_network_dim": "32"})
    for given, rank in ((("--config", file), 16), (("--preset", "defaults"), 16), (("--like", lora), 32)):
        found = saved(tmp_path, "train", *given)
        assert (found["network"]["network_dim"], found["base_model"]) == (rank, "")
    assert "settings of p v1" not in capsys.readouterr().out


def test_a_draft_of_the_version_is_named_unless_another_value_is_given(tmp_path, capsys):
    version_named(tmp_path, "p", "v1").keep({"network_dim": "many", "seed": 5})
    assert run("train", "--output", tmp_path, "--project", "p", "--save_config", tmp_path / "out.json") == 2
    assert "network_dim = 'many': must be a whole number" in capsys.readouterr().err
    found = saved(tmp_path, "train", "--network_dim", "4")
    assert (found["network"]["network_dim"], found["training"]["seed"]) == (4, 5)


def test_pictures_of_a_folder_are_examined_without_the_settings_of_a_version(tmp_path):
    version_named(tmp_path, "p", "v1").keep_settings(config_of(OWN))
    assert saved(tmp_path, "doctor", "--train_data_dir", "pictures")["base_model"] == ""
