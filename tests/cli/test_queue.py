import threading
from collections.abc import Callable

import pytest

from lib_train.cli import queue as commands
from lib_train.config.codec import config_of
from lib_train.host.standalone import host as standalone
from lib_train.store.projects import version_named
from lib_train.store.queue_file import QueueFile
from lib_train.store.runs import runs_of
from tests.cli.commands import run
from tests.fakes import FakeHost

BETWEEN: list[Callable[[int, int], bool]] = []
"""What a host does between two steps."""


def hosted(base):
    host = FakeHost(base)
    host.between_steps = lambda done, total: all(act(done, total) for act in BETWEEN)
    return host


@pytest.fixture
def place(tmp_path, pictures, monkeypatch):
    """Flags that name version v1 of p, which has settings of its own, on a fake base model."""
    (tmp_path / "A.safetensors").write_bytes(b"A")
    monkeypatch.setattr(standalone, "StandaloneHost", lambda **given: hosted(tmp_path / "A.safetensors"))
    version_named(tmp_path / "out", "p", "v1").keep_settings(config_of({
        "train_data_dir": str(pictures), "resolution": "64", "min_bucket_reso": 64, "network_dim": 3,
        "max_train_steps": 6, "save_every_n_epochs": None, "preview_prompts": ("cat",), "preview_after_training": False,
    }))  # fmt: skip
    return ["--project", "p", "--output", tmp_path / "out"]


def waiting(tmp_path):
    return QueueFile(tmp_path / "out").read().waiting


def test_a_training_is_added_with_the_settings_that_its_version_has_and_those_that_are_given(place, tmp_path):
    version = version_named(tmp_path / "out", "p", "v1")
    kept = version.settings()[0]
    assert run("queue", "add", *place) == 0
    assert version.settings()[0] == kept
    assert run("queue", "add", *place, "--unet_lr", "2e-4") == 0
    first, second = (job.config for job in waiting(tmp_path))
    assert (first["network"]["network_dim"], first["training"]["max_train_steps"], first["training"]["unet_lr"]) == (
        3, 6, None)  # fmt: skip
    assert (second["network"]["network_dim"], second["training"]["unet_lr"]) == (3, 2e-4)
    assert version.settings()[0].preview.preview_prompts == ("cat",)
    assert run("queue", "add", *place, "--preset", "rimochan", "--train_data_dir", *kept.dataset.train_data_dir) == 0
    assert waiting(tmp_path)[-1].config["network"]["network_dim"] == 10


@pytest.mark.parametrize("others", [0, 2])
def test_a_queue_that_is_stopped_says_how_it_goes_on_and_then_does(place, tmp_path, monkeypatch, capsys, others):
    for _ in range(1 + others):
        assert run("queue", "add", *place) == 0
    signalled = threading.Event()

    def stop_at_the_third(done, total):
        if (done, total) == (3, 6):
            signalled.set()
        return (done, total) != (3, 6)

    monkeypatch.setattr(commands, "Event", lambda: signalled)
    BETWEEN.append(stop_at_the_third)
    capsys.readouterr()
    assert run("queue", "run", "--output", tmp_path / "out", "--device", "cpu") == 130
    said = capsys.readouterr().out
    BETWEEN.clear()
    signalled.clear()
    (line,) = [one for one in said.splitlines() if one.startswith("stopped and saved; go on with: ")]
    assert "what is saved is the state of the run, from which it is resumed; it is no LoRA file" in said.splitlines()
    command = line.partition(": train-tools ")[2].split()
    assert command[:2] == (["queue", "run"] if others else ["train", "--project"])
    assert [job.again for job in waiting(tmp_path)] == ([True, False, False] if others else [])
    assert run(*command, "--device", "cpu") == 0
    runs = runs_of(version_named(tmp_path / "out", "p", "v1"))
    assert [(one.name, one.finished()) for one in runs] == [(f"r00{n}", True) for n in range(1, 2 + others)]
