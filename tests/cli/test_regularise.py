import pytest
from PIL import Image

from tests.cli.commands import run

WISH = ["--class_word", "cat", "--class_prompt", "a cat, {standing|sitting}", "--num_class_images", 2,
        "--class_steps", 1, "--resolution", 64]  # fmt: skip


@pytest.fixture
def where(pictures, checkpoints, tmp_path):
    return ["--train_data_dir", pictures, "--reg_data_dir", tmp_path / "reg", "--base_model", checkpoints["sd1"],
            "--device", "cpu"]  # fmt: skip


def test_pictures_are_made_and_the_next_call_goes_on(where, tmp_path, capsys):
    assert run("regularise", *where, *WISH, "--dry-run") == 0
    out = capsys.readouterr().out.splitlines()
    assert out[0] == "2 would be made in 1_cat"
    assert out[1].startswith("    1, 64 x 64: a cat, s")
    assert not (tmp_path / "reg").exists()
    assert run("regularise", *where, *WISH) == 0
    assert capsys.readouterr().out == "made regularisation pictures in 1_cat: 2\n"
    assert run("regularise", *where, *WISH, "--num_class_images", 3) == 0
    assert capsys.readouterr().out == "made regularisation pictures in 1_cat: 1\n"
    assert len(list((tmp_path / "reg" / "1_cat").glob("*.txt"))) == 3
    with Image.open(tmp_path / "reg" / "1_cat" / "seed-00001.png") as made:
        assert made.info["parameters"].startswith("a cat, s")


@pytest.mark.parametrize(
    ("words", "why"),
    [
        ([], "class_word = '': write the class in a word"),
        ([*WISH, "--class_sampler", "magic"], "class_sampler = 'magic': choose one of"),
        ([*WISH, "--class_prompt", "__poses__"], "class_prompt = '__poses__': there is no such file"),
        ([*WISH, "--class_width", 512], "class_height is not given: give both sides"),
    ],
)
def test_what_cannot_be_used_is_named(where, capsys, words, why):
    assert run("regularise", *where, *words) == 2
    assert why in capsys.readouterr().err


def test_all_that_is_there_is_said(where, capsys):
    run("regularise", *where, *WISH)
    assert run("regularise", *where, *WISH) == 2
    assert "num_class_images = 2: all of them are there already" in capsys.readouterr().err
