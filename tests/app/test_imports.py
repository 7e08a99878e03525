import io
import threading

import pytest
from PIL import Image

from lib_train.app import imports
from lib_train.errors import ConfigError, HostBusyError
from lib_train.pictures.imports import take_in
from tests.app.working import ended


def sample_png():
    out = io.BytesIO()
    Image.new("RGB", (8, 8), "red").save(out, "PNG")
    return out.getvalue()


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


def test_one_undo_takes_back_all_of_an_import_and_redo_brings_it_again(filled, tmp_path):
    place = filled.root / "p/versions/v1/dataset/train/5_cat"
    (tmp_path / "pics" / "5_cat" / "3.png").write_bytes(sample_png())
    (tmp_path / "pics" / "5_cat" / "3.txt").write_text("cat")
    result = ended(filled, begun(filled, tmp_path / "pics"))["result"]
    editing = filled.editing("p", "v1")
    (edit,) = editing.listed()
    assert (edit["number"], edit["label"], edit["counts"]) == (result["edit"], "imported files: 5", {"made": 5})
    before = {path.name: path.read_bytes() for path in place.iterdir()}
    assert (editing.undo()["files"], place.exists()) == (5, False)
    assert sorted(path.read_bytes() for path in (place.parents[1] / "undone").rglob("*.*")) == sorted(before.values())
    assert editing.redo()["files"] == 5
    assert {path.name: path.read_bytes() for path in place.iterdir()} == before


def test_import_that_brings_nothing_new_is_no_edit(filled, tmp_path):
    begun_at = [ended(filled, begun(filled, tmp_path / "pics"))["result"]["edit"] for _ in range(2)]
    assert begun_at == [1, 0]
    assert len(filled.editing("p", "v1").listed()) == 1


def test_import_that_cannot_be_noted_is_taken_back(filled, tmp_path):
    (filled.root / "p/versions/v1/edits.jsonl").mkdir()
    found = ended(filled, begun(filled, tmp_path / "pics"))
    assert "edits.jsonl: cannot be read" in found["error"]["message"]
    assert not list((filled.root / "p/versions/v1/dataset").rglob("*.png"))


def test_parts_of_an_upload_are_one_edit(filled):
    edit = 0
    for number in range(3):
        files = [(f"{number}.png", io.BytesIO(b"%d" % number))]
        edit = filled.upload("p", "v1", "subject", 10, files, edit=edit)["edit"]
    editing = filled.editing("p", "v1")
    assert [(one["number"], one["label"]) for one in editing.listed()] == [(1, "imported files: 3")]
    assert editing.undo()["files"] == 3
    assert filled.upload("p", "v1", "subject", 10, [("4.png", io.BytesIO(b"4"))], edit=edit)["edit"] == 2
    assert editing.undo()["files"] == 1
