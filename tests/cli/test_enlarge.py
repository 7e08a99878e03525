from PIL import Image

from lib_train.pictures.journal import Journal
from lib_train.pictures.places import Places
from tests.cli.commands import run


def size(path):
    with Image.open(path) as picture:
        return picture.size


def test_pictures_smaller_than_the_training_size_are_enlarged_and_taken_out(tmp_path, capsys):
    folder = tmp_path / "5_cat"
    folder.mkdir()
    Image.new("RGB", (50, 100)).save(folder / "small.png")
    Image.new("RGB", (200, 150)).save(folder / "large.png")
    assert run("enlarge", "--train_data_dir", tmp_path, "--resolution", "128", "--take_out") == 0
    assert capsys.readouterr().out == "1 made: small-enlarged1.png\n"
    assert sorted(path.name for path in folder.iterdir()) == ["large.png", "small-enlarged1.png"]
    assert size(folder / "small-enlarged1.png") == (128, 256)
    Journal(Places.of_folder(tmp_path), [tmp_path]).undo()
    assert sorted(path.name for path in folder.iterdir()) == ["large.png", "small.png"]


def test_factor_enlarges_or_reduces(tmp_path, capsys):
    folder = tmp_path / "5_cat"
    folder.mkdir()
    Image.new("RGB", (40, 60)).save(folder / "a.png")
    assert run("enlarge", "--train_data_dir", tmp_path, "--factor", "1.5") == 0
    assert run("enlarge", "--train_data_dir", tmp_path, "--factor", "0.5", "--filter", "name:a.png") == 0
    assert (size(folder / "a-enlarged1.png"), size(folder / "a-reduced1.png")) == ((60, 90), (20, 30))
    assert run("enlarge", "--train_data_dir", tmp_path, "--factor", "x") == 2
    assert "factor = 'x': must be a number" in capsys.readouterr().err
