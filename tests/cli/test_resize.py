from lib_train.checkpoints.files import read_network
from tests.cli.commands import run
from tests.lora_tools.networks import lora, written


def test_file_is_made_smaller_and_both_are_told(tmp_path, capsys):
    file, to = written(tmp_path / "a.safetensors", lora(rank=6)), tmp_path / "b.safetensors"
    assert run("resize", file, "--to", to, "--rank", 3, "--save-precision", "fp16") == 0
    before, after, error = capsys.readouterr().out.strip().split("\n")
    assert before.startswith("a.safetensors: 0.0 MiB, F32, LoCon, 4 layers, rank 6, norm ")
    assert after.startswith("b.safetensors: 0.0 MiB, F16, LoCon, 4 layers, rank 3, norm ")
    assert error.startswith("relative error of what is added to the weights: 0.")
    assert {len(one) for key, one in read_network(to)[0].items() if key.endswith("lora_down.weight")} == {3}


def test_settings_that_cannot_be_used_are_named(tmp_path, capsys):
    file = written(tmp_path / "a.safetensors", lora())
    assert run("resize", file, "--to", tmp_path / "b.safetensors") == 2
    assert (
        "rank is not given: give rank, or one of sv_ratio, sv_cumulative, sv_fro, size_mb, with its value"
        in capsys.readouterr().err
    )
    assert run("resize", file, "--to", tmp_path / "b.safetensors", "--sv_ratio", 8, "--size_mb", 1) == 2
    assert "size_mb = 1.0: leave out this or sv_ratio" in capsys.readouterr().err
    assert [path.name for path in tmp_path.iterdir()] == ["a.safetensors"]
