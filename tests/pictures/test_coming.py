import io
import sys
from functools import partial
from itertools import count

import pytest

from lib_train.errors import FileError
from lib_train.pictures.arrivals import Ground
from lib_train.pictures.changes import digest_of
from lib_train.pictures.imports import take_in
from lib_train.pictures.journal import Change, Journal
from lib_train.pictures.places import Places
from lib_train.pictures.sources import sent
from tests.killed import killed_at
from tests.pictures.trees import content_below


def came(coming, *paths, before=()):
    """Notes files, writes them, and says so."""
    for path in paths:
        coming.add({path: digest_of(path.name.encode())})
        path.parent.mkdir(exist_ok=True)
        path.write_bytes(path.name.encode())
    return coming.end([*before, *paths])


def test_files_join_the_last_edit_alone_while_it_stands(tmp_path, folder, edits):
    def note(name, number):
        return came(edits.coming(lambda count: f"{count} files", number), folder / name)

    first = note("n1", 0)
    assert note("n2", first) == first
    fresh = Journal(Places.of_version(tmp_path))
    assert [(one.number, one.label, one.counts) for one in fresh.edits()] == [(first, "2 files", {"made": 2})]
    assert fresh.undo().files == 2
    assert note("n3", first) == first + 1
    assert fresh.undo().files == 1
    assert fresh.redo().files == 1
    assert [name for name in ("n1", "n2", "n3") if (folder / name).exists()] == ["n3"]


def test_folder_that_an_undo_empties_goes_and_comes_back(tmp_path, folder, edits):
    new = tmp_path / "dataset" / "train" / "1_new"
    came(edits.coming(str), new / "a.png")
    edits.undo()
    assert not new.exists()
    edits.redo()
    assert (new / "a.png").read_bytes() == b"a.png"


def test_edit_of_another_window_meanwhile_does_not_part_them(tmp_path, folder, edits):
    coming = edits.coming(str)
    came(coming, folder / "n1")
    Journal(Places.of_version(tmp_path)).apply("other", [Change(folder / "x.txt", None, b"x")])
    assert (came(coming, folder / "n2", before=[folder / "n1"]), len(edits.edits())) == (1, 2)
    assert edits.undo(1).files == 2


def test_files_that_come_after_somebody_took_the_edit_back_are_a_new_one(folder, edits):
    coming = edits.coming(str)
    came(coming, folder / "n1")
    edits.undo()
    assert came(coming, folder / "n2") == 2
    assert [(edit.number, edit.undone, edit.counts) for edit in edits.edits()] == [
        (2, False, {"made": 1}), (1, True, {"made": 1}),
    ]  # fmt: skip
    edits.undo(2)
    assert coming.end([]) == 0


def test_file_that_did_not_come_is_no_part_of_the_edit_and_an_edit_of_none_is_forgotten(folder, edits):
    first = came(edits.coming(str), folder / "n1")
    coming = edits.coming(str, first)
    coming.add({folder / "n2": "00", folder / "n3": digest_of(b"n3")})
    (folder / "n3").write_bytes(b"n3")
    assert coming.end([folder / "n3"]) == first
    other = edits.coming(str)
    other.add({folder / "n4": "00"})
    assert other.end([]) == 0
    (edit,) = edits.edits()
    assert (edit.label, edit.counts) == ("2", {"made": 2})
    assert (edits.undo().files, edits.redo().left) == (2, ())


def test_file_outside_of_the_folders_is_refused_before_it_is_noted(tmp_path, edits):
    with pytest.raises(FileError, match="outside of the picture folders"):
        edits.coming(str).add({tmp_path.parent / "a.png": "00"})
    assert edits.edits() == []


FILES = {"a.png": b"picture a", "a.txt": b"caption a", "b.png": b"picture b", "2_x/c.png": b"picture c"}
CAME = {"train/10_cat/a.png", "train/10_cat/a.txt", "train/10_cat/b.png", "train/2_x/c.png"}


@pytest.mark.skipif(sys.platform == "win32", reason="Windows cannot fork")
@pytest.mark.parametrize("call", ["link", "fsync"])
def test_undo_finds_all_of_an_import_that_was_killed_and_the_same_import_completes_it(tmp_path, call):
    for calls in count():
        root, other = tmp_path / f"undo{calls}", tmp_path / f"again{calls}"
        was_killed = killed_at(call, calls, partial(taken, root))
        assert killed_at(call, calls, partial(taken, other)) == was_killed
        came = shown(root)
        assert set(came.values()) <= set(FILES.values())
        if edits := Journal(Places.of_version(root)).edits():
            assert not came or not edits[0].half
            assert Journal(Places.of_version(root)).undo().left == ()
        assert shown(root) == {}
        taken(other)
        assert set(shown(other)) == CAME
        if not was_killed:
            break
    assert calls > 4


def taken(root):
    ground = Ground(root / "train", root / "reg", Places.of_version(root))
    streams = [sent(name, io.BytesIO(content)) for name, content in FILES.items()]
    return take_in(ground, "10_cat", streams, coming=Journal(ground.places).coming(str))


def shown(root):
    """Without what a killed process left under hidden names, which is swept."""
    return {name: content for name, content in content_below(root).items() if not name.endswith(".partial")}
