import hashlib
import json
import os
import shutil
from pathlib import Path

import pytest
import torch

from lib_train.checkpoints.resume import latest_state, read_state, write_state
from lib_train.errors import FileError
from lib_train.processes import machine


def keep(folder, step):
    return write_state(folder, step, {"a": torch.full((3,), float(step))}, {"step": step, "x": 0.1 + 0.2})


def test_state_reads_back_exactly_and_the_newest_two_are_kept(tmp_path):
    for step in (1, 5, 30):
        keep(tmp_path, step)
    assert [p.name for p in sorted(tmp_path.iterdir())] == ["step-00000005", "step-00000030"]
    tensors, facts = read_state(latest_state(tmp_path))  # type: ignore[arg-type]
    assert tensors["a"].tolist() == [30, 30, 30]
    assert facts == {"step": 30, "x": 0.1 + 0.2}


@pytest.mark.parametrize("file", ["tensors.safetensors", "state.json"])
def test_damaged_state_is_passed_over_for_the_one_before(tmp_path, file):
    keep(tmp_path, 5)
    newest = keep(tmp_path, 30)
    (newest / file).write_bytes((newest / file).read_bytes()[:-2])
    assert latest_state(tmp_path) == tmp_path / "step-00000005"
    with pytest.raises(FileError, match=r"step-00000030: the state is damaged .*resume from the one before"):
        read_state(newest)
    assert keep(tmp_path, 30) == newest
    assert latest_state(tmp_path) == newest


@pytest.mark.parametrize(("old", "new"), [('"step": 30', '"step": 31'), ("0.3000", "0.3001")])
def test_number_that_changed_on_the_disk_is_noticed(tmp_path, old, new):
    newest = keep(tmp_path, 30)
    text = (newest / "state.json").read_text()
    (newest / "state.json").write_text(text.replace(old, new))
    assert old in text
    with pytest.raises(FileError, match="its checksum differs"):
        read_state(newest)


def test_whole_state_is_not_written_again_and_folders_are_made(tmp_path):
    folder = tmp_path / "new" / "state"
    (keep(folder, 3) / "mark").touch()
    assert (keep(folder, 3) / "mark").exists()


def test_older_state_that_cannot_be_removed_does_not_end_the_run(tmp_path, monkeypatch):
    keep(tmp_path, 1)
    keep(tmp_path, 5)

    def refused(*args, **more):
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(os, "rmdir", refused)
    assert keep(tmp_path, 9) == latest_state(tmp_path)


def test_checksum_is_of_the_tensors_and_of_the_facts_sorted_by_name(tmp_path):
    """So that states of earlier versions, and those whose facts another program wrote anew, stay readable."""
    facts = {"b": {"d": 1, "c": 2}, "a": 3}
    state = write_state(tmp_path, 1, {"a": torch.zeros(1)}, facts)
    state_json = json.loads((state / "state.json").read_text())
    content = (state / "tensors.safetensors").read_bytes()
    assert state_json["sha256"] == hashlib.sha256(content + b'{"a": 3, "b": {"c": 2, "d": 1}}').hexdigest()


def test_facts_come_back_as_json_whatever_their_keys_were(tmp_path):
    facts = {2: (1, 2), 10: float("nan"), "deep": {"b": None, "a": [1e-300, 2**70]}}
    state = write_state(tmp_path, 1, {"a": torch.zeros(1)}, facts)  # type: ignore[arg-type]
    assert repr(read_state(state)[1]) == repr(json.loads(json.dumps(facts)))


def test_damaged_state_of_a_later_step_does_not_push_out_a_whole_one(tmp_path):
    for step in (5, 9, 30):
        keep(tmp_path, step)
    (tmp_path / "step-00000030" / "state.json").unlink()
    keep(tmp_path, 12)
    assert [p.name for p in sorted(tmp_path.iterdir())] == ["step-00000009", "step-00000012"]


def test_what_a_killed_process_left_is_cleared_away(tmp_path):
    (tmp_path / f".{machine()}.{2**22 + 1}.0.0123abcd.partial").mkdir()  # no process has this number
    keep(tmp_path, 12)
    assert [p.name for p in tmp_path.iterdir()] == ["step-00000012"]


def test_state_holds_no_pickle(tmp_path):
    files = {path.name: path.read_bytes() for path in keep(tmp_path, 1).iterdir()}
    assert set(files) == {"tensors.safetensors", "state.json"}
    assert json.loads(files["state.json"])["schema"] == 1


def test_state_that_was_being_written_does_not_count(tmp_path):
    keep(tmp_path, 5)
    (tmp_path / ".step-00000009.partial").mkdir()
    assert latest_state(tmp_path) == tmp_path / "step-00000005"
    assert latest_state(tmp_path / "nothing") is None


def test_full_disk_leaves_the_state_before(tmp_path, monkeypatch):
    keep(tmp_path, 5)

    def full(handle):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(FileError, match=r"step-00000009: the disk is full"):
        keep(tmp_path, 9)
    assert [p.name for p in tmp_path.iterdir()] == ["step-00000005"]


@pytest.mark.skipif(os.name == "nt", reason="folders cannot be synced there")
def test_state_is_on_the_disk_before_it_has_its_name_and_its_name_before_older_ones_go(tmp_path, monkeypatch):
    """A machine that loses power at any moment keeps a whole state."""
    keep(tmp_path, 1)
    keep(tmp_path, 5)
    calls, sync, replace, remove = [], os.fsync, os.replace, shutil.rmtree
    names = {tmp_path.stat().st_ino: "parent"}

    def synced(handle):
        calls.append(names.get(os.fstat(handle).st_ino) or os.fstat(handle).st_ino)
        sync(handle)

    def named(source, target):
        if Path(target).name == "step-00000009":
            inside = {path.name: path.stat().st_ino for path in (Path(source), *Path(source).iterdir())}
            assert {calls.count(inode) for inode in inside.values()} == {1}, inside
            assert len(inside) == 3
            calls.append("named")
        replace(source, target)

    def removed(path, **more):
        if Path(path).name == "step-00000001":
            calls.append("older removed")
        remove(path, **more)

    monkeypatch.setattr(os, "fsync", synced)
    monkeypatch.setattr(os, "replace", named)
    monkeypatch.setattr(shutil, "rmtree", removed)
    keep(tmp_path, 9)
    assert [what for what in calls if isinstance(what, str)] == ["named", "parent", "older removed"]
