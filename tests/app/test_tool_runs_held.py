"""Tools beside whatever else goes on: other windows, other processes, killed ones, versions that are renamed."""

import subprocess
import sys
import threading
from typing import Any

import pytest
from PIL import Image

from lib_train.app import lora_tools
from lib_train.app.session import Session
from lib_train.app.tool_runs import Wish
from lib_train.config.tools import ConvertConfig
from lib_train.errors import ConfigError, HostBusyError
from lib_train.files import written as being_written
from lib_train.processes import machine
from tests.app.working import ended
from tests.fakes import FakeHost
from tests.lora_tools.networks import lora, written


def lora_of(session, project, version="v1"):
    """A checkpoint of a version, by the name that tools know it by."""
    folder = session.versions.made(project, version).part("checkpoints")
    return session.lora_files.name_of(written(folder / "a.safetensors", lora()))


def begin(session, files, place="beside", project="p", name="b", tool="merge"):
    settings = {"rank": 2} if tool == "resize" else {}
    return session.tools.start(project, "v1", tool, Wish(files=files, settings=settings, place=place, name=name))


@pytest.fixture
def slow(monkeypatch):
    """Holds tools after their first step until ``set`` is called; ``wait`` waits for one that is there."""
    goes, may_end = threading.Event(), threading.Event()
    merge: Any = lora_tools.merge

    def held(*given, **more):
        go_on = more.pop("go_on")

        def later(done, total):
            goes.set()
            assert may_end.wait(60)
            return go_on(done, total)

        return merge(*given, go_on=later, **more)

    monkeypatch.setattr(lora_tools, "merge", held)
    yield goes, may_end
    may_end.set()


def test_no_version_that_a_tool_reads_or_writes_is_renamed_or_deleted_meanwhile(session, slow):
    goes, may_end = slow
    files = [lora_of(session, name) for name in ("p", "q", "鳥のプロジェクト")]
    lora_of(session, "free")
    work = begin(session, files[1:])  # for p, of files of others, beside one of q
    assert goes.wait(60)
    for project in ("p", "q", "鳥のプロジェクト"):
        for act in (session.projects.delete, lambda name: session.projects.rename(name, "other"),
                    lambda name: session.projects.delete_version(name, "v1")):  # fmt: skip
            with pytest.raises(HostBusyError, match="dataset is in use by this process"):
                act(project)
    assert session.projects.rename("free", "freed") == "freed"
    may_end.set()
    found = ended(session, work["number"])
    assert (found["error"], found["result"]["after"]["file"]) == (None, "q/versions/v1/checkpoints/b.safetensors")
    assert session.projects.rename("q", "other") == "other"


def test_second_window_is_told_where_the_first_ones_tool_works(session, slow):
    goes, may_end = slow
    file, other = lora_of(session, "p"), lora_of(session, "q")
    work = begin(session, [file])
    assert goes.wait(60)
    with pytest.raises(HostBusyError, match="another tool makes a file in p v1; wait until it is done, or cancel it"):
        begin(session, [other], project="q")
    (seen,) = session.works.listed("p", "v1")
    assert (seen["number"], seen["ended"]) == (work["number"], False)
    may_end.set()
    assert ended(session, work["number"])["error"] is None
    assert ended(session, begin(session, [other], project="q")["number"], "q")["error"] is None


def test_name_that_another_process_takes_meanwhile_is_told_and_its_file_stays(session, slow):
    goes, may_end = slow
    file = lora_of(session, "p")
    work = begin(session, [file])
    assert goes.wait(60)
    taken = session.lora_files.path(file).with_name("b.safetensors")
    taken.write_bytes(b"theirs")
    may_end.set()
    error = ended(session, work["number"])["error"]
    assert "b.safetensors: is there already and is not written over" in error["message"]
    assert taken.read_bytes() == b"theirs"
    assert {path.name for path in taken.parent.iterdir()} == {"a.safetensors", "b.safetensors"}


@pytest.mark.parametrize(
    "name", ["CON", "aux.x", "nul .y", "b\u202eb\0", "\ud800", "é" * 101, "..", ".b", "b/c", "b\\c", "C:b"]
)
def test_name_that_a_file_cannot_have_on_every_system_is_refused(session, name):
    file = lora_of(session, "p")
    with pytest.raises(ConfigError) as caught:
        begin(session, [file], name=name)
    assert [problem.setting for problem in caught.value.problems] == ["name"]


def test_name_is_taken_in_whatever_unicode_form_it_stands(session):
    file = lora_of(session, "p")
    written(session.lora_files.path(file).with_name("cafe\u0301.safetensors"), lora())
    with pytest.raises(ConfigError, match="there is a file of this name already"):
        begin(session, [file], name="caf\u00e9")


def test_file_whose_name_is_no_unicode_is_worked_on(session):
    file = lora_of(session, "p")
    path = session.lora_files.path(file)
    path.rename(path.with_name("no\udcffutf8.safetensors"))
    for number, tool in enumerate(("merge", "resize")):
        work = begin(session, [file.replace("a.safe", "no\udcffutf8.safe")], name=f"b{number}", tool=tool)
        assert ended(session, work["number"])["error"] is None


def test_what_killed_tools_left_in_the_hosts_folders_goes_at_the_next_start(tmp_path):
    with subprocess.Popen([sys.executable, "-c", ""]) as dead:
        dead.wait()
    model = tmp_path / "models" / "A.safetensors"
    for folder in (model.parent, tmp_path / "loras", tmp_path / "loras" / "mine"):
        folder.mkdir(parents=True)
    model.touch()
    left = [folder / f".{machine()}.{dead.pid}.0.0123abcd.partial"
            for folder in (model.parent, tmp_path / "loras", tmp_path / "loras" / "mine")]  # fmt: skip
    for path in left:
        path.write_bytes(b"half")
    with being_written(tmp_path / "loras" / "b.safetensors") as living:
        living.write_bytes(b"half")
        Session(FakeHost(model, loras=tmp_path / "loras"), tmp_path / "out")
        assert [path.exists() for path in (*left, living)] == [False, False, False, True]


def test_file_is_made_though_its_picture_cannot_be(tmp_path, monkeypatch):
    file = written(tmp_path / "a.safetensors", lora())
    Image.new("RGB", (64, 64), "red").save(tmp_path / "cover.png")

    def full(*given, **more):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(lora_tools, "write_whole", full)
    outcome = lora_tools.convert(file, tmp_path / "b.safetensors", ConvertConfig(), tmp_path / "cover.png")
    assert outcome is not None
    (note,) = outcome.notes
    assert "b.preview.png: cannot be written (No space left on device); make room" in note
    assert {path.name for path in tmp_path.iterdir()} == {"a.safetensors", "b.safetensors", "cover.png"}
