import pytest

from lib_train.host.standalone import host as standalone
from lib_train.store.queue_file import QueueFile
from tests.app.journeys import Home, stopping_after
from tests.cli.commands import run


@pytest.fixture
def home(tmp_path, pictures, monkeypatch):
    """A machine with project p; commands find its host of fake models."""
    found = Home(tmp_path / "home")
    found.project(pictures)
    monkeypatch.setattr(standalone, "StandaloneHost", lambda **given: found.host)
    monkeypatch.chdir(tmp_path)
    return found


def test_packed_trained_and_brought_home(tmp_path, home, capsys):
    home.session().add("p", "v1", name="night")
    assert run("pack", "--project", "p", "--output", home.root) == 0
    told = capsys.readouterr().out.splitlines()
    assert told[0] == "p.zip: 0.0 MiB; pictures: 3, waiting jobs: 1, runs to resume: 0"
    assert told[-2:] == [
        "the jobs wait here as well; those that are done there are taken out when results come home",
        "there: train-tools train --from p.zip",
    ]
    assert run("train", "--from", "p.zip", "--output", tmp_path / "cloud", "--learning_rate", "1e-5") == 0
    told = capsys.readouterr().out.splitlines()
    assert told[0] == "1 of 1: v1 night"
    assert told[-1].startswith("results: p-results.zip; take the file home, and bring them in with: train-tools unpack")
    assert run("unpack", "p-results.zip", "--output", home.root) == 0
    assert capsys.readouterr().out.splitlines() == [
        "p: came home: checkpoints: 2, runs: 1, previews and sheets: 4",
        "jobs that were done there and wait here no more: 1",
    ]
    assert QueueFile(home.root).read().waiting == ()


def test_stopped_training_says_that_the_same_command_goes_on(tmp_path, home, capsys, monkeypatch):
    run("pack", "--project", "p", "--output", home.root)
    wishes, home.host.between_steps = stopping_after(3)
    monkeypatch.setattr("lib_train.jobs.wishes.Wishes", lambda: wishes)
    words = "train", "--from", "p.zip", "--output", tmp_path / "cloud"
    assert run(*words) == 130
    assert capsys.readouterr().out.splitlines()[-2:] == [
        "what is saved is the state of the run, from which it is resumed; it is no LoRA file",
        "stopped and saved; the same command goes on"]  # fmt: skip
    wishes.stop.clear()
    home.host.between_steps = lambda done, total: True
    assert run(*words) == 0
    assert "resuming r001 after step 3" in capsys.readouterr().out


def test_jobs_are_taken_out_of_the_queue_where_that_is_asked_for(home, capsys):
    home.session().add("p", "v1")
    assert run("pack", "--project", "p", "--output", home.root, "--take_jobs", "--version", "v1", "to.zip") == 0
    assert "wait here as well" not in capsys.readouterr().out
    assert QueueFile(home.root).read().waiting == ()


def test_archive_makes_the_project_at_another_home(tmp_path, home, capsys):
    home.session().add("p", "v1")
    run("pack", "--project", "p", "--output", home.root)
    capsys.readouterr()
    assert run("unpack", "p.zip", "--output", tmp_path / "other") == 0
    assert capsys.readouterr().out.splitlines() == [
        f"project p lies in {tmp_path / 'other' / 'p'}",
        "jobs that wait in the archive: 1; they are carried out by: train-tools train --from p.zip",
    ]
    assert run("unpack", "p.zip", "--output", tmp_path / "other", "--project", "x") == 2
    assert run("unpack", "p.zip", "--output", home.root) == 2
    assert "has another project of this name" in capsys.readouterr().err


def test_results_of_a_project_that_is_not_here_say_so_and_how_they_come_home(tmp_path, home, capsys):
    run("pack", "--project", "p", "--output", home.root)
    assert run("train", "--from", "p.zip", "--output", tmp_path / "cloud") == 0
    other = tmp_path / "other"
    capsys.readouterr()
    assert run("unpack", "p-results.zip", "--output", other) == 2
    said = capsys.readouterr().err
    assert f"p-results.zip: holds results for the project p, which is not in {other}: name the folder" in said
    assert "with --output, or the project that takes them with --project" in said
    assert run("unpack", "p.zip", "--output", other) == 0  # the way out
    assert run("unpack", "p-results.zip", "--output", other) == 0


@pytest.mark.parametrize("words", [["--resume"], ["--preset", "x"], ["--project", "q"], ["--config", "c.json"]])
def test_the_archive_alone_says_what_is_trained(home, capsys, words):
    run("pack", "--project", "p", "--output", home.root)
    assert run("train", "--from", "p.zip", *words) == 2
    assert "the archive says what is trained: leave it out beside --from" in capsys.readouterr().err


def test_training_that_fails_is_told_and_ends_with_two(tmp_path, home, capsys):
    run("pack", "--project", "p", "--output", home.root)
    words = "train", "--from", "p.zip", "--output", tmp_path / "cloud"
    assert run(*words, "--preview_sampler", "none of this name") == 2
    assert "failed: v1: 1 setting cannot be used" in capsys.readouterr().out
    assert run(*words, "--base_model", "gone.safetensors") == 2
    assert "base_model = 'gone.safetensors': there is no such folder or file" in capsys.readouterr().err
