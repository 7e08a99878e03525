from tests.cli.commands import run
from tests.lora_tools.networks import SHAPES, dense_in, lora, written


def test_file_is_weighted_by_a_preset_and_by_an_own_list(tmp_path, capsys):
    file = written(tmp_path / "a.safetensors", lora())
    assert run("blocks", file, "--to", tmp_path / "b.safetensors", "--weights", "FACE") == 0
    assert sorted(dense_in(tmp_path / "b.safetensors")) == sorted(list(SHAPES)[1:])
    assert "note: 1 layers are left out, 0 multiplied" in capsys.readouterr().out
    (tmp_path / "mine.txt").write_text("MINE:-0.5")
    given = ["--weights", "MINE", "--presets", tmp_path / "mine.txt"]
    assert run("blocks", file, "--to", tmp_path / "c.safetensors", *given) == 0
    assert "0 layers are left out, 4 multiplied" in capsys.readouterr().out


def test_list_may_begin_with_a_minus(tmp_path, capsys):
    file = written(tmp_path / "a.safetensors", lora())
    assert run("blocks", file, "--to", tmp_path / "b.safetensors", "--weights", "-1") == 0
    assert run("blocks", file, "--to", tmp_path / "c.safetensors", "--weights", "1,2") == 2
    assert "weights = '1,2': has 2 numbers" in capsys.readouterr().err
