import pytest
from PIL import Image

from tests.cli.commands import run


@pytest.fixture
def data(tmp_path):
    folder = tmp_path / "data" / "5_cat"
    folder.mkdir(parents=True)
    Image.new("RGBA", (20, 10), (255, 0, 0, 0)).save(folder / "clear.png")
    Image.new("RGB", (20, 10), "red").save(folder / "plain.png")
    return tmp_path / "data"


def levels(data):
    """The left and right end of each mask."""
    found = {}
    for path in sorted((data / ".train_tools" / "masks" / "5_cat").glob("*.png")):
        with Image.open(path) as mask:
            found[path.stem] = [mask.getpixel((0, 0)), mask.getpixel((19, 0))]
    return found


def test_masks_are_made_inverted_and_taken_away(data, capsys):
    place = ["--train_data_dir", data]
    assert run("masks", "box", *place, "--box", "0,0,0.5,1") == 0
    assert levels(data) == {"clear": [255, 0], "plain": [255, 0]}
    assert run("masks", "invert", *place, "--filter", "name:plain*") == 0
    assert levels(data) == {"clear": [255, 0], "plain": [0, 255]}
    assert run("masks", "alpha", *place) == 2
    assert levels(data)["clear"] == [0, 0]
    out = capsys.readouterr().out
    assert out.splitlines()[-2:] == ["masks: 1", "left as it is: plain.png: nothing in it is transparent"]
    assert run("masks", "none", *place) == 0
    assert levels(data) == {}
    assert run("captions", "undo", *place) == 0
    assert levels(data) == {"clear": [0, 0], "plain": [0, 255]}


def test_masks_come_from_files_that_are_called_as_their_pictures(tmp_path, data, capsys):
    (tmp_path / "masks" / "5_cat").mkdir(parents=True)
    Image.new("L", (40, 20), 255).save(tmp_path / "masks" / "plain.png")
    Image.new("L", (40, 20), 9).save(tmp_path / "masks" / "5_cat" / "plain.webp", lossless=True)
    assert run("masks", "files", "--train_data_dir", data, "--folder", tmp_path / "masks") == 2
    assert levels(data) == {"plain": [9, 9]}
    assert "left as it is: clear.png: there is no mask file of its name" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("words", "why"),
    [
        (["box", "--box", "0,0,x,1"], "box = 'x': must be a number"),
        (["files", "--folder", "/nowhere/at/all"], "folder = '/nowhere/at/all': cannot be read"),
        (["detector", "--detector", "/nowhere.onnx"], "nowhere.onnx"),
    ],
)
def test_what_cannot_be_is_named(data, capsys, words, why):
    assert run("masks", words[0], "--train_data_dir", data, *words[1:]) == 2
    assert why in capsys.readouterr().err
