import shutil
from collections import namedtuple

import pytest

from lib_train.app.session import Session
from lib_train.errors import FileError
from lib_train.files import free_bytes
from lib_train.host.standalone.host import StandaloneHost
from lib_train.jobs.space import require_space, space_problems

Usage = namedtuple("Usage", "free")


@pytest.fixture
def full(monkeypatch):
    """A disk with 3 MiB left."""
    usage = shutil.disk_usage

    def fake(folder):
        usage(folder)  # which raises where there is no such folder
        return Usage(3 * 2**20)

    monkeypatch.setattr(shutil, "disk_usage", fake)


def test_room_is_that_of_the_folder_that_will_be_made(full, tmp_path):
    folder = tmp_path / "not" / "yet"
    assert free_bytes(folder) == 3 * 2**20
    assert space_problems(folder, 3 * 2**20) == []
    (problem,) = space_problems(folder, 5 * 2**20)
    assert (problem.setting, problem.value) == ("disk", str(folder))
    assert problem.remedy.startswith("5 MiB are needed and 3 MiB free; make room")
    with pytest.raises(FileError, match="5 MiB are needed and 3 MiB free"):
        require_space(folder, 5 * 2**20)


def test_room_that_nobody_tells_is_no_problem(monkeypatch, tmp_path):
    monkeypatch.setattr(shutil, "disk_usage", lambda folder: (_ for _ in ()).throw(PermissionError(13, "no")))
    assert space_problems(tmp_path, 2**60) == []


def test_too_little_room_stands_in_the_plan(full, tmp_path, pictures, checkpoints):
    session = Session(StandaloneHost(device="cpu"), tmp_path / "out")
    settings = {
        "base_model": str(checkpoints["sd1"]), "train_data_dir": [str(pictures)], "resolution": "64",
        "network_dim": "2", "max_train_steps": "4000", "save_every_n_steps": "1",
    }  # fmt: skip
    plan = session.plan_as_json("p", "v1", settings)
    assert plan["disk_free_bytes"] == 3 * 2**20 < plan["disk_bytes"]
    (problem,) = [one for one in plan["problems"] if one["setting"] == "disk"]
    assert f"{plan['disk_bytes'] / 2**20:.0f} MiB are needed and 3 MiB free" in problem["remedy"]
    assert "needed and 3 MiB free" in plan["text"]
