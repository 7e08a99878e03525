"""A process that is killed in the middle of an edit of 1,000 captions."""

import os
import signal
import subprocess
import sys
import time

import pytest

from lib_train.pictures.journal import Journal
from lib_train.pictures.places import Places

COUNT = 1000
EDIT = (
    f"COUNT = {COUNT}\n"
    + """
import os, signal, sys
from pathlib import Path
from lib_train.pictures import changes
from lib_train.pictures.journal import Change, Journal, Move
from lib_train.pictures.places import Places

root, act, name, calls = Path(sys.argv[1]), sys.argv[2], sys.argv[3], int(sys.argv[4])
real = getattr(os, name)

def counted(*args, **how):
    global calls
    calls -= 1
    if calls < 0:
        if name == "rename":
            real(*args)
        os.kill(os.getpid(), signal.SIGKILL)
    return real(*args, **how)

os.fsync = lambda handle: None  # killing is no power cut
setattr(os, name, counted)
journal = Journal(Places.of_version(root))
if act == "undo":
    journal.undo()
else:
    folder = root / "dataset" / "train" / "10_mochi"
    steps = [Change(folder / f"{n}.txt", f"old {n}".encode(), f"new {n}".encode()) for n in range(COUNT)]
    journal.apply("all", [*steps, Move(folder / "a.png", folder / "b.png")])
"""
)


@pytest.fixture
def root(tmp_path, monkeypatch):
    monkeypatch.setattr(os, "fsync", lambda handle: None)
    folder = tmp_path / "dataset" / "train" / "10_mochi"
    folder.mkdir(parents=True)
    for number in range(COUNT):
        (folder / f"{number}.txt").write_text(f"old {number}")
    (folder / "a.png").write_bytes(b"picture")
    return tmp_path


def killed(root, act, name, calls):
    """Run an edit that is killed at a call of a function of the system."""
    done = subprocess.run([sys.executable, "-c", EDIT, str(root), act, name, str(calls)], check=False)
    assert done.returncode == -signal.SIGKILL


def captions(root):
    """Number of old and of new ones; every one is either."""
    folder = root / "dataset" / "train" / "10_mochi"
    words = [(folder / f"{number}.txt").read_text().split() for number in range(COUNT)]
    assert [int(number) for _, number in words] == list(range(COUNT))
    assert {word for word, _ in words} <= {"old", "new"}
    pictures = [path.name for path in folder.glob("*.png")]
    assert pictures in (["a.png"], ["b.png"])
    return sum(word == "old" for word, _ in words), sum(word == "new" for word, _ in words)


MOMENTS = [
    ("replace", 0, 0),
    ("replace", 1, 1),
    ("replace", 500, 500),
    ("rename", 0, COUNT),  # the move, which is the last step
    ("fsync", 3, COUNT),  # behind the record of the edit and its folder: when all is brought to the disk
]


@pytest.mark.parametrize(("name", "calls", "new"), MOMENTS)
def test_captions_are_old_or_new_after_a_kill_and_undo_brings_all_back(root, name, calls, new):
    killed(root, "apply", name, calls)
    assert captions(root) == (COUNT - new, new)
    journal = Journal(Places.of_version(root))
    (edit,) = journal.edits()
    assert (edit.half, edit.undone, edit.counts) == (True, False, {"changed": COUNT, "moved": 1})
    undone = journal.undo()
    assert (undone.files, undone.left) == (new + (name in ("rename", "fsync")), ())
    assert captions(root) == (COUNT, 0)


def test_edit_killed_before_it_was_noted_has_changed_nothing(root):
    killed(root, "apply", "fsync", 0)
    assert captions(root) == (COUNT, 0)
    assert Journal(Places.of_version(root)).undo().files == 0  # noted, not begun
    assert captions(root) == (COUNT, 0)


def test_undo_that_is_killed_can_be_completed_or_taken_back(root):
    for complete, expected in (("undo", (COUNT, 0)), ("redo", (0, COUNT))):
        journal = Journal(Places.of_version(root))
        journal.redo() if journal.edits() else apply_all(root)
        killed(root, "undo", "replace", 300)
        assert captions(root) == (300, COUNT - 300)
        (edit,) = journal.edits()
        assert edit.half
        assert getattr(journal, complete)().left == ()
        assert captions(root) == expected
        assert not journal.edits()[0].half


def apply_all(root):
    subprocess.run([sys.executable, "-c", EDIT, str(root), "apply", "replace", str(10**9)], check=True)


def test_edit_killed_from_outside_is_known_and_undone(root):
    process = subprocess.Popen([sys.executable, "-c", EDIT, str(root), "apply", "replace", str(10**9)])
    last, end = root / "dataset" / "train" / "10_mochi" / "200.txt", time.monotonic() + 30
    while last.read_text().startswith("old") and time.monotonic() < end:
        time.sleep(0.001)
    process.kill()
    process.wait()
    assert captions(root)[1] > 200
    journal = Journal(Places.of_version(root))
    assert len(journal.edits()) == 1
    assert journal.undo().left == ()
    assert captions(root) == (COUNT, 0)
    assert not list(root.rglob("*.partial"))
