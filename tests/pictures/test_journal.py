import os
import shutil
import threading

import pytest

from lib_train.errors import FileError, HostBusyError
from lib_train.files import write_whole
from lib_train.locks import held
from lib_train.pictures import changes, journal
from lib_train.pictures.changes import Left, Link
from lib_train.pictures.journal import Change, Journal, Made, Move
from lib_train.pictures.places import Places
from lib_train.texts import Text, say
from tests.pictures.trees import content_below


def change(path, after):
    return Change(path, path.read_bytes() if path.exists() else None, after)


def test_captions_of_all_names_and_encodings_come_back_byte_for_byte(tmp_path, folder, edits):
    before = content_below(tmp_path)
    files = sorted(folder.glob("*.txt"))
    edit = edits.apply("all", [change(file, b"new") for file in files])
    assert edit.counts == {"changed": len(files)}
    assert {file.read_bytes() for file in files} == {b"new"}
    undone = Journal(Places.of_version(tmp_path)).undo()
    assert (undone.files, undone.left) == (len(files), ())
    assert content_below(tmp_path) == before


def test_edits_tell_label_counts_and_state_newest_first(folder, edits):
    edits.apply(say("removed {tag!r} from {count} captions", tag="solo", count=1), [change(folder / "a.txt", b"x")])
    edits.apply("second", [Move(folder / "a.png", folder / "z.png"), change(folder / "new.txt", b"y")])
    edits.undo()
    second, first = edits.edits()
    assert (second.number, second.undone, second.half, second.counts) == (2, True, False, {"moved": 1, "changed": 1})
    assert (first.number, first.undone, first.label) == (1, False, "removed 'solo' from 1 captions")
    assert isinstance(first.label, Text)
    assert first.label.values == {"tag": "'solo'", "count": "1"}


def test_caption_that_an_edit_made_is_gone_after_undo_and_back_after_redo(folder, edits):
    edits.apply("make", [change(folder / "new.txt", b"made")])
    edits.undo()
    assert not (folder / "new.txt").exists()
    edits.redo()
    assert (folder / "new.txt").read_bytes() == b"made"


def test_caption_that_somebody_else_wrote_meanwhile_is_left_and_named(folder, edits):
    file, other = folder / "a.txt", folder / "new.txt"
    seen = change(file, b"mine")
    file.write_bytes(b"theirs")
    edit = edits.apply("second writer", [seen, change(other, b"x")])
    assert edit.left == ("a.txt: was changed meanwhile",)
    assert (file.read_bytes(), other.read_bytes(), edit.counts) == (b"theirs", b"x", {"changed": 1})
    edits.undo()
    assert file.read_bytes() == b"theirs"


def test_edit_of_which_nothing_is_possible_is_not_kept(folder, edits):
    seen = change(folder / "a.txt", b"mine")
    (folder / "a.txt").write_bytes(b"theirs")
    edit = edits.apply("nothing", [seen])
    assert (edit.number, len(edit.left), edits.edits()) == (0, 1, [])


def test_caption_that_changed_between_look_and_write_is_left_also_by_undo(folder, edits, monkeypatch):
    file, real = folder / "a.txt", changes.ready

    def ready_then_changed(step):
        found = real(step)
        file.write_bytes(b"theirs")
        return found

    monkeypatch.setattr(journal, "ready", ready_then_changed)
    edit = edits.apply("late", [change(file, b"mine"), change(folder / "new.txt", b"x")])
    assert edit.left == ("a.txt: was changed meanwhile",)
    assert edit.counts == edits.edits()[0].counts == {"changed": 1}
    assert edits.undo().left == ()
    assert file.read_bytes() == b"theirs"


def test_undo_leaves_what_was_changed_since_and_goes_on_to_earlier_edits(folder, edits):
    first, second = folder / "a.txt", folder / "it's.txt"
    before = second.read_bytes()
    edits.apply("one", [change(second, b"1")])
    edits.apply("two", [change(first, b"2"), change(second, b"2")])
    first.write_bytes(b"by hand")
    undone = edits.undo()
    assert (undone.files, undone.left) == (1, ("a.txt: was changed meanwhile",))
    edits.undo()
    assert (first.read_bytes(), second.read_bytes()) == (b"by hand", before)


def test_older_edit_is_undone_by_its_number_as_far_as_later_ones_left_it(folder, edits):
    start = (folder / "a.txt").read_bytes()
    edits.apply("one", [change(folder / "a.txt", b"1")])
    edits.apply("two", [change(folder / "it's.txt", b"2")])
    assert edits.undo(1).files == 1
    assert ((folder / "a.txt").read_bytes(), (folder / "it's.txt").read_bytes()) == (start, b"2")
    with pytest.raises(FileError, match="there is no edit 1 to undo"):
        edits.undo(1)
    with pytest.raises(FileError, match="there is no edit 7 to undo"):
        edits.undo(7)


def test_nothing_to_undo_or_redo_is_said(folder, edits):
    with pytest.raises(FileError, match=r"edits\.jsonl: there is nothing to undo"):
        edits.undo()
    edits.apply("one", [change(folder / "a.txt", b"1")])
    edits.undo()
    edits.apply("other", [change(folder / "a.txt", b"2")])
    with pytest.raises(FileError, match="there is nothing to redo"):
        edits.redo()


def test_edit_of_which_nothing_succeeded_leaves_what_can_be_done_again(folder, edits, monkeypatch):
    edits.apply("one", [change(folder / "a.txt", b"1")])
    edits.undo()

    def refused(*facts):
        raise Left("is busy")

    with monkeypatch.context() as patched:
        patched.setattr(journal, "swap", refused)
        assert edits.apply("other", [change(folder / "a.txt", b"2")]).number == 0
    edits.redo()
    assert (folder / "a.txt").read_bytes() == b"1"


def test_moved_picture_comes_back_and_never_replaces_another(tmp_path, folder, edits):
    target = tmp_path / "dataset" / "left_out" / "10_mochi" / "a.png"
    edits.apply("out", [Move(folder / "a.png", target)])
    assert (target.read_bytes(), (folder / "a.png").exists()) == (b"picture a", False)
    (folder / "a.png").write_bytes(b"another")
    assert edits.undo().left == ("a.png: a.png is there already",)
    assert ((folder / "a.png").read_bytes(), target.read_bytes()) == (b"another", b"picture a")


def test_move_onto_a_file_that_is_there_is_refused(folder, edits):
    edit = edits.apply("over", [Move(folder / "a.png", folder / "it's.png")])
    assert edit.left == ("a.png: it's.png is there already",)
    assert (folder / "a.png").read_bytes() == b"picture a"


def test_picture_moves_between_disks(tmp_path, folder, edits, monkeypatch):
    real = os.rename

    def rename(source, target):
        if str(source).endswith("a.png"):
            raise OSError(18, "Invalid cross-device link")
        real(source, target)

    monkeypatch.setattr(os, "rename", rename)
    edits.apply("out", [Move(folder / "a.png", tmp_path / "dataset" / "left_out" / "z.png")])
    assert (tmp_path / "dataset" / "left_out" / "z.png").read_bytes() == b"picture a"
    assert not (folder / "a.png").exists()


def test_made_picture_is_put_aside_by_undo_and_comes_back(tmp_path, folder, edits):
    (folder / ".part").write_bytes(b"crop")
    edits.apply("crop", [Made(folder / "a-crop1.png", folder / ".part"), change(folder / "a-crop1.txt", b"x")])
    assert (folder / "a-crop1.png").read_bytes() == b"crop"
    edits.undo()
    assert not list(folder.glob("a-crop1*"))
    aside = list((tmp_path / "dataset" / "undone").rglob("*.png"))
    assert [file.read_bytes() for file in aside] == [b"crop"]
    edits.redo()
    assert (folder / "a-crop1.png").read_bytes() == b"crop"


def test_made_picture_that_somebody_painted_on_stays(folder, edits):
    (folder / "a-crop1.png").write_bytes(b"crop")
    edits.apply("crop", [Made(folder / "a-crop1.png")])
    (folder / "a-crop1.png").write_bytes(b"better")
    assert edits.undo().left == ("a-crop1.png: was changed meanwhile",)
    assert (folder / "a-crop1.png").read_bytes() == b"better"


def test_made_picture_replaces_none(folder, edits):
    (folder / ".part").write_bytes(b"crop")
    assert edits.apply("crop", [Made(folder / "a.png", folder / ".part")]).left == ("a.png: a.png is there already",)


def test_path_outside_of_the_pictures_is_refused_and_nothing_is_done(tmp_path, folder):
    inside = Journal(Places.of_version(tmp_path / "dataset"))
    outside = tmp_path / "other.txt"
    outside.write_bytes(b"mine")
    (folder / "way").symlink_to(tmp_path)
    for path in (outside, folder / ".." / ".." / ".." / "other.txt", folder / "way" / "other.txt"):
        with pytest.raises(FileError, match="lies outside of the picture folders"):
            inside.apply("x", [change(folder / "a.txt", b"x"), change(path, b"x")])
        with pytest.raises(FileError, match="lies outside of the picture folders"):
            inside.apply("x", [Move(folder / "a.png", path.with_name("z.png"))])
    with pytest.raises(FileError, match="lies outside of the picture folders"):
        inside.apply("x", [change(tmp_path / "dataset" / "edits.jsonl", b"x")])
    assert (outside.read_bytes(), (folder / "a.png").exists()) == (b"mine", True)
    Journal(Places.of_version(tmp_path / "dataset"), [tmp_path]).apply("x", [change(outside, b"y")])
    assert outside.read_bytes() == b"y"


def test_journal_of_somebody_else_reaches_no_file_outside(tmp_path, folder, edits):
    inner = tmp_path / "inner"
    shutil.copytree(tmp_path / "dataset", inner / "dataset")
    victim = tmp_path / "victim.txt"
    victim.write_bytes(b"after")
    line = '{"contents": [{"file": "../victim.txt", "before": "gone", "after": "after"}]}\n'
    (inner / "edits.jsonl").write_text(line + '{"edit": 1, "label": "x", "time": 1, "counts": {}}\n{"done": 1}\n')
    assert Journal(Places.of_version(inner)).undo().left == ("victim.txt: lies outside of the picture folders",)
    assert victim.read_bytes() == b"after"


def test_linked_caption_is_replaced_and_its_link_comes_back(tmp_path, folder, edits):
    far = tmp_path / "far.txt"
    far.write_bytes(b"far")
    link = folder / "a.txt"
    link.unlink()
    link.symlink_to(far)
    edits.apply("x", [Change(link, b"far", b"near")])
    assert (link.is_symlink(), link.read_bytes(), far.read_bytes()) == (False, b"near", b"far")
    edits.undo()
    assert changes.content_of(link) == Link(str(far))


def test_renamed_version_keeps_its_undo(tmp_path, folder, edits):
    before = content_below(tmp_path)
    edits.apply("x", [change(folder / "a.txt", b"x")])
    other = tmp_path.with_name(f"{tmp_path.name}-renamed")
    tmp_path.rename(other)
    Journal(Places.of_version(other)).undo()
    assert content_below(other) == before
    other.rename(tmp_path)


def test_two_steps_on_one_file_are_an_error(folder, edits):
    with pytest.raises(ValueError, match=r"a\.txt"):
        edits.apply("x", [change(folder / "a.txt", b"1"), change(folder / "a.txt", b"2")])


def test_full_disk_leaves_files_and_says_so_and_undo_can_be_repeated(folder, edits, monkeypatch):
    file = folder / "a.txt"
    before, real = file.read_bytes(), write_whole

    def full(path, *parts, **how):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(changes, "write_whole", full)
    edit = edits.apply("x", [change(file, b"x")])
    assert edit.left == ("a.txt: cannot be changed (No space left on device); make room or check permissions",)
    assert (edit.number, edits.edits()) == (0, [])
    monkeypatch.setattr(changes, "write_whole", real)
    edits.apply("y", [change(file, b"y")])
    monkeypatch.setattr(changes, "write_whole", full)
    assert len(edits.undo().left) == 1
    assert edits.edits()[0].half
    monkeypatch.setattr(changes, "write_whole", real)
    assert (edits.undo().files, file.read_bytes()) == (1, before)


def test_two_windows_that_edit_at_once_lose_nothing(tmp_path, folder):
    files = [folder / f"{n}.txt" for n in range(40)]
    for file in files:
        file.write_bytes(b"old")
    found = []

    def window(word):
        found.append(
            Journal(Places.of_version(tmp_path)).apply(word, [Change(f, b"old", word.encode()) for f in files])
        )

    threads = [threading.Thread(target=window, args=(word,)) for word in ("one", "two", "three")]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    first = next(edit for edit in found if not edit.left)
    assert {file.read_text() for file in files} == {first.label}
    assert [len(edit.left) for edit in found if edit is not first] == [len(files)] * 2


def test_edit_of_another_process_is_waited_for_and_then_named(tmp_path, folder, edits, monkeypatch):
    monkeypatch.setattr(journal, "_WAIT_SECONDS", 0.05)
    with held(tmp_path / ".edits.jsonl.lock", "x"), pytest.raises(HostBusyError, match="the editing of these pictures"):
        edits.apply("x", [change(folder / "a.txt", b"1")])
