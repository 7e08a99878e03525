"""A log of edits that forgets the oldest, also when it is killed meanwhile."""

import os
import signal
import subprocess
import sys

import pytest

from lib_train.pictures import log_bound
from lib_train.pictures.journal import Change, Journal
from lib_train.pictures.places import Places

EDITS = """
import os, signal, sys
from pathlib import Path
from lib_train.pictures import log_bound
from lib_train.pictures.journal import Change, Journal
from lib_train.pictures.places import Places

root, name, calls, count = Path(sys.argv[1]), sys.argv[2], int(sys.argv[3]), int(sys.argv[4])
log_bound.MOST_EDITS = 10
real, armed = getattr(os, name), False

def counted(*args, **how):
    global calls
    calls -= armed
    if calls < 0:
        os.kill(os.getpid(), signal.SIGKILL)
    return real(*args, **how)

write = log_bound._write

def arming(*given):
    global armed
    armed = True
    write(*given)
    armed = False

setattr(os, name, counted)
log_bound._write = arming
journal, caption = Journal(Places.of_version(root)), root / "dataset" / "a.txt"
for number in range(count):
    journal.apply(f"edit {number}", [Change(caption, caption.read_bytes(), b"%d" % number)])
"""


@pytest.fixture
def root(tmp_path):
    (tmp_path / "dataset").mkdir()
    (tmp_path / "dataset" / "a.txt").write_bytes(b"first")
    return tmp_path


@pytest.fixture
def few(monkeypatch):
    monkeypatch.setattr(log_bound, "MOST_EDITS", 10)
    monkeypatch.setattr(os, "fsync", lambda handle: None)


def edited(root, numbers):
    journal, caption = Journal(Places.of_version(root)), root / "dataset" / "a.txt"
    for number in numbers:
        journal.apply(f"edit {number}", [Change(caption, caption.read_bytes(), b"%d" % number)])
    return journal


def labels(root):
    return [edit.label for edit in Journal(Places.of_version(root)).edits()]


def test_oldest_edits_are_forgotten_and_the_others_undone_as_ever(root, few):
    journal = edited(root, range(25))
    known = [edit.number for edit in journal.edits()]
    assert known == list(range(25, 25 - len(known), -1))
    assert 8 <= len(known) <= 10
    for number in known:
        assert journal.undo().edit.number == number
    assert (root / "dataset" / "a.txt").read_bytes() == b"%d" % (24 - len(known))
    assert journal.redo().edit.number == known[-1]


def test_log_of_many_bytes_forgets_too_but_never_the_last_edit(root, few, monkeypatch):
    edited(root, range(3))
    monkeypatch.setattr(log_bound, "MOST_BYTES", 1)
    assert [edit.number for edit in edited(root, [3]).edits()] == [4]
    assert edited(root, []).undo().files == 1
    assert (root / "dataset" / "a.txt").read_bytes() == b"2"


def test_edits_that_can_be_done_again_or_are_half_done_stay(root, few, monkeypatch):
    journal = edited(root, range(9))
    for _ in range(9):
        journal.undo()
    assert [edit.undone for edit in journal.edits()] == [True] * 9
    with (root / "edits.jsonl").open("ab") as file:
        file.write(b'{"redoing": 1}\n')
    monkeypatch.setattr(log_bound, "MOST_BYTES", 1)
    coming, path = journal.coming(str), root / "dataset" / "a.txt"
    coming.add({path: "00"})
    coming.end([path])
    assert [edit.number for edit in journal.edits()] == [10, 1]


def test_other_processes_see_the_shorter_log(root, few, monkeypatch):
    monkeypatch.setattr(log_bound, "MOST_EDITS", 1000)
    journal = edited(root, range(10))
    assert len(journal.edits()) == 10
    subprocess.run([sys.executable, "-c", EDITS, str(root), "replace", "999", "2"], check=True)
    assert [edit.label for edit in journal.edits()][:3] == ["edit 1", "edit 0", "edit 9"]
    assert len(journal.edits()) < 12
    assert journal.undo().edit.label == "edit 1"


def test_log_that_cannot_be_written_anew_stays(root, few, monkeypatch):
    def full(*given, **how):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(log_bound, "written", full)
    assert len(edited(root, range(12)).edits()) == 12


@pytest.mark.parametrize(("name", "calls", "known"), [("replace", 0, 11), ("fsync", 0, 11), ("fsync", 1, 8)])
def test_kill_while_the_log_is_shortened_leaves_it_whole(root, name, calls, known):
    done = subprocess.run([sys.executable, "-c", EDITS, str(root), name, str(calls), "25"], check=False)
    assert done.returncode == -signal.SIGKILL
    assert labels(root) == [f"edit {number}" for number in range(10, 10 - known, -1)]
    journal = Journal(Places.of_version(root))
    assert journal.undo().files == 1
    assert (root / "dataset" / "a.txt").read_bytes() == b"9"
    assert journal.redo().files == 1
