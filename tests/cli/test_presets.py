import json

from lib_train.store.projects import open_project
from tests.cli.commands import run


def test_presets_are_listed_shown_kept_shared_and_taken(tmp_path, capsys):
    root, file = ["--output", tmp_path / "out"], tmp_path / "faces.json"
    open_project(tmp_path / "out", "mochi").version("v1").keep({"network_dim": 12})
    assert run("presets", "save", "faces", "--project", "mochi", *root, "--about", "mine") == 0
    assert run("presets", "list", *root) == 0
    said = capsys.readouterr().out
    assert "faces: mine" in said
    assert "CherryCat: Person. " in said
    assert "style-sdxl-24gb: Style. " in said
    assert run("presets", "show", "character-sd1-8gb", *root) == 0
    assert "network_dim = 32: Enough for a face" in capsys.readouterr().out
    assert run("presets", "export", "faces", "--to", file, *root) == 0
    assert run("presets", "delete", "faces", *root) == 0
    assert run("presets", "import", file, "--name", "again", *root) == 0
    out = tmp_path / "out.json"
    assert run("train", "--preset", "again", "--save_config", out, *root) == 0
    written = json.loads(out.read_text())
    assert (written["preset"], written["network"]["network_dim"]) == ("again", 12)


def test_preset_that_there_is_not_is_refused_with_those_that_there_are(tmp_path, capsys):
    assert run("train", "--preset", "none", "--output", tmp_path, "--save_config", tmp_path / "x.json") != 0
    said = capsys.readouterr().err
    assert "there is no such preset; choose one of defaults, CherryCat" in said
    assert "clothing-sdxl-24gb" in said
