import ast
import errno
import os
import subprocess
import sys
import time
from pathlib import Path

import numpy
import pytest
import torch
from PIL import Image

from lib_train import files
from lib_train.checkpoints.files import write_network
from lib_train.checkpoints.resume import write_state
from lib_train.dataset import kept
from lib_train.errors import TrainToolsError
from lib_train.files import sweep, write_whole, written
from lib_train.pictures import sidecars
from lib_train.previews.grid import save_png
from lib_train.processes import machine, started
from lib_train.store.json_files import write_json, write_lines

NOISE = numpy.random.default_rng(0).integers(0, 255, (64, 64, 3), "uint8")
WRITERS = {
    "bytes": lambda path: write_whole(path, b"n" * 9000),
    "json": lambda path: write_json(path, {"n": "n" * 9000}),
    "log": lambda path: write_lines(path, [{"n": "n" * 9000}]),
    "caption": lambda path: sidecars.write_whole(path, "n" * 9000),
    "network": lambda path: write_network(path, {"a": torch.ones(9000)}, {}, replace=True),
    "cache": lambda path: kept.write_tensors(path, {"a": torch.ones(9000)}),
    "picture": lambda path: save_png(Image.fromarray(NOISE), {}, path),
}
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


def full(*args):
    raise OSError(errno.ENOSPC, "No space left on device")


@pytest.mark.parametrize("write", WRITERS.values(), ids=WRITERS.keys())
@pytest.mark.parametrize("moment", ["fsync", "replace"])
def test_nothing_appears_on_a_full_disk_and_the_old_file_stays(tmp_path, monkeypatch, write, moment, request):
    if moment == "fsync" and "cache" in request.node.name:
        pytest.skip("a cache needs not be on the disk")
    path = tmp_path / "a.bin"
    path.write_bytes(b"old")
    monkeypatch.setattr(os, moment, full)
    with pytest.raises((OSError, TrainToolsError), match=r"(?i)No space left|disk is full"):
        write(path)
    assert [(found.name, found.read_bytes()) for found in tmp_path.iterdir()] == [("a.bin", b"old")]


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no such limit")
@pytest.mark.parametrize("write", WRITERS.values(), ids=WRITERS.keys())
def test_nothing_appears_when_the_system_takes_no_more_in_the_middle(tmp_path, write):
    import resource

    path, limit = tmp_path / "a.bin", resource.getrlimit(resource.RLIMIT_FSIZE)
    path.write_bytes(b"old")
    resource.setrlimit(resource.RLIMIT_FSIZE, (5000, limit[1]))
    try:
        with pytest.raises((OSError, TrainToolsError)):
            write(path)
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, limit)
    assert [(found.name, found.read_bytes()) for found in tmp_path.iterdir()] == [("a.bin", b"old")]
    write(path)  # and again, when there is room
    assert path.read_bytes() != b"old"


@pytest.mark.parametrize("error", [KeyboardInterrupt, SystemExit, MemoryError, GeneratorExit])
def test_nothing_is_left_after_an_error_of_whatever_kind(tmp_path, error):
    for make in (Path.touch, Path.mkdir):
        with pytest.raises(error), written(tmp_path / "a") as partial:
            make(partial)
            raise error
    assert list(tmp_path.iterdir()) == []


@pytest.fixture
def told(monkeypatch):
    """What is brought to the disk and what gets its name, in order."""
    seen, sync, replace = [], os.fsync, os.replace

    def spied(handle):
        seen.append(("sync", os.readlink(f"/proc/self/fd/{handle}")))
        sync(handle)

    def named(source, target):
        seen.append(("name", str(source), str(target)))  # type: ignore[arg-type]
        replace(source, target)

    monkeypatch.setattr(os, "fsync", spied)
    monkeypatch.setattr(os, "replace", named)
    return seen


on_linux = pytest.mark.skipif(not sys.platform.startswith("linux"), reason="asks /proc which file is meant")


@on_linux
@pytest.mark.parametrize("name", [name for name in WRITERS if name != "cache"])
def test_file_is_on_the_disk_before_it_has_its_name_and_its_folder_after(tmp_path, told, name):
    WRITERS[name](tmp_path / "a")
    (first, partial), (then, source, target), (last, folder) = told
    assert (first, then, last) == ("sync", "name", "sync")
    assert partial == source
    assert (target, folder) == (str(tmp_path / "a"), str(tmp_path))


@on_linux
def test_cache_waits_for_no_disk(tmp_path, told):
    WRITERS["cache"](tmp_path / "a")
    assert [what for what, *_ in told] == ["name"]


@on_linux
def test_state_is_on_the_disk_with_its_files_and_folders_before_it_has_its_name(tmp_path, told):
    write_state(tmp_path, 3, {"a": torch.ones(3)}, {"step": 3})
    partial = told[-2][1]
    assert sorted(told[:2]) == [("sync", f"{partial}/{name}") for name in ("state.json", "tensors.safetensors")]
    assert told[2:] == [("sync", partial), ("name", partial, f"{tmp_path}/step-00000003"), ("sync", str(tmp_path))]


def test_name_that_is_taken_is_left_alone_when_nothing_may_be_replaced(tmp_path):
    (tmp_path / "a").write_bytes(b"mine")
    (tmp_path / "link").symlink_to(tmp_path / "elsewhere")
    (tmp_path / "folder").mkdir()
    for name in ("a", "link", "folder"):
        with pytest.raises(FileExistsError):
            write_whole(tmp_path / name, b"new", replace=False)
    with pytest.raises(FileExistsError), written(tmp_path / "folder", replace=False) as partial:
        partial.mkdir()
    assert (tmp_path / "a").read_bytes() == b"mine"
    assert sorted(path.name for path in tmp_path.iterdir()) == ["a", "folder", "link"]
    write_whole(tmp_path / "b", b"new", replace=False)
    assert ((tmp_path / "b").read_bytes(), (tmp_path / "b").stat().st_nlink) == (b"new", 1)


@pytest.mark.parametrize("number", [errno.EPERM, errno.ENOTSUP, errno.ENOSYS])
def test_file_system_without_hard_links_keeps_what_has_the_name(tmp_path, monkeypatch, number):
    def refuse(*args):
        raise OSError(number, "no links here")

    monkeypatch.setattr(os, "link", refuse)
    (tmp_path / "a").write_bytes(b"mine")
    with pytest.raises(FileExistsError):
        write_whole(tmp_path / "a", b"new", replace=False)
    write_whole(tmp_path / "b", b"new", replace=False)
    assert {path.name: path.read_bytes() for path in tmp_path.iterdir()} == {"a": b"mine", "b": b"new"}
    monkeypatch.setattr(os, "replace", full)
    with pytest.raises(OSError, match="No space"):
        write_whole(tmp_path / "c", b"new", replace=False)
    assert not (tmp_path / "c").exists()


def test_longest_name_that_a_file_may_have_is_written(tmp_path):
    name = "n" * 251 + ".png"
    write_whole(tmp_path / name, b"x")
    assert (tmp_path / name).read_bytes() == b"x"


KILLED = """
import os, resource, signal, sys
from pathlib import Path
from lib_train import files

def die(*args):
    os.kill(os.getpid(), signal.SIGKILL)

def half_written():
    signal.signal(signal.SIGXFSZ, signal.SIG_DFL)
    resource.setrlimit(resource.RLIMIT_FSIZE, (40000, 40000))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))

moments = {
    "half written": half_written,
    "written": lambda: setattr(os, "fsync", die),
    "on the disk": lambda: setattr(os, "replace", die),
    "named": lambda: setattr(files, "sync_folder", die),
}
path = Path(sys.argv[1])
for moment, arm in moments.items():
    path.write_bytes(b"old")
    if os.fork() == 0:
        arm()
        files.write_whole(path, b"new" * 30000)
        os._exit(0)
    assert os.WIFSIGNALED(os.wait()[1])
    print(moment, path.read_bytes() in (b"old", b"new" * 30000), path.read_bytes()[:3].decode(), sep=": ")
files.write_whole(path, b"next")
print(path.read_bytes().decode(), *(other.name for other in path.parent.iterdir()))
"""


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no SIGKILL")
def test_process_killed_at_any_moment_leaves_the_old_file_or_the_new_one(tmp_path):
    words = [sys.executable, "-c", KILLED, str(tmp_path / "a.bin")]
    done = subprocess.run(words, capture_output=True, text=True, check=False)
    assert done.stdout.splitlines() == [
        "half written: True: old",
        "written: True: old",
        "on the disk: True: old",
        "named: True: new",
        "next a.bin",
    ], done.stderr


KILLED_IN_A_FOLDER = """
import os, signal, sys
from pathlib import Path
from lib_train.files import written
with written(Path(sys.argv[1])) as partial:
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


def test_no_other_module_puts_files_under_their_names():
    """Two tools of developers write samples and the README, and libraries get a folder that goes with the process."""
    apart = ("files.py", "demo/character.py", "config/table.py", "models/quiet.py")
    root, found = Path(files.__file__).parent, []
    for path in sorted(root.rglob("*.py")):
        if path.relative_to(root).as_posix() in apart:
            continue
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute):
                owner, call = ast.unparse(node.func.value), node.func.attr
                if (call in WRITES and "partial" not in owner) or (owner, call) in (("os", "replace"), ("os", "link")):
                    found.append(f"{path.relative_to(root).as_posix()}: {ast.unparse(node)}")
    assert found == []


WRITES = ("write_text", "write_bytes", "save_file")
