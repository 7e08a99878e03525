import json

import pytest

from lib_train.config.codec import config_of
from lib_train.host.standalone import host as standalone
from lib_train.store.projects import version_named
from lib_train.store.queue_file import QueueFile
from tests.cli.commands import run
from tests.fakes import FakeHost


@pytest.fixture
def words(tmp_path, pictures, monkeypatch):
    """What each command line has: a run of four steps, on a fake base model."""
    (tmp_path / "A.safetensors").write_bytes(b"A")
    monkeypatch.setattr(standalone, "StandaloneHost", lambda **given: FakeHost(tmp_path / "A.safetensors"))
    return ["--output", tmp_path / "out", "--project", "p", "--train_data_dir", pictures, "--resolution", 64,
            "--min_bucket_reso", 64, "--network_dim", 2, "--max_train_steps", 4, "--save_every_n_epochs", "",
            "--preview_steps", 1, "--preview_after_training", "false"]  # fmt: skip


RATES = ["--unet_lr", "1e-3, 1e-4", "--flip_aug", "true,false"]


def test_a_dry_run_shows_the_table_of_runs_in_the_order_of_the_command_line_and_writes_nothing(words, tmp_path, capsys):
    before = sorted(tmp_path.rglob("*"))
    assert run("sweep", *words, *RATES, "--dry_run") == 0
    lines = capsys.readouterr().out.splitlines()
    assert lines[0].split() == ["unet_lr", "flip_aug", "steps", "time"]
    assert [line.split()[:4] for line in lines[1:5]] == [
        ["1", "1e-3", "true", "4"], ["2", "1e-3", "false", "4"],
        ["3", "1e-4", "true", "4"], ["4", "1e-4", "false", "4"],
    ]  # fmt: skip
    assert lines[-1].startswith("4 runs, 16 steps, ")
    assert sorted(tmp_path.rglob("*")) == before


def test_a_sweep_trains_all_and_ends_with_its_report(words, tmp_path, capsys):
    assert run("sweep", *words, *RATES) == 0
    said = capsys.readouterr().out
    folder = tmp_path / "out" / "p" / "versions" / "v1"
    kinds = ("html", "png", "csv")
    assert said.splitlines()[-3:] == [str(folder / "sweeps" / "s001" / f"report.{kind}") for kind in kinds]
    assert "s001: unet_lr=1e-4, flip_aug=false" in said
    assert len(list((folder / "checkpoints").iterdir())) == 4
    kept = json.loads((folder / "version.json").read_text())
    assert (kept["training"]["max_train_steps"], kept["training"]["unet_lr"], kept["dataset"]["flip_aug"]) == (
        4, None, False)  # fmt: skip
    assert run("sweep", *words[:4], "--list") == 0
    assert "  unet_lr=1e-3, flip_aug=true, finished, loss " in capsys.readouterr().out
    (folder / "sweeps" / "s001" / "report.png").unlink()
    assert run("sweep", *words[:4], "--report") == 0
    assert "report of 4 runs in" in capsys.readouterr().out
    assert (folder / "sweeps" / "s001" / "report.png").is_file()


def test_a_sweep_for_the_queue_begins_nothing(words, tmp_path, capsys):
    assert run("sweep", *words, *RATES, "--queue") == 0
    assert "added 4 runs and the report to the queue as sweep s001" in capsys.readouterr().out
    assert [job.kind for job in QueueFile(tmp_path / "out").read().waiting] == [*["train"] * 4, "report"]
    assert run("queue", "list", "--output", tmp_path / "out") == 0
    listed = capsys.readouterr().out.splitlines()
    assert listed[0] == "  1  p / v1, training, unet_lr=1e-3, flip_aug=true, 4 steps, s001: unet_lr=1e-3, flip_aug=true"
    assert listed[4] == "  5  p / v1, report of a sweep, s001"


@pytest.mark.parametrize(
    ("more", "said"),
    [
        ([], "no setting has a second value"),
        (["--network_dim", "4,"], "network_dim = '4,': has an empty alternative"),
        (["--unet_lr", "0.1-0.5"], "unet_lr = '0.1-0.5': say how many values"),
        (["--seed", "1-201"], "more than 200 values"),
        (["--report", "s009"], "there is none of this name"),
        (["--min_timestep", "0, 600", "--max_timestep", "500"], "in the run min_timestep=600"),
    ],
)
def test_what_makes_no_sweep_is_refused_by_name(words, tmp_path, capsys, more, said):
    assert run("sweep", *words, *more) == 2
    assert said in capsys.readouterr().err
    assert not QueueFile(tmp_path / "out").read().waiting


def test_settings_that_all_runs_share_are_saved_without_those_that_differ(words, tmp_path, capsys):
    assert run("sweep", *words, *RATES, "--save_config", tmp_path / "shared.json") == 0
    kept = json.loads((tmp_path / "shared.json").read_text())
    assert (kept["training"]["unet_lr"], kept["training"]["max_train_steps"]) == (None, 4)


def test_a_dry_run_says_which_run_cannot_begin(words, capsys):
    assert run("sweep", *words, "--min_timestep", "0, 600", "--max_timestep", "500", "--dry_run") == 2
    assert "run 2 cannot begin: 1 setting cannot be used:" in capsys.readouterr().out


def test_a_sweep_takes_the_settings_of_its_version_and_leaves_them(words, tmp_path, capsys):
    version = version_named(tmp_path / "out", "p", "v1")
    own = config_of({"train_data_dir": str(words[5]), "resolution": "64", "min_bucket_reso": 64, "network_dim": 3,
                     "max_train_steps": 5})  # fmt: skip
    version.keep_settings(own)
    assert run("sweep", *words[:4], *RATES[:2], "--network_alpha", 2, "--queue") == 0
    jobs = [job.config for job in QueueFile(tmp_path / "out").read().waiting if job.kind == "train"]
    assert [(job["training"]["unet_lr"], job["training"]["max_train_steps"]) for job in jobs] == [(1e-3, 5), (1e-4, 5)]
    assert {(job["network"]["network_dim"], job["network"]["network_alpha"]) for job in jobs} == {(3, 2)}
    assert version.settings()[0] == own


def test_runs_of_a_sweep_are_compared_with_what_they_shared(words, tmp_path, capsys):
    assert run("sweep", *words, *RATES[:2], "--preview_seeds", "-1") == 0
    capsys.readouterr()
    assert run("compare", *words[:4], "--with", "v1") == 0
    told = [line for line in capsys.readouterr().out.splitlines() if " than the version has now: " in line]
    assert {line.rpartition(": ")[2] for line in told} == {"unet_lr, preview_seeds"}
