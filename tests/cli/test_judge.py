import json

from lib_train.judging.suggestion import Suggestion
from tests.cli.commands import run, small


def test_a_run_is_judged_and_what_is_known_is_printed_also_as_json(
    tmp_path, pictures, checkpoints, capsys, monkeypatch
):
    place = "--output", tmp_path / "out", "--project", "p"
    assert run("judge", *place) != 0
    assert "p v1: there is none of this name" in capsys.readouterr().err
    steps = "--max_train_steps", 2, "--save_every_n_steps", 1
    assert run("train", *small(pictures, checkpoints["sd1"], *place, *steps)) == 0
    capsys.readouterr()
    assert run("judge", *place, "--device", "cpu") == 0
    lines = capsys.readouterr().out.splitlines()
    assert lines[0].startswith("p-v1-r001-step00000001  Learned ")
    assert lines[1].startswith("p-v1-r001               Learned ")
    assert len(lines) in (3, 4)
    assert run("judge", *place, "--device", "cpu", "--run", "r001", "--json") == 0
    found = json.loads(capsys.readouterr().out)
    assert found["suggestion"]["reason"] == lines[2]
    assert [one["step"] for one in found["checkpoints"]] == [1, 2]
    suggested = Suggestion(found["checkpoints"][0]["name"], "the first")
    monkeypatch.setattr("lib_train.app.judged.suggested", lambda rows: suggested)
    assert run("judge", *place, "--device", "cpu") == 0
    file = tmp_path / "out/p/versions/v1/checkpoints" / f"{suggested.checkpoint}.safetensors"
    assert file.is_file()
    told = capsys.readouterr().out.splitlines()
    assert told[2] == "the first"
    assert told[3].startswith(f"to take it, copy {file} into the WebUI's models/Lora, ")
    assert run("judge", *place, "--run", "r005") != 0
    assert "run = 'r005': " in capsys.readouterr().err
