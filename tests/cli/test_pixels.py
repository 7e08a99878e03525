import pytest
from PIL import Image

from tests.cli.commands import run


@pytest.fixture
def data(tmp_path):
    folder = tmp_path / "data" / "5_cat"
    folder.mkdir(parents=True)
    picture = Image.new("RGBA", (20, 10), "red")
    picture.paste((0, 0, 255, 0), (10, 0, 20, 10))
    picture.save(folder / "a.png")
    (folder / "a.txt").write_text("cat")
    return tmp_path / "data"


def made(data, name):
    with Image.open(data / "5_cat" / name) as picture:
        picture.load()
        return picture


def test_pictures_are_turned_mirrored_padded_and_laid_on_a_colour(data, capsys):
    place = ["--train_data_dir", data, "--filter", "name:a.png"]
    assert run("rotate", *place, "--degrees", 270) == 0
    assert run("mirror", *place, "--tagged") == 0
    assert run("pad", *place, "--resolution", "64", "--color", "blue") == 0
    assert run("background", *place, "--color", "#00ff00", "--add_tags", "green background") == 0
    assert capsys.readouterr().out.splitlines() == [
        f"1 made: a-{word}1.png" for word in ("rotated", "mirrored", "padded", "background")
    ]
    assert made(data, "a-rotated1.png").size == (10, 20)
    assert made(data, "a-mirrored1.png").getpixel((19, 0)) == (255, 0, 0, 255)
    assert (made(data, "a-padded1.png").size, made(data, "a-padded1.png").getpixel((0, 0))) == (
        (20, 20), (0, 0, 255, 255),
    )  # fmt: skip
    assert made(data, "a-background1.png").getpixel((19, 0)) == (0, 255, 0)
    captions = {path.stem: path.read_text() for path in (data / "5_cat").glob("*.txt")}
    assert captions == {
        "a": "cat", "a-rotated1": "cat", "a-mirrored1": "cat, mirrored", "a-padded1": "cat",
        "a-background1": "cat, green background",
    }  # fmt: skip


@pytest.mark.parametrize(
    ("words", "why"),
    [
        (["rotate", "--degrees", "45"], "degrees = 45: must be one of 90, 180, 270"),
        (["rotate", "--degrees", "x"], "degrees = 'x': must be a whole number"),
        (["pad", "--color", "nothing"], "color = 'nothing': is no color"),
        (["background", "--color", "transparent"], "name one with cut_out"),
        (["background", "--cut_out", "magic"], "cut_out = 'magic': must be one of u2net"),
    ],
)
def test_what_cannot_be_is_named(data, capsys, words, why):
    assert run(words[0], "--train_data_dir", data, *words[1:]) == 2
    assert why in capsys.readouterr().err
    assert len(list((data / "5_cat").iterdir())) == 2
