import json

import pytest

from lib_train.config.codec import section_of
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
             "--preview_prompts", "c", "--optimizer_args", "weight_decay=0.1", "betas=(0.9,0.99)", "--resolution",
             "64,128", "--base_model", "m", "--min_bucket_reso", "64"]  # fmt: skip
    assert run("train", "--config", file, *flags, "--save_config", out) == 0
    written = json.loads(out.read_text())
    assert written["network"]["network_dim"] == 8
    assert written["training"]["seed"] == 3
    assert written["training"]["optimizer_args"] == {"weight_decay": 0.1, "betas": [0.9, 0.99]}
    assert written["dataset"]["flip_aug"] is True
    assert written["dataset"]["enable_bucket"] is False
    assert written["dataset"]["resolution"] == [64, 128]
    assert written["preview"]["preview_prompts"] == ["a, b", "c"]
    assert written["base_model"] == "m"


def test_off_is_0_on_the_command_line_too(tmp_path):
    out = tmp_path / "out.json"
    flags = ["--min_snr_gamma", "0", "--save_every_n_steps", "0", "--save_every_n_epochs", "0", "--conv_dim", "0"]
    assert run("train", *flags, "--save_config", out) == 0
    written = json.loads(out.read_text())
    assert written["training"]["min_snr_gamma"] is None
    assert written["training"]["save_every_n_steps"] is None
    assert written["training"]["save_every_n_epochs"] is None
    assert written["network"]["conv_dim"] is None
