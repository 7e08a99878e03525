import pytest

from lib_train.pictures.journal import Journal
from lib_train.pictures.places import Places
from tests.pictures.trees import made_tree


@pytest.fixture
def folder(tmp_path):
    return made_tree(tmp_path)


@pytest.fixture
def edits(tmp_path, folder):
    return Journal(Places.of_version(tmp_path))


def test_noted_files_join_the_last_edit_alone_while_it_stands(tmp_path, folder, edits):
    def note(name, number):
        (folder / name).write_bytes(name.encode())
        return edits.note(lambda count: f"{count} files", [folder / name], number)

    first = note("n1", 0)
    joined = note("n2", first.number)
    assert (joined.number, joined.label, joined.counts) == (first.number, "2 files", {"made": 2})
    fresh = Journal(Places.of_version(tmp_path))
    assert fresh.undo().files == 2
    assert note("n3", first.number).number == first.number + 1
    assert fresh.undo().files == 1
    assert fresh.redo().files == 1
    assert [name for name in ("n1", "n2", "n3") if (folder / name).exists()] == ["n3"]


def test_folder_that_an_undo_empties_goes_and_comes_back(tmp_path, folder, edits):
    new = tmp_path / "dataset" / "train" / "1_new"
    new.mkdir()
    (new / "a.png").write_bytes(b"a")
    edits.note(str, [new / "a.png"])
    edits.undo()
    assert not new.exists()
    edits.redo()
    assert (new / "a.png").read_bytes() == b"a"
