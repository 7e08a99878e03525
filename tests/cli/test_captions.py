import pytest

from lib_train import cli
from tests.cli.commands import run


@pytest.fixture
def captions(pictures):
    """Bytes of the captions, by their files' names."""
    folder = pictures / "2_mochi"
    (folder / "0.txt").write_bytes(b"1girl, blue_eyes, smile\r\nsecond, blue_eyes\r\n")
    (folder / "1.txt").write_bytes("1girl, blue eyes, solo".encode("utf-16"))
    (folder / "2.txt").write_bytes(b"1girl,hat")
    return lambda: {path.name: path.read_bytes() for path in sorted(folder.glob("*.txt"))}


def test_replace_is_shown_then_done_then_undone(pictures, captions, capsys):
    before, there = captions(), ("--train_data_dir", pictures)
    words = ("captions", "replace", *there, "--find", "blue_eyes", "--with", "green eyes")
    assert run(*words, "--dry-run") == 0
    shown = capsys.readouterr().out
    assert "would change 2 of 3 captions\n0.png\n  - 1girl, blue_eyes, smile\n" in shown
    assert "  + 1girl, green eyes, smile\n" in shown
    assert captions() == before
    assert not (pictures / ".train_tools").exists()
    assert run(*words) == 0
    assert capsys.readouterr().out == "replaced 'blue_eyes' with 'green eyes': 2 captions\n"
    assert captions() == {
        "0.txt": b"1girl, green eyes, smile\r\nsecond, blue_eyes\r\n",
        "1.txt": "1girl, green eyes, solo".encode("utf-16"),
        "2.txt": b"1girl,hat",
    }
    assert run("captions", "undo", *there) == 0
    assert capsys.readouterr().out.splitlines()[1] == "files that came back: 2"
    assert captions() == before
    assert run("captions", "redo", *there) == 0
    assert run("captions", "edits", *there) == 0
    assert "replaced 'blue_eyes' with 'green eyes': 2 captions" in capsys.readouterr().out.splitlines()[-1]


@pytest.mark.parametrize(
    ("words", "last"),
    [
        (["add", "mochi"], b"mochi,1girl,hat"),
        (["add", "mochi, cat", "--last"], b"1girl,hat,mochi,cat"),
        (["remove", "hat"], b"1girl"),
        (["replace", "--find", "(h)at", "--with", r"\1ood", "--regex"], b"1girl,hood"),
        (["replace", "--find", "1girl,", "--with", "a girl and ", "--text"], b"a girl and hat"),
        (["sort", "--by", "name"], b"1girl,hat"),
        (["front", "hat"], b"hat,1girl"),
        (["dedupe"], b"1girl,hat"),
        (["underscores", "--to", "underscores"], b"1girl,hat"),
        (["case", "--to", "upper"], b"1GIRL,HAT"),
        (["separators", "--of", "g"], b"1,irl,hat"),
        (["remove", "1girl", "--filter", "-blue_eyes"], b"hat"),
        (["remove", "1girl", "--filter", "blue_eyes"], b"1girl,hat"),
        (["add", "x", "--caption_extension", ".cap"], b"1girl,hat"),
    ],
)
def test_every_edit_can_be_done_and_undone(pictures, captions, words, last):
    before = captions()
    assert run("captions", words[0], "--train_data_dir", pictures, *words[1:]) == 0
    assert captions()["2.txt"] == last
    if captions() != before:
        assert run("captions", "undo", "--train_data_dir", pictures) == 0
    assert captions() == before


def test_tags_are_counted_without_writing_anything(pictures, captions, capsys):
    before = sorted(pictures.rglob("*"))
    assert run("captions", "tags", "--train_data_dir", pictures) == 0
    assert capsys.readouterr().out.splitlines() == [
        "     3 1girl", "     2 blue eyes", "     1 hat", "     1 smile", "     1 solo",
        "5 tags in 3 captions; 3 of them in one alone",
    ]  # fmt: skip
    assert run("captions", "tags", "--train_data_dir", pictures, "--beside", "solo") == 0
    assert "     1 blue eyes" in capsys.readouterr().out
    assert sorted(pictures.rglob("*")) == before


def test_binding_is_proposed_written_and_done_to_what_came_later(pictures, captions, capsys):
    there = ("--train_data_dir", pictures)
    assert run("captions", "bind", *there) == 0
    assert capsys.readouterr().out.splitlines() == [
        "100% 1girl: stays free",
        " 67% blue eyes: belongs to the character",
        "captions that wait for the remembered choices: 0",
    ]
    assert run("captions", "bind", *there, "--trigger", "mochi", "--character", "blue eyes", "--free", "1girl") == 0
    assert captions()["2.txt"] == b"mochi,1girl,hat"
    (pictures / "2_mochi" / "2.txt").write_bytes(b"blue eyes, new")
    assert run("captions", "bind", *there, "--again", "--dry-run") == 0
    assert captions()["2.txt"] == b"blue eyes, new"
    assert run("captions", "bind", *there, "--again") == 0
    assert captions()["2.txt"] == b"mochi, new"


def test_pictures_of_a_version_are_edited_by_its_settings(tmp_path, pictures, captions):
    version = tmp_path / "out" / "p" / "versions" / "v1"
    (version / "dataset").mkdir(parents=True)
    pictures.rename(version / "dataset" / "train")
    (version / "version.json").write_text('{"caption_separator": ";"}')
    (version / "dataset" / "train" / "2_mochi" / "2.txt").write_text("a; b, c")
    place = ("--output", tmp_path / "out", "--project", "p")
    assert run("captions", "remove", *place, "a") == 0
    assert (version / "dataset" / "train" / "2_mochi" / "2.txt").read_text() == "b, c"
    assert run("captions", "undo", *place) == 0
    assert (version / "dataset" / "train" / "2_mochi" / "2.txt").read_text() == "a; b, c"
    assert (version / "edits.jsonl").is_file()


def test_caption_that_cannot_be_read_is_named_and_the_others_are_edited(pictures, captions, capsys):
    (pictures / "2_mochi" / "1.txt").write_bytes("\u8d64\u3044\u5e3d\u5b50".encode("cp932"))
    before = captions()["1.txt"]
    assert run("captions", "add", "--train_data_dir", pictures, "x") == 0
    assert "note: 1.png: its caption cannot be read and stays as it is" in capsys.readouterr().out
    assert (captions()["1.txt"], captions()["2.txt"]) == (before, b"x,1girl,hat")


@pytest.mark.parametrize(
    ("words", "why"),
    [
        (["undo", "--train_data_dir", "{pictures}"], "there is nothing to undo"),
        (["add", "x", "--train_data_dir", "{pictures}/nowhere"], "is no folder"),
        (["add", "x", "--project", "nobody", "--output", "{pictures}"], "there is none of this name"),
        (["add", ",", "--train_data_dir", "{pictures}"], "names no tag"),
        (["replace", "--find", "(", "--regex", "--train_data_dir", "{pictures}"], "is no regular expression"),
        (["replace", "--find", "-x", "--regex", "--filter", "-(", "--train_data_dir", "{pictures}"], "filter, "),
        (
            ["add", "x", "--filter", "tokens:>3", "--train_data_dir", "{pictures}"],
            "tokens of 3 captions are not counted",
        ),
    ],
)
def test_what_cannot_be_done_is_said(pictures, captions, capsys, words, why):
    before = captions()
    assert run("captions", *(word.format(pictures=pictures) for word in words)) == 2
    assert why in capsys.readouterr().err
    assert captions() == before


def test_edit_of_a_folder_that_cannot_be_written_to_is_refused_and_changes_nothing(pictures, captions, capsys):
    (pictures / ".train_tools").write_text("in the way")
    before = captions()
    assert run("captions", "add", "--train_data_dir", pictures, "x") == 2
    assert "cannot be written" in capsys.readouterr().err
    assert captions() == before


def test_filter_by_size_looks_at_pictures_first(pictures, captions):
    assert run("captions", "add", "--train_data_dir", pictures, "x", "--filter", "width:>100") == 0
    changed = [name for name, content in captions().items() if b"x" in content.replace(b"\0", b"")[:3]]
    assert changed == ["2.txt"]


def test_help_has_an_example_for_each_command(capsys):
    for word in ("add", "replace", "bind", "undo"):
        with pytest.raises(SystemExit):
            cli.main(["captions", word, "--help"])
        assert f"train-tools captions {word} --train_data_dir pictures" in capsys.readouterr().out
