import os
import subprocess
import sys
import time

import pytest

from lib_train import files
from lib_train.files import scratch, sweep, write_whole
from lib_train.processes import machine, started

LEFT = ".{machine}.{pid}.{start}.0123abcd.partial"


@pytest.fixture
def dead():
    """Number of a process that is no more."""
    with subprocess.Popen([sys.executable, "-c", ""]) as process:
        process.wait()
    return process.pid


def left(folder, pid, start=0, on=None, age=0.0, is_folder=False):
    path = folder / LEFT.format(machine=on or machine(), pid=pid, start=start)
    if is_folder:
        (path / "inside").mkdir(parents=True)
        (path / "inside" / "a.png").write_bytes(b"half")
    else:
        path.write_bytes(b"half")
    for made in (path, *path.rglob("*")):
        os.utime(made, (time.time() - age,) * 2)
    return path


KILLED_IN_A_FOLDER = """
import os, signal, sys
from pathlib import Path
from lib_train.files import scratch, written
with (scratch if sys.argv[2:] else written)(Path(sys.argv[1])) as partial:
    partial.mkdir()
    (partial / "a.png").write_bytes(b"half")
    os.kill(os.getpid(), signal.SIGKILL)
"""


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no SIGKILL")
def test_what_a_killed_process_left_is_cleared_by_a_sweep_and_by_the_next_who_writes_there(tmp_path, monkeypatch):
    folder = tmp_path / "p" / "versions" / "v1"
    folder.mkdir(parents=True)
    (folder / "mine.png").write_bytes(b"mine")
    for clear in (lambda: sweep(tmp_path), lambda: write_whole(folder / "b", b"")):
        subprocess.run([sys.executable, "-c", KILLED_IN_A_FOLDER, str(folder / "a")], check=False)
        assert [path.name for path in folder.glob(".*.partial")] != []
        clear()
        assert list(folder.glob(".*")) == []
        monkeypatch.setattr(files, "_swept", set())
    assert sorted(path.name for path in folder.iterdir()) == ["b", "mine.png"]


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no SIGKILL")
def test_scratch_folder_of_a_killed_process_is_cleared_by_the_next_who_asks_for_one(tmp_path):
    subprocess.run([sys.executable, "-c", KILLED_IN_A_FOLDER, str(tmp_path), "scratch"], check=False)
    (killed,) = tmp_path.iterdir()
    with scratch(tmp_path) as folder:
        assert (folder.parent, folder.exists(), killed.exists()) == (tmp_path, False, False)
        folder.mkdir()
        (folder / "a.png").write_bytes(b"half")
    assert list(tmp_path.iterdir()) == []


def test_sweep_leaves_what_living_processes_write(tmp_path, dead):
    pid = os.getpid()
    mine = left(tmp_path, pid, started(pid), age=1e6)
    unknown_start = left(tmp_path, os.getppid(), 0)
    reused = left(tmp_path, pid, started(pid) + 1)
    gone, gone_folder = left(tmp_path, dead), left(tmp_path, dead, 7, is_folder=True)
    sweep(tmp_path)
    assert (mine.exists(), unknown_start.exists()) == (True, True)
    assert (reused.exists(), gone.exists(), gone_folder.exists()) == (not started(pid), False, False)


def test_sweep_gives_processes_of_other_machines_a_day_since_they_last_wrote(tmp_path, dead):
    day = 24 * 3600
    young = left(tmp_path, dead, on="00000000", age=day - 600)
    old = left(tmp_path, dead, 1, on="00000000", age=day + 600)
    growing = left(tmp_path, dead, 2, on="00000000", age=day + 600, is_folder=True)
    os.utime(growing / "inside" / "a.png")
    sweep(tmp_path)
    assert (young.exists(), old.exists(), growing.exists()) == (True, False, True)


@pytest.mark.parametrize(
    "name",
    [".a.json.77-1234.partial", f".{'0123abcd' * 4}.partial", f".a.{'0123abcd' * 4}.partial", ".v2.99.partial",
     ".a-v1-r001.safetensors.partial", ".step-00000009.partial"],
)  # fmt: skip
def test_sweep_clears_what_earlier_versions_left_after_a_day(tmp_path, name):
    for path, age in ((tmp_path / name, 25), (tmp_path / "young" / name, 23)):
        path.parent.mkdir(exist_ok=True)
        path.write_bytes(b"half")
        os.utime(path, (time.time() - age * 3600,) * 2)
    sweep(tmp_path)
    assert [path.parent.name for path in tmp_path.rglob(".*.partial")] == ["young"]


def test_sweep_touches_no_file_of_a_person_follows_no_link_and_looks_in_no_trash(tmp_path, dead):
    root = tmp_path / "root"
    mine = [root / name for name in ("a.partial", ".download.partial", "b.png", ".c.png.partial.txt")]
    (root / ".trash").mkdir(parents=True)
    for path in mine:
        path.write_bytes(b"mine")
        os.utime(path, (1, 1))
    outside = left(tmp_path, dead)
    (root / "out").symlink_to(tmp_path)
    mine += [outside, left(root / ".trash", dead)]
    (root / LEFT.format(machine=machine(), pid=dead, start=3)).symlink_to(tmp_path)
    sweep(root)
    sweep(tmp_path / "missing")
    assert [path for path in mine if not path.exists()] == []
    assert not list(root.glob(".*.3.*.partial"))


def test_sweep_of_many_files_is_quick_and_ends(tmp_path, dead, monkeypatch):
    for place in range(2000):
        (tmp_path / f"{place}.png").touch()
    began = time.process_time()
    sweep(tmp_path)
    assert time.process_time() - began < 0.1
    monkeypatch.setattr(files, "_LONGEST_SWEEP_SECONDS", -1.0)
    there = left(tmp_path, dead)
    sweep(tmp_path)
    assert there.exists()
