import pytest

from lib_train.errors import ProjectError
from lib_train.store import entries
from lib_train.store.entries import entries_in, opened
from lib_train.store.layout import scanned


def test_folders_are_listed_by_name_and_files_and_hidden_ones_are_not(tmp_path):
    for name in ("b", "a", ".hidden"):
        (tmp_path / name).mkdir()
    (tmp_path / "file").write_text("")
    assert [(one.name, one.problem) for one in entries_in(tmp_path, tmp_path)] == [("a", ""), ("b", "")]
    assert entries_in(tmp_path / "missing", tmp_path) == []


def test_file_where_an_inner_folder_is_expected_is_a_problem_of_that_folder_alone(tmp_path):
    for name in ("a", "b", "c"):
        (tmp_path / name).mkdir()
    (tmp_path / "a" / "versions").write_text("")
    (tmp_path / "b" / "versions").mkdir()
    problems = {one.name: one.problem for one in entries_in(tmp_path, tmp_path, "versions")}
    assert problems == {"a": "versions in it is no folder; move it away", "b": "", "c": ""}


@pytest.mark.parametrize(("there", "wanted"), [("e\u0301", "\u00e9"), ("\u00e9", "e\u0301"), ("cat", "cat")])
def test_folder_that_is_there_opens_under_its_name_in_either_unicode_form(tmp_path, there, wanted):
    (tmp_path / there).mkdir()
    assert opened(tmp_path, wanted, "project", tmp_path) == there


def test_new_name_must_be_usable_and_a_file_of_the_name_is_in_the_way(tmp_path):
    (tmp_path / "taken").write_text("")
    assert opened(tmp_path, "new", "project", tmp_path) == "new"
    with pytest.raises(ProjectError, match="project = 'taken': is a file; move it away"):
        opened(tmp_path, "taken", "project", tmp_path)
    with pytest.raises(ProjectError, match="version = "):
        opened(tmp_path, "../x", "version", tmp_path)


def test_a_folder_that_is_renamed_while_all_are_read_is_listed_under_its_new_name(tmp_path, monkeypatch):
    (tmp_path / "before").mkdir()
    read = scanned

    def renamed_meanwhile(folder):
        found = read(folder)
        if (folder / "before").is_dir():
            (folder / "before").rename(folder / "after")
        return found

    monkeypatch.setattr(entries, "scanned", renamed_meanwhile)
    assert [one.name for one in entries_in(tmp_path, tmp_path)] == ["after"]
