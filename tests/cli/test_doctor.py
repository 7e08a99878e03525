import shutil

import pytest
from PIL import Image, ImageDraw

from lib_train.app.sample import SAMPLES, sample_config
from lib_train.demo.run import config as demo_config
from lib_train.store.projects import version_named
from tests.cli.commands import run


def draw(path, seed=0, size=(96, 64)):
    """A sharp picture that looks like no other of another seed."""
    path.parent.mkdir(parents=True, exist_ok=True)
    picture = Image.new("RGB", size, "white")
    pen = ImageDraw.Draw(picture)
    for number in range(12):
        left, top = (seed * 37 + number * 29) % size[0], (seed * 53 + number * number * 17) % size[1]
        pen.rectangle((left, top, left + 14, top + 11), fill=(number * 20, seed * 40 % 256, 255 - number * 20))
    picture.save(path)


@pytest.fixture
def folder(tmp_path):
    """A folder with a duplicate, a picture that is too small, and captions with faults."""
    inner = tmp_path / "set" / "10_mochi"
    for number, caption in enumerate(("mochi, hat", "mochi, hat, hat", "hat, sea", "mochi, sea, sea")):
        draw(inner / f"{number}.png", number)
        (inner / f"{number}.txt").write_text(caption)
    (inner / "copy.png").write_bytes((inner / "0.png").read_bytes())
    draw(inner / "tiny.png", 9, (40, 40))
    (inner / "tiny.txt").write_text("mochi, sea")
    return tmp_path / "set"


def examine(folder, *more):
    return run("doctor", "--train_data_dir", folder, "--resolution", 64, "--device", "cpu", *more)


def files(folder):
    return {path.relative_to(folder).as_posix(): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def test_doctor_lists_findings_with_counts_and_examples_and_writes_nothing(folder, capsys):
    before = files(folder)
    assert examine(folder) == 0
    out = capsys.readouterr().out
    for line in (
        "warning: pictures smaller than the training size, which are enlarged and trained blurred: 1, such as tiny.png",
        "    tiny.png: 40x40, 1.6 times too small",
        "warning: pictures that are there twice, byte for byte: 1, such as copy.png, like 0.png",
        "    --take-out duplicate",
        "warning: captions with a tag twice: 2, such as 1.png",
        "    --fix tag_twice",
        "warning: captions without the trigger word of their folder: 1, such as 2.png",
    ):
        assert line in out.splitlines()
    assert files(folder) == before


def test_doctor_ends_with_two_when_a_run_would_be_refused(folder, capsys):
    (folder / "10_mochi" / "0.png").write_bytes(b"no picture")
    assert examine(folder) == 2
    assert "error: pictures that cannot be used: 1, such as 0.png" in capsys.readouterr().out
    assert examine(folder, "--on_bad_file", "skip") == 0


def test_doctor_without_any_picture_says_how_to_name_a_folder(tmp_path, capsys):
    (tmp_path / "empty").mkdir()
    assert examine(tmp_path / "empty") == 2
    assert "no picture can be used" in capsys.readouterr().err
    assert run("doctor", "--output", tmp_path / "out") == 2
    assert "train_data_dir" in capsys.readouterr().err


def test_doctor_says_so_when_nothing_is_wrong(folder, capsys):
    for name in ("copy.png", "tiny.png", "tiny.txt"):
        (folder / "10_mochi" / name).unlink()
    for number in range(4):
        (folder / "10_mochi" / f"{number}.txt").write_text("mochi, hat")
    assert examine(folder) == 0
    assert capsys.readouterr().out == "nothing is wrong with the pictures: 4\n"


def test_dry_run_says_what_would_be_done_and_writes_nothing(folder, capsys):
    before = files(folder)
    assert examine(folder, "--take-out", "duplicate", "--fix", "tag_twice", "--dry-run") == 0
    assert capsys.readouterr().out.splitlines() == [
        "would be done: took out pictures: 1", "    copy.png",
        "would be done: removed repeated tags: 2 captions", "    1.png", "    3.png",
    ]  # fmt: skip
    assert files(folder) == before


def test_findings_are_mended_and_pictures_put_back(folder, capsys):
    before = files(folder)
    assert examine(folder, "--take-out", "duplicate", "--take-out", "small", "--fix", "tag_twice", "--fix",
                   "no_trigger") == 0  # fmt: skip
    inner, out = folder / "10_mochi", folder / ".train_tools" / "left_out" / "10_mochi"
    assert sorted(path.name for path in out.iterdir()) == ["copy.png", "tiny.png", "tiny.txt"]
    assert [(inner / f"{number}.txt").read_text() for number in range(4)] == [
        "mochi, hat", "mochi, hat", "mochi, hat, sea", "mochi, sea",
    ]  # fmt: skip
    capsys.readouterr()
    assert examine(folder) == 0
    assert capsys.readouterr().out == "nothing is wrong with the pictures: 4\n"
    assert examine(folder, "--put-back", "name:tiny*") == 0
    assert sorted(path.name for path in out.iterdir()) == ["copy.png"]
    assert (inner / "tiny.png").read_bytes() == before["10_mochi/tiny.png"]


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("--take-out", "nonsense"), "code = 'nonsense': must be one of unreadable,"),
        (("--fix", "duplicate"), "nothing is done against duplicate here"),
        (("--take-out", "tag_twice"), "nothing is done against tag_twice here"),
        (("--put-back", "(hat"), "filter, at '(hat': the bracket is not closed"),
    ],
)
def test_what_cannot_be_done_is_refused_in_words(folder, capsys, words, said):
    before = files(folder)
    assert examine(folder, *words) == 2
    assert said in capsys.readouterr().err
    assert files(folder) == before


def test_fix_without_its_finding_has_nothing_to_do(folder, capsys):
    assert examine(folder, "--fix", "weights") == 0
    assert capsys.readouterr().out == "there is nothing to do\n"


def test_long_captions_are_told_with_the_tokens_that_are_cut(folder, capsys):
    (folder / "10_mochi" / "0.txt").write_text("mochi, " + "hat " * 90)
    assert examine(folder, "--max_token_length", 75) == 0
    assert "    0.png: 92 tokens, 17 cut off" in capsys.readouterr().out.splitlines()


def test_version_is_examined_where_no_folder_is_named(tmp_path, folder, capsys):
    version = tmp_path / "out" / "p" / "versions" / "v1" / "dataset" / "train"
    version.mkdir(parents=True)
    (folder / "10_mochi").rename(version / "10_mochi")
    words = ("--output", tmp_path / "out", "--project", "p", "--resolution", 64, "--device", "cpu")
    assert run("doctor", *words, "--take-out", "duplicate") == 0
    assert (tmp_path / "out" / "p" / "versions" / "v1" / "dataset" / "left_out" / "10_mochi" / "copy.png").is_file()


def test_nothing_is_worth_a_warning_in_the_sample_that_is_shipped(tmp_path, capsys):
    demo = version_named(tmp_path, "demo", "v1")
    demo.keep_settings(demo_config())
    sample = version_named(tmp_path, "sample", "v1")
    shutil.copytree(SAMPLES, sample.inside("dataset"))
    sample.keep_settings(sample_config(small=True))
    for project in ("demo", "sample"):
        assert run("doctor", "--output", tmp_path, "--project", project, "--device", "cpu") == 0
    out = capsys.readouterr().out
    assert "note: tags that occur once: 3" in out
    assert "warning: " not in out
