import pytest
from PIL import Image

from tests.cli.commands import run


@pytest.fixture
def data(tmp_path):
    folder = tmp_path / "data" / "5_cat"
    folder.mkdir(parents=True)
    for number, color in enumerate(("red", "blue")):
        Image.new("RGB", (200, 100), color).save(folder / f"{number}.png")
        (folder / f"{number}.txt").write_text("cat")
    return tmp_path / "data"


def names(data):
    return sorted(path.name for path in (data / "5_cat").iterdir())


BEFORE = ["0.png", "0.txt", "1.png", "1.txt"]


def test_pictures_of_a_folder_are_cropped(data, capsys):
    words = [
        "--box",
        "0,0,0.5,1",
        "--held",
        "--resolution",
        "64",
        "--tagged",
        "--add_tags",
        "x, y",
        "--filter",
        "name:0*",
    ]
    assert run("crop", "--train_data_dir", data, *words) == 0
    assert capsys.readouterr().out == "1 made: 0-crop1.png\n"
    assert names(data) == sorted([*BEFORE, "0-crop1.png", "0-crop1.txt"])
    assert (data / "5_cat" / "0-crop1.txt").read_text() == "cat, cropped, x, y"
    with Image.open(data / "5_cat" / "0-crop1.png") as picture:
        assert picture.size == (100, 100)


def test_pictures_of_a_project_are_multiplied(tmp_path, data, capsys):
    out = ["--output", tmp_path / "out", "--project", "p"]
    assert run("import", data, *out) == 0
    assert run("crop", *out, "--multiply", 6, "--resolution", 64) == 0
    assert "4 made: 0-crop1.png, 0-crop2.png, 1-crop1.png, ..." in capsys.readouterr().out
    assert len(list((tmp_path / "out/p/versions/v1/dataset/train/5_cat").glob("*.png"))) == 6


def test_dry_run_counts_and_writes_nothing(data, capsys):
    assert run("crop", "--train_data_dir", data, "--share", "0.5", "--dry_run") == 0
    assert capsys.readouterr().out == "2 would be made: 0-crop1.png, 1-crop1.png\n"
    assert names(data) == BEFORE


def test_picture_without_a_face_is_named_and_ends_with_two(data, capsys):
    pytest.importorskip("cv2", reason="OpenCV is not installed")
    for way in (["--detector", "face"], ["--split"], ["--person", "girl", "--reg_data_dir", data.parent / "reg"]):
        assert run("crop", "--train_data_dir", data, *way) == 2
        out = capsys.readouterr().out
        assert "nothing was made of 2 pictures" in out
        assert "left as it is: 0.png: nothing was found in it; crop it by hand" in out
    assert names(data) == BEFORE


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (["--box", "0,0,x,1"], "box = 'x': must be a number"),
        (["--box", "0,0,1"], "give left, top, right and bottom"),
        (["--multiply", "2"], "count = 2: must be above 2"),
        (["--multiply", "x"], "multiply = 'x': must be a whole number"),
        (["--split", "feet"], "parts = 'feet'"),
        (["--detector", "gone.onnx"], "detector = 'gone.onnx': there is no such file"),
        (["--filter", "("], "filter"),
        (["--person"], "name a folder for the regularisation pictures"),
        (["--multiply", "4", "--upscaler", "Magic"], "upscaler = 'Magic': must be one of Lanczos"),
    ],
)
def test_words_that_cannot_be_used_are_named(data, capsys, words, told):
    assert run("crop", "--train_data_dir", data, *words) == 2
    assert told in capsys.readouterr().err.replace("\n", " ")
    assert names(data) == BEFORE


def test_project_without_pictures_is_named(tmp_path, capsys):
    assert run("crop", "--output", tmp_path / "out", "--project", "p") == 2
    assert "name a folder that holds <repeats>_<name> folders of pictures" in capsys.readouterr().err
