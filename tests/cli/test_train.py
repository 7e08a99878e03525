import json

import pytest
import torch

from lib_train import cli
from lib_train.cli import options
from lib_train.config.codec import to_json
from lib_train.config.run import RunConfig
from lib_train.store.projects import open_project
from lib_train.store.runs import new_run
from tests.cli.commands import run, small


@pytest.mark.parametrize(("words", "threads"), [((), 3), (("--threads", "2"), 2)], ids=["as it began", "as told"])
def test_resumed_run_computes_with_the_threads_it_began_with(tmp_path, monkeypatch, capsys, words, threads):
    new_run(open_project(tmp_path, "p").version("v1"), {"config": to_json(RunConfig()), "session_id": 1, "threads": 3})
    used: list[int] = []
    monkeypatch.setattr(options, "use_threads", used.append)
    assert cli.main(["train", "--output", str(tmp_path), "--project", "p", "--device", "cpu", "--resume", *words]) == 2
    assert used == [threads]


@pytest.mark.parametrize("device", ["cuda", "mps"])
@pytest.mark.parametrize("command", ["plan", "train"])
def test_device_that_is_not_there_is_told_with_the_way_out(tmp_path, monkeypatch, capsys, pictures, command, device):
    monkeypatch.setattr(torch.cuda, "is_available", lambda: False)
    monkeypatch.setattr(torch.backends.mps, "is_available", lambda: False)
    words = [command, "--output", str(tmp_path / "out"), "--train_data_dir", str(pictures), "--device", device]
    assert cli.main(words) == 2
    assert f"device = '{device}': torch {torch.__version__} finds none here; install" in capsys.readouterr().err


def test_training_writes_a_project_that_preview_and_inspect_use(tmp_path, pictures, checkpoints, capsys):
    root = tmp_path / "out"
    flags = small(pictures, checkpoints["sd1"], "--output", root, "--project", "もち", "--max_train_epochs", 2,
                  "--preview_prompts", "mochi, blue", "--preview_steps", 2, "--preview_every_n_epochs", 1)  # fmt: skip
    assert run("train", *flags) == 0
    version = root / "もち" / "versions" / "v1"
    files = sorted(path.name for path in (version / "checkpoints").iterdir())
    assert files == ["もち-v1-r001-000001.safetensors", "もち-v1-r001.safetensors"]
    assert len(list((version / "previews").glob("grid-*.png"))) == 3  # after each epoch, and all together
    kept = json.loads((version / "runs" / "r001" / "run.json").read_text())
    assert kept["config"]["network"]["network_dim"] == 2
    assert kept["threads"] == torch.get_num_threads()
    assert "base model tiny_sd1.safetensors" in capsys.readouterr().out.splitlines()
    assert run("inspect", version / "checkpoints" / files[0]) == 0
    output = capsys.readouterr().out
    assert "LoRA for SD1" in output
    assert "mochi (3), blue (3)" in output
    assert run("preview", "--output", root, "--project", "もち", "--device", "cpu", "--preview_weights", "0,1",
               "--preview_steps", 1) == 0  # fmt: skip
    grid = capsys.readouterr().out.strip()
    assert grid.endswith(".png")


def test_version_uses_its_own_pictures_when_none_are_named(tmp_path, pictures, checkpoints):
    root = tmp_path / "out"
    own = root / "p" / "versions" / "v1" / "dataset" / "train"
    own.parent.mkdir(parents=True)
    pictures.rename(own)
    flags = small("x", checkpoints["sd1"], "--output", root, "--project", "p", "--max_train_steps", 1)[2:]
    assert run("train", *flags) == 0
    assert (root / "p" / "versions" / "v1" / "checkpoints" / "p-v1-r001.safetensors").exists()


def test_a_second_training_takes_the_settings_of_the_first_and_what_is_given(tmp_path, pictures, checkpoints, capsys):
    place = "--output", tmp_path / "out", "--project", "p", "--device", "cpu"
    assert run("train", *small(pictures, checkpoints["sd1"], *place, "--max_train_steps", 1)) == 0
    assert run("train", *place, "--seed", 5) == 0
    version = tmp_path / "out" / "p" / "versions" / "v1"
    first, second = (json.loads((version / "runs" / name / "run.json").read_text())["config"]
                     for name in ("r001", "r002"))  # fmt: skip
    assert second == {**first, "training": {**first["training"], "seed": 5}}
    assert json.loads((version / "version.json").read_text())["training"]["seed"] == 5
