import io
import zipfile

import pytest
from PIL import Image

from lib_train.app import imports
from lib_train.pictures.imports import take_in
from lib_train.pictures.journal import Journal
from lib_train.pictures.places import Places
from tests.cli.commands import run


def png(colour="red"):
    out = io.BytesIO()
    Image.new("RGB", (8, 8), colour).save(out, "PNG")
    return out.getvalue()


@pytest.fixture
def archive(tmp_path):
    path = tmp_path / "z.zip"
    with zipfile.ZipFile(path, "w") as made:
        made.writestr("set/5_cat/a.png", png())
        made.writestr("set/5_cat/a.txt", "cat")
        made.writestr("b.png", png())
    return path


def names(folder):
    return sorted(str(path.relative_to(folder)) for path in folder.rglob("*") if path.is_file())


def test_zip_is_taken_into_a_project_that_is_made_for_it(tmp_path, archive, capsys):
    assert run("import", archive, "--output", tmp_path / "out", "--project", "p", "--repeats", 3, "--name", "pet") == 0
    train = tmp_path / "out/p/versions/v1/dataset/train"
    assert names(train) == ["3_pet/b.png", "5_cat/a.png", "5_cat/a.txt"]
    assert capsys.readouterr().out.splitlines() == ["3 added", "note: b.png: is the same picture as 5_cat/a.png"]


def test_zip_is_taken_into_a_folder(tmp_path, archive, capsys):
    (tmp_path / "data").mkdir()
    for told in ("3 added", "0 added, 3 were there already"):
        assert run("import", archive, "--train_data_dir", tmp_path / "data") == 0
        assert capsys.readouterr().out.splitlines()[0] == told
    taken = ["10_subject/b.png", "5_cat/a.png", "5_cat/a.txt"]
    assert names(tmp_path / "data") == [".train_tools/edits.jsonl", *taken]


def test_dry_run_counts_and_writes_nothing(tmp_path, archive, capsys):
    assert run("import", archive, "--output", tmp_path / "out", "--project", "p", "--dry_run") == 0
    assert capsys.readouterr().out.splitlines()[0] == "3 would be added"
    assert not (tmp_path / "out").exists()


def test_what_cannot_be_taken_is_named_and_ends_with_two(tmp_path, archive, capsys):
    (tmp_path / "broken.zip").write_bytes(b"x")
    code = run("import", tmp_path / "broken.zip", archive, "--output", tmp_path / "out", "--project", "p")
    out = capsys.readouterr().out
    assert (code, out.splitlines()[0]) == (2, "3 added")
    assert "not taken: broken.zip: is no whole zip archive" in out


def test_interrupted_import_leaves_nothing(tmp_path, archive, capsys, monkeypatch):

    def interrupted(*given, go_on, **wishes):
        def stop(done, total):
            if done:
                raise KeyboardInterrupt
            return go_on(done, total)

        return take_in(*given, go_on=stop, **wishes)

    monkeypatch.setattr(imports, "take_in", interrupted)
    (tmp_path / "data").mkdir()
    assert run("import", archive, "--train_data_dir", tmp_path / "data") == 130
    assert capsys.readouterr().out == "interrupted: nothing of it was kept\n"
    assert [path.name for path in (tmp_path / "data").rglob("*") if path.is_file()] == ["edits.jsonl"]
    assert Journal(Places.of_folder(tmp_path / "data")).edits() == []


def test_folder_that_is_none_is_named(tmp_path, archive, capsys):
    assert run("import", archive, "--train_data_dir", tmp_path / "gone") == 2
    assert "train_data_dir = " in capsys.readouterr().err
