from lib_train.app.projects import Projects
from tests.cli.commands import run


def test_notes_are_written_and_shown(tmp_path, capsys):
    Projects(tmp_path).create("mochi")
    place = ["--output", tmp_path, "--project", "mochi"]
    assert run("notes", *place) == 0
    assert capsys.readouterr().out == "no notes yet; write some with --text or --conclusion\n"
    assert run("notes", *place, "--text", "rank 8", "--conclusion", "too weak") == 0
    assert run("notes", *place) == 0
    assert capsys.readouterr().out == "Conclusion: too weak\nNotes: rank 8\n" * 2


def test_unknown_checkpoint_is_refused(tmp_path, capsys):
    Projects(tmp_path).create("mochi")
    assert run("notes", "--output", tmp_path, "--project", "mochi", "--best", "x") == 2
    assert "best = 'x': is no checkpoint of this version; choose one of none" in capsys.readouterr().err
