import threading
import time

import pytest

from lib_train.app import imports
from lib_train.errors import ConfigError, HostBusyError, ProjectError
from lib_train.pictures.imports import take_in


@pytest.fixture
def filled(session, tmp_path):
    """A project, and a folder of pictures beside the root."""
    session.projects.create("p")
    (tmp_path / "pics" / "5_cat").mkdir(parents=True)
    for number in range(3):
        (tmp_path / "pics" / "5_cat" / f"{number}.png").write_bytes(b"%d" % number)
    return session.imports


def ended(made, number):
    for _ in range(500):
        if (found := made.one("p", "v1", number))["ended"]:
            return found
        time.sleep(0.01)
    raise AssertionError("the import does not end")


def test_folder_of_this_machine_is_copied_in_the_background(filled, session, tmp_path):
    started = filled.start("p", "v1", str(tmp_path / "pics"), "subject", 10)
    found = ended(filled, started["number"])
    assert (found["done"], found["total"], found["error"], found["taken"]["kept"]) == (3, 3, None, 3)
    place = session.root / "p/versions/v1/dataset/train/5_cat"
    assert sorted(path.name for path in place.iterdir()) == ["0.png", "1.png", "2.png"]
    assert sorted(path.name for path in (tmp_path / "pics/5_cat").iterdir()) == ["0.png", "1.png", "2.png"]
    assert [one["number"] for one in filled.listed("p", "v1")] == [started["number"]]
    assert not list((session.root / "p/versions/v1/dataset").glob(".lock*"))


def test_cancelled_import_leaves_nothing_and_its_version_is_kept_until_then(filled, session, tmp_path, monkeypatch):
    reached, go = threading.Event(), threading.Event()

    def slow(*given, go_on, **wishes):
        def waits(done, total):
            if done == 1:
                reached.set()
                go.wait(10)
            return go_on(done, total)

        return take_in(*given, go_on=waits, **wishes)

    monkeypatch.setattr(imports, "take_in", slow)
    number = filled.start("p", "v1", str(tmp_path / "pics"), "subject", 10)["number"]
    assert reached.wait(10)
    with pytest.raises(HostBusyError, match="dataset is in use by this process"):
        session.projects.delete_version("p", "v1")
    filled.cancel("p", "v1", number)
    go.set()
    found = ended(filled, number)
    assert (found["taken"]["cancelled"], found["taken"]["kept"]) == (True, 0)
    assert list((session.root / "p/versions/v1/dataset").iterdir()) == []
    assert filled.cancel("p", "v1", number)["taken"]["cancelled"]


def test_error_of_an_import_is_kept_for_whoever_asks(filled, tmp_path, monkeypatch):
    monkeypatch.setattr(imports, "gathered", lambda given: 1 / 0)
    found = ended(filled, filled.start("p", "v1", str(tmp_path / "pics"), "subject", 10)["number"])
    assert found["error"]["code"] == "fault"
    assert "ZeroDivisionError" in found["error"]["message"]


@pytest.mark.parametrize("path", ["", " ", "nowhere", "a\0b", "x" * 5000, "\ud800"])
def test_path_that_is_none_is_named(filled, path):
    with pytest.raises(ConfigError, match="there is no such folder or file; check the path"):
        filled.start("p", "v1", path, "subject", 10)


def test_path_outside_is_refused_where_nobody_may_choose_folders(filled, session, tmp_path, monkeypatch):
    monkeypatch.setattr(type(session.host), "folders_may_be_chosen", lambda host: False)
    with pytest.raises(ConfigError, match="folders cannot be chosen here"):
        filled.start("p", "v1", str(tmp_path / "pics"), "subject", 10)
    (session.root / "link").symlink_to(tmp_path / "pics")
    with pytest.raises(ConfigError, match="folders cannot be chosen here"):
        filled.start("p", "v1", str(session.root / "link"), "subject", 10)
    assert filled.start("p", "v1", str(session.root / "p"), "subject", 10)["number"]


def test_import_of_another_version_or_number_is_none(filled, session, tmp_path):
    number = filled.start("p", "v1", str(tmp_path / "pics"), "subject", 10)["number"]
    session.projects.create_version("p", "v2")
    for version, asked in (("v2", number), ("v1", number + 1)):
        with pytest.raises(ProjectError, match="there is none; ask for the list of imports"):
            filled.one("p", version, asked)
    ended(filled, number)


def test_only_the_last_imports_are_remembered(filled, tmp_path, monkeypatch):
    monkeypatch.setattr(imports, "_REMEMBERED", 2)
    for _ in range(4):
        last = filled.start("p", "v1", str(tmp_path / "pics"), "subject", 10)["number"]
        ended(filled, last)
    assert [one["number"] for one in filled.listed("p", "v1")] == [last, last - 1, last - 2]
