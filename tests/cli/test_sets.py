import pytest

from tests.cli.commands import run


def test_sets_are_listed_with_their_parts_of_an_epoch(pictures, capsys):
    assert run("sets", "move", "--train_data_dir", pictures, "--filter", "name:0*", "--to", "4_hat") == 0
    assert capsys.readouterr().out == "moved pictures to 4_hat: 1\n    0.png\n"
    assert run("sets", "list", "--train_data_dir", pictures) == 0
    assert capsys.readouterr().out.splitlines() == [
        " 50% ##########           2_mochi, 2 x 2 = 4 in an epoch, trigger word mochi",
        " 50% ##########           4_hat, 1 x 4 = 4 in an epoch",
    ]


def test_repeats_and_names_are_changed_and_a_dry_run_changes_nothing(pictures, capsys):
    assert run("sets", "repeats", "--train_data_dir", pictures, "2_mochi", 9, "--dry-run") == 0
    assert capsys.readouterr().out.startswith("would be done: renamed 2_mochi to 9_mochi")
    assert (pictures / "2_mochi").exists()
    assert run("sets", "repeats", "--train_data_dir", pictures, "2_mochi", 9) == 0
    assert run("sets", "rename", "--train_data_dir", pictures, "9_mochi", "9_cat") == 0
    assert (pictures / "9_cat" / "0.txt").exists()
    assert run("captions", "undo", "--train_data_dir", pictures) == 0
    assert (pictures / "9_mochi" / "0.txt").exists()


def test_pictures_become_regularisation_in_a_named_folder(pictures, tmp_path):
    reg = tmp_path / "reg"
    words = ["--train_data_dir", pictures, "--reg_data_dir", reg, "--filter", "name:1*", "--to", "1_cat", "--reg"]
    assert run("sets", "move", *words) == 0
    assert sorted(path.name for path in (reg / "1_cat").iterdir()) == ["1.png", "1.txt"]


@pytest.mark.parametrize(
    ("words", "why"),
    [
        (["move", "--to", "hat"], "to = 'hat': must be <repeats>_<name>"),
        (["move", "--to", "1_../x"], "name = '../x': use letters"),
        (["move", "--to", "1_cat", "--reg"], "reg_data_dir = (): name a folder for the regularisation pictures"),
        (["repeats", "2_mochi", "0"], "repeats = 0: must be between 1 and 10000"),
        (["rename", "7_x", "8_x"], "folder = '7_x': there is no such set; choose one of 2_mochi"),
    ],
)
def test_what_cannot_be_used_is_named(pictures, capsys, words, why):
    assert run("sets", *words, "--train_data_dir", pictures) == 2
    assert why in capsys.readouterr().err
