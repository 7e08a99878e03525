from safetensors.torch import load_file

from tests.cli.commands import run
from tests.lora_tools.networks import dense_in, lora, written
from tests.lora_tools.test_into import network


def test_files_are_merged_with_their_weights(tmp_path, capsys):
    files = [written(tmp_path / f"{seed}.safetensors", lora(seed=seed)) for seed in (1, 2)]
    to = tmp_path / "both.safetensors"
    given = ["--weights", "-0.5,1", "--rank", 8, "--blocks", "1;FACE"]
    assert run("merge", *files, "--to", to, *given) == 0
    first, second, both, error = capsys.readouterr().out.strip().split("\n")
    assert [line.split(":")[0] for line in (first, second, both)] == [f"{n}.safetensors" for n in ("1", "2", "both")]
    assert error == "relative error of what is added to the weights: 0"
    assert dense_in(to)
    assert run("merge", *files, "--to", tmp_path / "c.safetensors", "--weights", "1") == 2
    assert "give one for each of the 2 files" in capsys.readouterr().err


def test_files_are_put_into_a_checkpoint(tmp_path, checkpoints, capsys):
    file, to = written(tmp_path / "a.safetensors", network(checkpoints["sd1"], 1)), tmp_path / "b.safetensors"
    assert run("merge", file, "--into", checkpoints["sd1"], "--to", to) == 0
    assert load_file(to).keys() == load_file(checkpoints["sd1"]).keys()
    assert "b.safetensors: " in capsys.readouterr().out
