"""``train-tools tag`` with a tiny ONNX tagger."""

import shutil

import pytest

from lib_train.pictures.journal import Journal
from lib_train.pictures.places import Places
from tests.cli.commands import run
from tests.tiny_taggers import tiny_onnx, write_selected_tags

TAGS = (("general", 9), ("picture_of_blue", 0), ("never", 0), ("o_o", 0), ("somebody", 4))
WEIGHTS = [[0.0, 0, 0], [0.02, 0, 0], [-9.0, -9, -9], [0.003, 0.003, 0.003], [0.01, 0.01, 0.01]]


@pytest.fixture
def model(tmp_path):
    folder = tmp_path / "taggers" / "tiny"
    path = tiny_onnx(folder / "model.onnx", WEIGHTS, last=True, batch=1, sigmoid=True)
    write_selected_tags(folder, TAGS)
    return path


def everything(folder):
    return {path: path.read_bytes() for path in sorted(folder.rglob("*")) if path.is_file()}


def test_dry_run_says_what_would_be_written_and_writes_nothing(model, pictures, capsys):
    (pictures / "2_mochi" / "1.txt").unlink()
    before = everything(pictures)
    assert run("tag", "--tagger", "wd", "--model", model, "--train_data_dir", pictures, "--dry-run") == 0
    out = capsys.readouterr().out.splitlines()
    assert out == ["would be done: adds 3 tags to 1 caption, by tiny", "    1.png: somebody, picture of blue, o_o"]
    assert everything(pictures) == before


def test_captions_are_written_as_one_edit_that_can_be_undone(model, pictures, capsys):
    before = everything(pictures)
    words = ["--general_threshold", "0.9", "--character_threshold", 1, "--mode", "prepend", "--trigger_word", "mochi"]
    assert run("tag", "--model", model, "--train_data_dir", pictures, *words) == 0
    assert capsys.readouterr().out == "adds 3 tags to 3 captions, by tiny\n"
    assert (pictures / "2_mochi" / "0.txt").read_text() == "mochi, picture of blue, number 0, blue"
    Journal(Places.of_folder(pictures)).undo()
    kept = {path: content for path, content in everything(pictures).items() if ".train_tools" not in path.parts}
    assert kept == before


def test_filter_chooses_pictures_and_a_damaged_one_is_named(model, pictures, capsys):
    path = pictures / "2_mochi" / "1.png"
    path.write_bytes(path.read_bytes()[:45])
    words = ["--mode", "overwrite", "--filter", "name:1* or name:2*"]
    assert run("tag", "--model", model, "--train_data_dir", pictures, *words) == 2
    out = capsys.readouterr().out
    assert "adds 3 tags to 1 caption, takes 3 tags away, by tiny" in out
    assert "left as it is: 1.png: " in out
    assert (pictures / "2_mochi" / "0.txt").read_text() == "mochi, number 0, blue"


def test_version_s_own_pictures_and_settings_are_taken(model, pictures, tmp_path, capsys):
    out = tmp_path / "out"
    assert run("import", pictures, "--project", "p", "--output", out) == 0
    assert run("tag", "--model", model, "--project", "p", "--output", out, "--mode", "overwrite") == 0
    found = out / "p" / "versions" / "v1" / "dataset" / "train" / "2_mochi" / "0.txt"
    assert found.read_text() == "picture of blue, somebody, o_o"
    assert (out / "p" / "versions" / "v1" / "edits.jsonl").exists()


def test_regularisation_pictures_are_tagged_without_the_trigger_word(model, pictures, tmp_path, capsys):
    out = ["--project", "p", "--output", tmp_path / "out"]
    assert run("import", pictures, *out) == 0
    dataset = tmp_path / "out/p/versions/v1/dataset"
    shutil.copytree(dataset / "train/2_mochi", dataset / "reg/2_mochi")  # of one name: each is its own folder
    assert run("tag", "--model", model, *out, "--mode", "overwrite", "--trigger_word", "mochi") == 0
    assert (dataset / "train/2_mochi/0.txt").read_text() == "mochi, picture of blue, somebody, o_o"
    assert (dataset / "reg/2_mochi/0.txt").read_text() == "picture of blue, somebody, o_o"
    assert run("captions", "bind", *out, "--trigger", "mochi", "--character", "picture of blue") == 0
    assert run("tag", "--model", model, *out, "--mode", "overwrite") == 0
    assert (dataset / "train/2_mochi/0.txt").read_text() == "mochi, somebody, o_o"
    assert (dataset / "reg/2_mochi/0.txt").read_text() == "picture of blue, somebody, o_o"


def test_fetched_tagger_is_the_one_that_is_taken(model, pictures, tmp_path, monkeypatch, capsys):
    asked = []

    def fetched(wanted, folder, *more):
        asked.append((wanted.name, folder))
        return model

    monkeypatch.setattr("lib_train.app.taggers.fetched", fetched)
    (pictures / "2_mochi" / "0.txt").unlink()
    words = ["--fetch", "joytag", "--tagger_folder", tmp_path / "new", "--dry-run"]
    assert run("tag", *words, "--train_data_dir", pictures) == 0
    assert asked == [("joytag", tmp_path / "new")]
    assert "would be done: adds 3 tags to 1 caption, by tiny" in capsys.readouterr().out


def test_caption_that_is_no_text_is_left_and_named(model, pictures, capsys):
    path = pictures / "2_mochi" / "1.txt"
    path.write_bytes(b"\xff\xfe\xff")
    assert run("tag", "--model", model, "--train_data_dir", pictures, "--mode", "overwrite") == 2
    out = capsys.readouterr().out
    assert "left as it is: 1.png: its caption cannot be read and stays as it is" in out
    assert path.read_bytes() == b"\xff\xfe\xff"


@pytest.mark.parametrize(
    ("words", "why"),
    [
        (["--tagger", "deepbooru"], "tagger = 'deepbooru': choose one of wd, cl, joytag"),
        (["--model", "nowhere.onnx"], "model = 'nowhere.onnx': there is no such file"),
        (["--general_threshold", "high"], "general_threshold = 'high'"),
        (["--filter", '"'], "the quotes are not closed"),
        (["--fetch", "magic"], "fetch = 'magic': choose one of wd-vit-tagger-v3"),
        (["--fetch", "joytag"], "tagger_folder = '': name a folder to put the tagger into"),
        ([], "there is no picture to tag"),
    ],
)
def test_what_cannot_be_used_is_named(model, pictures, capsys, words, why):
    first = [] if words[:1] in (["--tagger"], ["--model"]) else ["--model", model]
    assert run("tag", *first, *words, "--train_data_dir", pictures) == 2
    assert why in capsys.readouterr().err


def test_folder_that_is_none_is_named(model, tmp_path, capsys):
    assert run("tag", "--model", model, "--train_data_dir", tmp_path / "nowhere") == 2
    assert "train_data_dir" in capsys.readouterr().err
