import ast
import errno
import os
import subprocess
import sys
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
from lib_train.files import sync_all, write_whole, written
from lib_train.pictures import sidecars
from lib_train.previews.grid import save_png
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
def disk_calls(monkeypatch):
    """Calls that bring something to the disk or give it its name, in order."""
    calls, sync, replace = [], os.fsync, os.replace

    def spied(handle):
        calls.append(("sync", os.readlink(f"/proc/self/fd/{handle}")))
        sync(handle)

    def named(source, target):
        calls.append(("name", str(source), str(target)))  # type: ignore[arg-type]
        replace(source, target)

    monkeypatch.setattr(os, "fsync", spied)
    monkeypatch.setattr(os, "replace", named)
    return calls


on_linux = pytest.mark.skipif(not sys.platform.startswith("linux"), reason="asks /proc which file is meant")


@on_linux
@pytest.mark.parametrize("name", [name for name in WRITERS if name != "cache"])
def test_file_is_on_the_disk_before_it_has_its_name_and_its_folder_after(tmp_path, disk_calls, name):
    WRITERS[name](tmp_path / "a")
    (first, partial), (then, source, target), (last, folder) = disk_calls
    assert (first, then, last) == ("sync", "name", "sync")
    assert partial == source
    assert (target, folder) == (str(tmp_path / "a"), str(tmp_path))


@on_linux
def test_cache_waits_for_no_disk(tmp_path, disk_calls):
    WRITERS["cache"](tmp_path / "a")
    assert [what for what, *_ in disk_calls] == ["name"]


@on_linux
def test_state_is_on_the_disk_with_its_files_and_folders_before_it_has_its_name(tmp_path, disk_calls):
    write_state(tmp_path, 3, {"a": torch.ones(3)}, {"step": 3})
    partial = disk_calls[-2][1]
    assert sorted(disk_calls[:2]) == [("sync", f"{partial}/{name}") for name in ("state.json", "tensors.safetensors")]
    assert disk_calls[2:] == [
        ("sync", partial),
        ("name", partial, f"{tmp_path}/step-00000003"),
        ("sync", str(tmp_path)),
    ]


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


def test_many_files_are_brought_to_the_disk_and_those_that_are_gone_left_out(tmp_path, monkeypatch):
    synced, real = [], os.fsync
    monkeypatch.setattr(os, "fsync", lambda handle: (synced.append(os.fstat(handle).st_ino), real(handle)))
    files = [tmp_path / name for name in ("a.txt", "b.txt", "gone.txt")]
    for file in files[:2]:
        file.write_bytes(b"x")
    sync_all([*files, tmp_path / "no folder" / "c.txt"])
    assert sorted(synced) == sorted(path.stat().st_ino for path in (*files[:2], tmp_path))


def test_folder_that_comes_just_before_the_name_is_there_already(tmp_path, monkeypatch):
    there = tmp_path / "there"
    there.mkdir()
    (there / "file").touch()
    monkeypatch.setattr(os.path, "lexists", lambda path: False)
    with pytest.raises(FileExistsError), written(there, replace=False) as partial:
        partial.mkdir()
    assert [path.name for path in tmp_path.iterdir()] == ["there"]
