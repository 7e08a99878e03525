"""A sweep whose process is killed, in two of its runs and in its report, gives what as many single runs give."""

import csv
import json
import os
import signal
import time
from pathlib import Path

import torch
from safetensors.torch import load_file

from lib_train.store.queue_file import QueueFile
from tests.test_kill_queue import STEPS, words
from tests.test_kill_resume import reached

RUNS = [("AdamW", "1e-3"), ("AdamW", "1e-4"), ("Lion", "1e-3"), ("Lion", "1e-4")]


def settings(pictures: Path, checkpoint: Path, optimizer: str, rate: str) -> list[object]:
    return ["--train_data_dir", pictures, "--base_model", checkpoint, "--resolution", 64, "--min_bucket_reso", 64,
            "--network_dim", 2, "--train_batch_size", 2, "--max_train_steps", STEPS, "--save_every_n_epochs", "",
            "--save_state_every_n_steps", 2, "--optimizer_type", optimizer, "--unet_lr", rate, "--save_precision",
            "float", "--lr_scheduler", "constant", "--preview_prompts", "mochi", "--preview_steps", 1,
            "--preview_seeds", "1,2,3,4,5,6,7,8",
            "--preview_after_training", "false"]  # fmt: skip


def version_in(root: Path, project: str = "p") -> Path:
    return root / project / "versions" / "v1"


def weights(root: Path, project: str, run: str = "r001") -> dict[str, torch.Tensor]:
    return load_file(version_in(root, project) / "checkpoints" / f"{project}-v1-{run}.safetensors")


def test_a_killed_sweep_goes_on_where_it_was_and_its_files_are_those_of_single_runs(tmp_path, pictures, forks):
    root, alone, told = tmp_path / "sweep", tmp_path / "alone", tmp_path / "told.txt"
    base = tmp_path / "base.safetensors"

    def done(line):
        forks.start(line, told)
        assert forks.ended() == 0, told.read_text()

    def killed_when(line, met):
        child = forks.start(line, told)
        while not met():
            time.sleep(0.001)
        os.kill(child, signal.SIGKILL)
        assert forks.ended() == -signal.SIGKILL, told.read_text()

    for number, run in enumerate(RUNS):
        done(words(alone, "train", "--project", f"single{number}", *settings(pictures, base, *run)))

    line = words(root, "sweep", "--project", "p", *settings(pictures, base, "AdamW, Lion", "1e-3, 1e-4"))
    log = version_in(root) / "runs"
    killed_when(line, lambda: reached(log / "r001" / "events.jsonl", 5))
    killed_when(words(root, "queue", "run"), lambda: reached(log / "r003" / "events.jsonl", 3))
    drawn = version_in(root) / "sweeps" / "s001" / "pictures"
    killed_when(words(root, "queue", "run"), lambda: len(list(drawn.glob("[!.]*.png"))) >= 2)
    there = {path: path.stat().st_mtime_ns for path in drawn.glob("[!.]*.png")}
    done(words(root, "queue", "run"))

    jobs = QueueFile(root).read()
    assert (jobs.running, jobs.waiting) == (None, ())
    assert not (log / "r005").exists()
    for number, run in enumerate(RUNS):
        expected, found = weights(alone, f"single{number}"), weights(root, "p", f"r00{number + 1}")
        assert expected.keys() == found.keys()
        assert all(torch.equal(expected[key], found[key]) for key in expected)
        facts = json.loads((log / f"r00{number + 1}" / "run.json").read_text())
        assert facts["name"] == f"optimizer_type={run[0]}, unet_lr={run[1]}"
        assert (facts["note"], facts["sweep"]) == (f"s001: {facts['name']}", "s001")
    assert 2 <= len(there) < 40
    assert len(list(drawn.iterdir())) == (1 + len(RUNS)) * 8
    assert {path: path.stat().st_mtime_ns for path in there} == there, "a picture was made twice"
    with (drawn.parent / "report.csv").open(encoding="utf-8-sig", newline="") as file:
        rows = list(csv.DictReader(file))
    assert [(row["optimizer_type"], row["unet_lr"], row["state"]) for row in rows] == [
        (*run, "finished") for run in RUNS
    ]
