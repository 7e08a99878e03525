import json
import sys

import pytest

from lib_train.config.codec import read_config
from lib_train.store.projects import open_project
from tests.cli.commands import run


@pytest.fixture
def kept(tmp_path):
    version = open_project(tmp_path / "out", "mochi").version("v1")
    version.keep({"network_dim": 4, "seed": 7, "keep_tags": ["a"], "resolution": [512]})
    return ["--output", tmp_path / "out", "--project", "mochi"]


def test_settings_of_a_version_are_written_for_sd_scripts_and_read_again(tmp_path, kept, capsys):
    file = tmp_path / "mochi.toml"
    assert run("export", *kept, "--to", file) == 0
    said = capsys.readouterr().out.splitlines()
    assert said[0] == f"settings written to {file}"
    assert "note: without effect in sd-scripts: keep_tags" in said
    assert 'output_name = "mochi"' in file.read_text(encoding="utf-8")
    pytest.importorskip("tomllib" if sys.version_info >= (3, 11) else "tomli")
    config = read_config([file])[0]
    assert (config.network.network_dim, config.training.seed, config.dataset.keep_tags) == (4, 7, ("a",))


def test_json_has_them_as_train_tools_keeps_them(tmp_path, kept):
    assert run("export", *kept, "--to", tmp_path / "mochi.json") == 0
    assert json.loads((tmp_path / "mochi.json").read_text())["network"]["network_dim"] == 4


def test_no_file_is_written_over_and_no_version_is_made(tmp_path, kept, capsys):
    file = tmp_path / "mochi.toml"
    file.write_text("mine")
    assert run("export", *kept, "--to", file) != 0
    assert "is not written over" in capsys.readouterr().err
    assert file.read_text() == "mine"
    assert run("export", *kept, "--version", "v9", "--to", tmp_path / "x.toml") != 0
    assert "there is none of this name" in capsys.readouterr().err
    assert not (tmp_path / "out/mochi/versions/v9").exists()


def test_settings_of_any_command_line_are_written_as_toml_too(tmp_path):
    assert run("plan", "--network_dim", "3", "--save_config", tmp_path / "a.toml") == 0
    assert "network_dim = 3" in (tmp_path / "a.toml").read_text()


def test_training_and_datasets_may_be_two_files(tmp_path, capsys):
    train, sets, out = (tmp_path / name for name in ("train.json", "sets.json", "out.json"))
    train.write_text(json.dumps({"network_dim": 4, "dataset_config": "elsewhere.toml"}))
    sets.write_text(json.dumps({"datasets": [{"resolution": 640, "subsets": [{"image_dir": "/p/1_a"}]}]}))
    assert run("train", "--config", train, "--config", sets, "--save_config", out) == 0
    written = json.loads(out.read_text())
    assert (written["network"]["network_dim"], written["dataset"]["train_data_dir"]) == (4, ["/p/1_a"])
    assert "dataset_config" not in capsys.readouterr().out
