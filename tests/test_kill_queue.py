"""A queue of trainings whose process is killed, more than once, gives the weights of as many single runs."""

import json
import os
import signal
import time
from pathlib import Path

import torch

from lib_train.store.queue_file import QueueFile
from tests.test_kill_resume import reached

STEPS = 10
RATES = {"fast": "1e-3", "slow": "1e-4", "still": "1e-5"}


def words(root: Path, *given: object) -> list[str]:
    return [str(word) for word in (*given, "--output", root)]


def settings(pictures: Path, checkpoint: Path, rate: str) -> list[object]:
    return ["--train_data_dir", pictures, "--base_model", checkpoint, "--resolution", 64, "--min_bucket_reso", 64,
            "--network_dim", 2, "--train_batch_size", 2, "--max_train_steps", STEPS, "--save_every_n_epochs", "",
            "--save_state_every_n_steps", 2, "--learning_rate", rate, "--save_precision", "float",
            "--lr_scheduler", "constant"]  # fmt: skip


def log_of(root: Path, project: str) -> Path:
    return root / project / "versions" / "v1" / "runs" / "r001" / "events.jsonl"


def weights(root: Path, project: str) -> dict[str, torch.Tensor]:
    from safetensors.torch import load_file

    return load_file(root / project / "versions" / "v1" / "checkpoints" / f"{project}-v1-r001.safetensors")


def test_a_killed_queue_goes_on_where_it_was_and_each_result_equals_a_single_run(tmp_path, pictures, forks):
    root, alone, told = tmp_path / "queue", tmp_path / "alone", tmp_path / "told.txt"

    def done(line):
        forks.start(line, told)
        assert forks.ended() == 0, told.read_text()

    for name, rate in RATES.items():
        given = settings(pictures, tmp_path / "base.safetensors", rate)
        done(words(alone, "train", "--project", name, *given))
        done(words(root, "queue", "add", "train", "--project", name, "--name", f"rate {rate}", *given))
    assert [job.name for job in QueueFile(root).read().waiting] == ["rate 1e-3", "rate 1e-4", "rate 1e-5"]

    for project, step in (("fast", 5), ("slow", 3), ("slow", 6)):
        child = forks.start(words(root, "queue", "run"), told)
        while not reached(log_of(root, project), step):
            time.sleep(0.001)
        os.kill(child, signal.SIGKILL)
        assert forks.ended() == -signal.SIGKILL, told.read_text()
        left = QueueFile(root)
        assert left.worker() == ""
        assert left.read().running is not None

    done(words(root, "queue", "run"))
    assert "resuming r001 after step" in told.read_text()
    jobs = QueueFile(root).read()
    assert (jobs.running, jobs.waiting) == (None, ())
    for name in RATES:
        assert not log_of(root, name).parent.with_name("r002").exists()
        expected, found = weights(alone, name), weights(root, name)
        assert expected.keys() == found.keys()
        assert all(torch.equal(expected[key], found[key]) for key in expected)
    fast, slow = (weights(root, name) for name in ("fast", "slow"))
    assert any(not torch.equal(fast[key], slow[key]) for key in fast)


def test_the_list_names_what_was_left_behind_and_it_can_be_taken_out(tmp_path, pictures, forks):
    root, told = tmp_path / "queue", tmp_path / "told.txt"
    given = settings(pictures, tmp_path / "base.safetensors", "1e-3")
    for name in ("one", "two"):
        forks.start(words(root, "queue", "add", "train", "--project", name, *given), told)
        assert forks.ended() == 0, told.read_text()
    child = forks.start(words(root, "queue", "run"), told, until=5)  # the pictures are three
    while not reached(log_of(root, "one"), 5):
        time.sleep(0.001)
    forks_two = words(root, "queue", "list")
    os.kill(child, signal.SIGKILL)
    forks.ended()
    forks.start(forks_two, told)
    assert forks.ended() == 0
    lines = told.read_text().splitlines()
    assert lines == [
        f"  1  one / v1, training, {STEPS} steps, has begun before",
        f"  2  two / v1, training, {STEPS} steps",
    ]
    forks.start(words(root, "queue", "remove", "1"), told)
    assert forks.ended() == 0
    assert [job["project"] for job in json.loads((root / "queue.json").read_text())["waiting"]] == ["two"]
