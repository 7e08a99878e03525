from PIL import Image

from lib_train.checkpoints.files import read_metadata
from tests.cli.commands import run
from tests.lora_tools.networks import lora, written


def test_file_gets_another_precision_trigger_words_and_a_cover(tmp_path, capsys):
    file, to, cover = written(tmp_path / "a.safetensors", lora()), tmp_path / "b.safetensors", tmp_path / "c.png"
    Image.new("RGB", (1200, 600), (200, 10, 10)).save(cover)
    given = ["--save_precision", "fp16", "--trigger", "mochi", "--set", "modelspec.author=me", "--set", "ss_seed=5"]
    assert run("convert", file, "--to", to, *given, "--cover", cover) == 0
    before, after, error = capsys.readouterr().out.strip().split("\n")
    assert ", F32, " in before
    assert ", F16, " in after
    assert error.startswith("relative error of what is added to the weights: 0.000")
    found = read_metadata(to)
    wanted = ["mochi", "me", "5"]
    assert [found[key] for key in ("modelspec.trigger_phrase", "modelspec.author", "ss_seed")] == wanted
    with Image.open(tmp_path / "b.preview.png") as picture:
        assert picture.size == (512, 256)
    assert found["modelspec.thumbnail"].startswith("data:image/jpeg;base64,/9j/")


def test_picture_that_is_there_stays(tmp_path, capsys):
    file, cover = written(tmp_path / "a.safetensors", lora()), tmp_path / "c.png"
    Image.new("RGB", (64, 64)).save(cover)
    (tmp_path / "b.preview.png").write_bytes(b"mine")
    assert run("convert", file, "--to", tmp_path / "b.safetensors", "--cover", cover) == 0
    assert "note: b.preview.png is there already and stays" in capsys.readouterr().out
    assert (tmp_path / "b.preview.png").read_bytes() == b"mine"
