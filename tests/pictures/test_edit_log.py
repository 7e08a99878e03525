import json
import threading

import pytest

from lib_train.errors import FileError
from lib_train.pictures.changes import Change
from lib_train.pictures.edit_log import EditLog
from lib_train.pictures.journal import Journal
from lib_train.pictures.places import Places
from tests.pictures.trees import content_below, made_tree


@pytest.fixture
def journal(tmp_path):
    folder = made_tree(tmp_path)
    journal = Journal(Places.of_version(tmp_path))
    for number in (1, 2, 3):
        path = folder / "a.txt"
        journal.apply(f"edit {number}", [Change(path, path.read_bytes(), f"{number}".encode())])
    return journal


def fresh(tmp_path):
    return Journal(Places.of_version(tmp_path))


def test_log_cut_anywhere_in_its_last_edit_loses_that_edit_alone(tmp_path, journal):
    log, caption = tmp_path / "edits.jsonl", tmp_path / "dataset" / "train" / "10_mochi" / "a.txt"
    content = log.read_bytes()
    begin = len(b"".join(content.splitlines(keepends=True)[:6]))
    about = content.index(b'{"edit": 3')
    for end in range(begin, len(content), 7):
        log.write_bytes(content[:end])
        caption.write_bytes(b"2")
        known = fresh(tmp_path).edits()
        whole = content.index(b"\n", about) < end
        assert [edit.number for edit in known] == ([3, 2, 1] if whole else [2, 1])
        edit = fresh(tmp_path).apply("next", [Change(caption, b"2", b"next")])
        assert edit.number == known[0].number + 1
        assert fresh(tmp_path).undo().files == 1
        assert caption.read_bytes() == b"2"


@pytest.mark.parametrize(
    "line",
    [b"", b"null", b"[]", b"7", b'"x"', b"{}", b'{"edit": 4}', b'{"edit": "x", "label": 1}', b'{"done": 77}',
     b"\xff\xfe", b'{"undone": [1]}', b'{"undone": 1, "left": 5}', b"[" * 100_000,
     b'{"contents": 5}\n{"edit": 9, "label": "x", "time": 1, "counts": 3}'],
)  # fmt: skip
def test_line_that_is_none_of_a_journal_is_passed_over(tmp_path, journal, line):
    before = [edit.number for edit in journal.edits()]
    with (tmp_path / "edits.jsonl").open("ab") as file:
        file.write(line + b"\n")
    assert [edit.number for edit in fresh(tmp_path).edits() if not edit.undone] == before
    assert fresh(tmp_path).undo().edit.number == 3


@pytest.mark.parametrize("contents", [b"5", b"[5]", b'[{"file": 5, "before": 1, "after": 2}]', b'[{"x": 1}]', b"[["])
def test_edit_whose_contents_are_damaged_is_named_and_nothing_is_touched(tmp_path, journal, contents):
    with (tmp_path / "edits.jsonl").open("ab") as file:
        file.write(
            b'{"contents": ' + contents + b'}\n{"edit": 4, "label": "x", "time": 1, "counts": {}}\n{"done": 4}\n'
        )
    before = content_below(tmp_path)
    with pytest.raises(FileError, match=r"edits\.jsonl: what edit 4 did cannot be read any more"):
        fresh(tmp_path).undo()
    assert content_below(tmp_path) == before
    assert fresh(tmp_path).undo(3).files == 1


def test_edit_that_never_came_to_the_disk_whole_does_not_hinder_undo(tmp_path, journal):
    with (tmp_path / "edits.jsonl").open("ab") as file:
        file.write(b'{"contents"\0\0\0\n{"edit": 4, "label": "x", "time": 1, "counts": {}}\n')
    assert fresh(tmp_path).undo().edit.number == 3


def test_text_is_kept_readable_and_other_bytes_come_back(tmp_path, journal):
    path = tmp_path / "dataset" / "train" / "10_mochi" / "a.txt"
    for content in ("\u5e74\u7cd5".encode(), b"\xff\x00\xd8", b"", None):
        before = path.read_bytes() if path.exists() else None
        journal.apply("x", [Change(path, before, content)])
        contents = json.loads((tmp_path / "edits.jsonl").read_text().splitlines()[-3])["contents"][0]
        assert contents["file"] == "dataset/train/10_mochi/a.txt"
        journal.undo()
        journal.redo()
        assert (path.read_bytes() if path.exists() else None) == content
    assert '"\u5e74\u7cd5"' in (tmp_path / "edits.jsonl").read_text()


def test_name_that_is_no_unicode_is_found_again(tmp_path, journal):
    path = tmp_path / "dataset" / b"\xff.txt".decode(errors="surrogateescape")
    journal.apply("x", [Change(path, None, b"x")])
    fresh(tmp_path).undo()
    assert not path.exists()


def test_log_reads_what_others_added_and_begins_anew_when_it_was_replaced(tmp_path, journal):
    log = EditLog(tmp_path / "edits.jsonl", tmp_path)
    log.refresh()
    journal.undo()
    log.refresh()
    assert (log.records[3].state, log.taken_back) == ("undone", [3])
    (tmp_path / "edits.jsonl").unlink()
    log.refresh()
    assert log.records == {}


def test_log_of_the_same_file_with_another_beginning_is_read_anew(tmp_path, journal):
    path, content = tmp_path / "edits.jsonl", (tmp_path / "edits.jsonl").read_bytes()
    other = content.replace(b"edit 1", b"EDIT 1").replace(b'{"done": 3}', b'{"void": 3}')
    with path.open("r+b") as file:
        file.write(other)
    assert [edit.label for edit in journal.edits()] == ["edit 2", "EDIT 1"]


def test_log_is_read_by_many_threads_while_it_grows(tmp_path, journal):
    path, faults, over = tmp_path / "dataset" / "train" / "10_mochi" / "it's.txt", [], threading.Event()

    def look():
        while not over.is_set():
            try:
                numbers = [edit.number for edit in fresh(tmp_path).edits()]
                assert numbers == sorted(numbers, reverse=True)
            except Exception as fault:
                faults.append(fault)

    threads = [threading.Thread(target=look) for _ in range(3)]
    for thread in threads:
        thread.start()
    for number in range(20):
        journal.apply(f"{number}", [Change(path, path.read_bytes(), f"{number}".encode())])
    over.set()
    for thread in threads:
        thread.join()
    assert (faults, len(journal.edits())) == ([], 23)


def test_log_that_cannot_be_written_stops_the_edit_before_it_begins(tmp_path, journal):
    path = tmp_path / "dataset" / "train" / "10_mochi" / "a.txt"
    (tmp_path / "edits.jsonl").unlink()
    (tmp_path / "edits.jsonl").mkdir()
    with pytest.raises(FileError, match=r"edits\.jsonl: cannot be"):
        journal.apply("x", [Change(path, path.read_bytes(), b"x")])
    assert path.read_bytes() == b"3"
