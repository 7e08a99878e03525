from lib_train.checkpoints.files import write_network
from tests.cli.commands import run
from tests.fake_model import FakeModel
from tests.host.inputs import network_of


def test_files_are_described_one_below_the_other(tmp_path, capsys):
    files = [tmp_path / name for name in ("a.safetensors", "b.safetensors")]
    for file in files:
        write_network(file, network_of(FakeModel()).tensors(), {}, "fp16")
    assert run("inspect", *files) == 0
    first, second = capsys.readouterr().out.strip().split("\n\n")
    for part, file in ((first, files[0]), (second, files[1])):
        assert file.name in part.splitlines()[0]


def test_file_that_is_no_network_is_named_and_ends_with_two(tmp_path, capsys):
    (tmp_path / "a.safetensors").write_bytes(b"x")
    assert run("inspect", tmp_path / "a.safetensors") == 2
    assert "a.safetensors" in capsys.readouterr().err
