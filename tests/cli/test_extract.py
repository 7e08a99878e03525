from tests.cli.commands import run
from tests.lora_tools.networks import dense_in
from tests.tiny import tiny_sd1


def test_difference_of_two_checkpoints_becomes_a_lora(checkpoints, tmp_path, capsys):
    other, to = tiny_sd1(tmp_path / "other.safetensors", seed=1), tmp_path / "a.safetensors"
    assert run("extract", checkpoints["sd1"], other, "--rank", 4, "--conv-rank", 2, "--to", to) == 0
    lines = capsys.readouterr().out.strip().split("\n")
    assert lines[0].startswith("a.safetensors: ")
    assert "rank 2 to 4" in lines[0]
    assert "tensors that differ too" in lines[2]
    assert len(dense_in(to)) > 200
