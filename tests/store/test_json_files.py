import json
import os

import pytest

from lib_train.errors import ProjectError
from lib_train.store.json_files import append_line, read_json, read_lines, write_json, write_lines


def test_json_comes_back_as_it_was_and_can_be_read_by_a_person(tmp_path):
    value = {"name": "もち", "path": os.fsdecode(b"a\xff"), "n": [1, 0.1, None]}
    write_json(tmp_path / "a.json", value)
    assert read_json(tmp_path / "a.json") == value
    write_json(tmp_path / "b.json", {"name": "もち"})
    assert "もち" in (tmp_path / "b.json").read_text(encoding="utf-8")


def test_missing_file_is_an_empty_object(tmp_path):
    assert read_json(tmp_path / "none.json") == {}
    assert list(read_lines(tmp_path / "none.jsonl")) == []


@pytest.mark.parametrize("content", [b"{", b"[1]", b"\xff\xfe", b"[" * 100000, b""])
def test_what_is_no_object_is_named_and_not_taken_for_empty(tmp_path, content):
    (tmp_path / "a.json").write_bytes(content)
    with pytest.raises(ProjectError, match=r"a\.json: .*mend it or move it away"):
        read_json(tmp_path / "a.json")


@pytest.mark.parametrize("moment", ["fsync", "replace"])
def test_failed_write_leaves_the_old_file_alone(tmp_path, monkeypatch, moment):
    write_json(tmp_path / "a.json", {"old": 1})

    def full(*args):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, moment, full)
    with pytest.raises(ProjectError, match=r"a\.json: cannot be written \(No space left on device\)"):
        write_json(tmp_path / "a.json", {"new": 1})
    assert [path.name for path in tmp_path.iterdir()] == ["a.json"]
    assert read_json(tmp_path / "a.json") == {"old": 1}


def test_log_survives_torn_lines(tmp_path):
    path = tmp_path / "a.jsonl"
    append_line(path, {"n": 1, "text": "a\nb"})
    with path.open("ab") as file:
        file.write(b'{"n": "\xe3\x81')
    assert list(read_lines(path)) == [{"n": 1, "text": "a\nb"}]
    write_lines(path, read_lines(path))
    append_line(path, {"n": 2})
    assert [json.loads(line)["n"] for line in path.read_text().splitlines()] == [1, 2]


def test_log_that_cannot_be_written_to_is_named(tmp_path):
    with pytest.raises(ProjectError, match=r"a\.jsonl: cannot be written"):
        append_line(tmp_path / "gone" / "a.jsonl", {})
    (tmp_path / "file").touch()
    with pytest.raises(ProjectError, match=r"a\.json: cannot be written"):
        write_json(tmp_path / "file" / "a.json", {})
