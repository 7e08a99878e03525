"""A packed training that is killed elsewhere, twice, and begun again by the same command gives the weights of home."""

import os
import signal
import time

import torch

from tests.test_kill_resume import STEPS, command, final, reached, settings


def test_packed_training_that_is_killed_goes_on_with_the_same_command_and_comes_home(tmp_path, pictures, forks):
    home, cloud, told = tmp_path / "home", tmp_path / "cloud", tmp_path / "told.txt"
    given, archive = settings(pictures, tmp_path / "base.safetensors"), tmp_path / "p.zip"

    def done(words):
        forks.start([str(word) for word in words], told)
        assert forks.ended() == 0, told.read_text()

    done(command(tmp_path / "alone", *given)[3:])
    done(["queue", "add", "train", "--project", "p", "--output", home, *given])
    done(["pack", archive, "--project", "p", "--output", home])
    words = ["train", "--from", archive, "--output", cloud]
    log = cloud / "p" / "versions" / "v1" / "runs" / "r001" / "events.jsonl"
    for goal in (9, 23):
        child = forks.start([str(word) for word in words], told, until=STEPS - 1)
        while not reached(log, goal):
            time.sleep(0.001)
        os.kill(child, signal.SIGKILL)
        assert forks.ended() == -signal.SIGKILL, told.read_text()
    done(words)
    assert "resuming r001 after step" in told.read_text()
    done(["unpack", tmp_path / "p-results.zip", "--output", home])
    expected, found = final(tmp_path / "alone"), final(home)
    assert expected.keys() == found.keys()
    assert all(torch.equal(expected[name], found[name]) for name in expected)
    done(["queue", "list", "--output", home])
    assert told.read_text() == "no job waits\n"
