"""A run that is killed five times, at any moment, ends with the very weights of one that was never killed."""

import os
import re
import signal
import subprocess
import sys
import time
from pathlib import Path
from random import Random

import torch
from safetensors.torch import load_file

STEPS = 40


def command(root: Path, *more: object) -> list[str]:
    words = [sys.executable, "-m", "lib_train", "train", "--output", root, "--project", "p", "--device", "cpu", *more]
    return [str(word) for word in words]


def settings(pictures: Path, checkpoint: Path) -> list[object]:
    return ["--train_data_dir", pictures, "--base_model", checkpoint, "--resolution", 64, "--min_bucket_reso", 64,
            "--network_dim", 2, "--train_batch_size", 2, "--max_train_steps", STEPS, "--save_every_n_steps", 10,
            "--save_state_every_n_steps", 3, "--flip_aug", "--shuffle_caption", "--network_dropout", 0.1,
            "--gradient_accumulation_steps", 2, "--save_precision", "float"]  # fmt: skip


def final(root: Path) -> dict[str, torch.Tensor]:
    return load_file(root / "p" / "versions" / "v1" / "checkpoints" / "p-v1-r001.safetensors")


def test_run_killed_at_five_random_moments_equals_the_uninterrupted_one(tmp_path, pictures, forks):
    whole, broken, told = tmp_path / "whole", tmp_path / "broken", tmp_path / "told.txt"
    given = settings(pictures, tmp_path / "base.safetensors")
    forks.start(command(whole, *given)[3:], told)
    assert forks.ended() == 0, told.read_text()

    log = broken / "p" / "versions" / "v1" / "runs" / "r001" / "events.jsonl"
    rng = Random(4)
    words = command(broken, *given)[3:]
    for goal in sorted(rng.sample(range(4, STEPS - 4), 5)):
        process = forks.start(words, told, until=STEPS - 1)  # where it waits if this process is late
        while not reached(log, goal):
            time.sleep(0.001)
        time.sleep(rng.uniform(0, 0.03))
        os.kill(process, signal.SIGKILL)
        assert forks.ended() == -signal.SIGKILL, "the run ended before it could be killed"
        words = command(broken, "--resume")[3:]
    forks.start(words, told)
    assert forks.ended() == 0, told.read_text()
    assert "resuming r001 after step" in told.read_text()
    expected, found = final(whole), final(broken)
    assert expected.keys() == found.keys()
    assert all(torch.equal(expected[name], found[name]) for name in expected)
    table = log.with_name("metrics.csv").relative_to(broken)
    assert (broken / table).read_bytes() == (whole / table).read_bytes()


def reached(log: Path, step: int) -> bool:
    return log.exists() and '"StepDone"' in (text := log.read_text(errors="replace")) and f'"step": {step},' in text


def test_ctrl_c_saves_and_says_how_to_go_on(tmp_path, pictures, checkpoints):
    root = tmp_path / "out"
    words = command(root, *settings(pictures, checkpoints["sd1"]))
    older = tmp_path / ".cache" / "huggingface" / "transformers" / "of-the-person"
    older.parent.mkdir(parents=True)
    older.touch()
    with (tmp_path / "bars.txt").open("w") as bars:
        process = subprocess.Popen(words, stdout=subprocess.PIPE, stderr=bars, text=True,
                                   env={**without_caches(), "HOME": str(tmp_path)})  # fmt: skip
    log = root / "p" / "versions" / "v1" / "runs" / "r001" / "events.jsonl"
    while process.poll() is None and not reached(log, 2):
        time.sleep(0.01)
    process.send_signal(signal.SIGINT)
    told, _ = process.communicate(timeout=200)
    assert process.returncode == 130
    again = f"train-tools train --project p --version v1 --output {root} --resume r001"
    assert f"it is no LoRA file\nstopped and saved; go on with: {again}" in told
    assert list((log.parent / "state").glob("step-*"))
    heard = (tmp_path / "bars.txt").read_text()
    assert not re.search(r"cache|(?<![\d.])0it\b|Warning|Traceback", heard), heard
    assert [path for path in (tmp_path / ".cache").rglob("*") if path.is_file()] == [older]


def without_caches() -> dict[str, str]:
    """The environment of a person who has set no place for models."""
    return {name: value for name, value in os.environ.items() if not name.startswith(("HF_", "TRANSFORMERS_"))}
