import pytest
import torch

from lib_train import cli
from lib_train.cli import options
from lib_train.config.codec import to_json
from lib_train.config.run import RunConfig
from lib_train.store.projects import open_project
from lib_train.store.runs import new_run


@pytest.mark.parametrize(("words", "threads"), [((), 3), (("--threads", "2"), 2)], ids=["as it began", "as told"])
def test_resumed_run_computes_with_the_threads_it_began_with(tmp_path, monkeypatch, capsys, words, threads):
    new_run(open_project(tmp_path, "p").version("v1"), {"config": to_json(RunConfig()), "session_id": 1, "threads": 3})
    used = []
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
