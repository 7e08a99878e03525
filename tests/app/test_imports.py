import threading

import pytest

from lib_train.app import imports
from lib_train.errors import ConfigError, HostBusyError
from lib_train.pictures.imports import take_in
from tests.app.working import ended


@pytest.fixture
def filled(session, tmp_path):
    """A session with a project, and a folder of pictures beside the root."""
    session.projects.create("p")
    (tmp_path / "pics" / "5_cat").mkdir(parents=True)
    for number in range(3):
        (tmp_path / "pics" / "5_cat" / f"{number}.png").write_bytes(b"%d" % number)
    return session


def begun(session, path):
    return session.imports.start("p", "v1", str(path), "subject", 10)["number"]


def test_folder_of_this_machine_is_copied_in_the_background(filled, tmp_path):
    found = ended(filled, begun(filled, tmp_path / "pics"))
    assert (found["kind"], found["done"], found["total"], found["error"]) == ("import", 3, 3, None)
    assert found["result"]["kept"] == 3
    place = filled.root / "p/versions/v1/dataset/train/5_cat"
    assert sorted(path.name for path in place.iterdir()) == ["0.png", "1.png", "2.png"]
    assert sorted(path.name for path in (tmp_path / "pics/5_cat").iterdir()) == ["0.png", "1.png", "2.png"]
    assert not list((filled.root / "p/versions/v1/dataset").glob(".lock*"))


def test_cancelled_import_leaves_nothing_and_its_version_is_kept_until_then(filled, tmp_path, monkeypatch):
    reached, go = threading.Event(), threading.Event()

    def slow(*given, go_on, **wishes):
        def waits(done, total):
            if done == 1:
                reached.set()
                go.wait(10)
            return go_on(done, total)

        return take_in(*given, go_on=waits, **wishes)

    monkeypatch.setattr(imports, "take_in", slow)
    number = begun(filled, tmp_path / "pics")
    assert reached.wait(10)
    with pytest.raises(HostBusyError, match="dataset is in use by this process"):
        filled.projects.delete_version("p", "v1")
    filled.works.cancel("p", "v1", number)
    go.set()
    found = ended(filled, number)["result"]
    assert (found["cancelled"], found["kept"]) == (True, 0)
    assert list((filled.root / "p/versions/v1/dataset").iterdir()) == []


@pytest.mark.parametrize("path", ["", " ", "nowhere", "a\0b", "x" * 5000, "\ud800"])
def test_path_that_is_none_is_named(filled, path):
    with pytest.raises(ConfigError, match="there is no such folder or file; check the path"):
        begun(filled, path)


def test_path_outside_is_refused_where_nobody_may_choose_folders(filled, tmp_path, monkeypatch):
    monkeypatch.setattr(type(filled.host), "folders_may_be_chosen", lambda host: False)
    (filled.root / "link").symlink_to(tmp_path / "pics")
    for path in (tmp_path / "pics", filled.root / "link"):
        with pytest.raises(ConfigError, match="folders cannot be chosen here"):
            begun(filled, path)
    assert ended(filled, begun(filled, filled.root / "p"))["error"] is None
