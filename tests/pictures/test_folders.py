import os
import time
from pathlib import Path

import pytest
from PIL import Image

from lib_train.pictures.folders import Folders


def laid(root: Path, *files: str) -> Path:
    """Empty files and one-pixel pictures below ``root``."""
    for name in files:
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        Image.new("RGB", (8, 8)).save(path) if path.suffix in (".png", ".jpg") else path.touch()
    return root


def found(*named: Path) -> Folders:
    return Folders("train_data_dir", [str(folder) for folder in named])


def subsets(folders: Folders) -> list[tuple[int, str, int]]:
    return [(subset.repeats, subset.name, len(subset.pictures)) for subset in folders.subsets]


def test_counted_folders_inside_win_over_a_parent_whose_name_looks_counted(tmp_path):
    """A cover in 2024_photos was trained 2,024 times, and the folders inside were not seen."""
    parent = laid(tmp_path / "2024_photos", "cover.png", "10_mochi/a.png", "5_cat/a.png", "5_cat/b.jpg")
    folders = found(parent)
    assert subsets(folders) == [(10, "mochi", 1), (5, "cat", 2)]
    assert folders.problems == []
    assert folders.notes == [f"{parent}: pictures beside its <repeats>_<name> folders are left out: cover.png"]


def test_counted_folder_without_counted_ones_inside_is_one_subset(tmp_path):
    folder = laid(tmp_path / "10_mochi", "a.png", "unused/b.png", "3_empty/readme.txt")
    folders = found(folder)
    assert subsets(folders) == [(10, "mochi", 1)]
    assert folders.notes == [f"{folder}: pictures in folders inside it are left out: unused"]


def test_number_that_may_be_a_year_is_pointed_out_and_a_date_refused(tmp_path):
    folders = found(laid(tmp_path, "2024_trip/a.png", "20240131_trip/a.png", "10_mochi/a.png"))
    assert subsets(folders) == [(10, "mochi", 1), (2024, "trip", 1)]
    assert "2024 repeats of each picture; rename it if the number is a year" in folders.notes[0]
    assert "at most 10000 are possible: rename it to 10_trip" in str(folders.problems[0])


@pytest.mark.parametrize("name", ["0_off", "-3_off"])
def test_no_repeats_switch_a_folder_off(tmp_path, name):
    folders = found(laid(tmp_path, f"{name}/a.png", "10_mochi/a.png"))
    assert subsets(folders) == [(10, "mochi", 1)]
    assert folders.notes == [f"{tmp_path / name}: {name[:-4]} repeats: its pictures are left out (1)"]


def test_folder_above_the_right_one_says_which_to_name(tmp_path):
    folders = found(laid(tmp_path, "img/10_mochi/a.png", "log/x.txt"))
    assert subsets(folders) == []
    assert [str(problem.value) for problem in folders.problems] == [str(tmp_path / "img")]
    assert "name this folder itself" in folders.problems[0].remedy


@pytest.mark.parametrize("name", ["10_年糕 もち", "10_🐱 [cat] (1)", "10_a_b'c\"d", "10_*?", "10_.x", "10_"])
def test_any_letters_may_stand_in_names(tmp_path, name):
    folders = found(laid(tmp_path, f"{name}/写真 [1].png"))
    assert subsets(folders) == [(10, name[3:], 1)]
    assert subsets(found(tmp_path / name)) == [(10, name[3:], 1)]


def test_name_of_bytes_that_are_no_text_becomes_text(tmp_path):
    folder = laid(tmp_path / "10_caf\udce9", "a.png")
    assert found(folder).subsets[0].title == "10_caf\ufffd"


def test_links_keep_the_name_they_have(tmp_path):
    real = laid(tmp_path / "real", "a.png")
    (tmp_path / "data").mkdir()
    (tmp_path / "data" / "7_cat").symlink_to(real)
    for named in (tmp_path / "data", tmp_path / "data" / "7_cat"):
        assert subsets(found(named)) == [(7, "cat", 1)]


def test_links_in_a_circle_end(tmp_path):
    data = laid(tmp_path / "data", "10_mochi/a.png")
    (data / "10_mochi" / "3_up").symlink_to(data)
    (data / "4_self").symlink_to(data / "4_self")
    (data / "5_round").symlink_to(data)
    assert subsets(found(data)) == [(10, "mochi", 1)]


def test_folder_named_twice_counts_once(tmp_path):
    data = laid(tmp_path, "10_mochi/a.png")
    folders = found(data, data / "10_mochi")
    assert subsets(folders) == [(10, "mochi", 1)]
    assert folders.notes == [f"{data / '10_mochi'}: is named twice and counts once"]


def test_unreadable_folders_are_named(tmp_path, monkeypatch):
    laid(tmp_path, "10_mochi/a.png", "10_locked/a.png")
    listing = os.scandir

    def guarded(folder):
        if Path(folder).name == "10_locked":
            raise PermissionError(13, "Permission denied", str(folder))
        return listing(folder)

    monkeypatch.setattr(os, "scandir", guarded)
    folders = found(tmp_path, tmp_path / "10_locked", tmp_path / ("x" * 300), Path("a\0b"))
    assert subsets(folders) == [(10, "mochi", 1)]
    assert [problem.remedy.split(";")[-1].strip() for problem in folders.problems[:2]] == [
        "check its permissions", "check the path and its permissions"
    ]  # fmt: skip
    assert len(folders.problems) == 4


def test_pictures_of_other_kinds_are_told_of(tmp_path):
    folders = found(laid(tmp_path, "10_mochi/a.png", "10_mochi/b.GIF", "10_mochi/c.heic", "10_mochi/.hidden.gif"))
    assert folders.notes == [
        f"{tmp_path / '10_mochi'}: .gif, .heic files are left out; convert them to PNG to use them"
    ]


@pytest.mark.parametrize(
    ("name", "proposed"),
    [("100 Testtraining", "100_Testtraining"), ("5-cat", "5_cat"), ("7.dog", "7_dog"), ("20 x cat", "20_cat"),
     ("3 _ cat", "3_cat"), ("8__cat", None), ("\uff11\uff10\uff3fcat", "10_cat"), ("cat", "10_cat"),
     ("2024-05-01 beach", "10_2024-05-01 beach"), ("2024 beach", "10_2024 beach"), ("05-01", "10_05-01"),
     ("1 cat", "1_cat"), ("999 cat", "999_cat"), ("1000 cat", "10_1000 cat"),
     ("100", "10_100"), ("0 cat", "10_0 cat"), ("4x4 car", "10_4x4 car")],
)  # fmt: skip
def test_folder_without_an_underscore_is_told_the_name_that_it_should_have(tmp_path, name, proposed):
    """A date, a year or a part of a name is not taken for repeats."""
    folders = found(laid(tmp_path / "data", f"{name}/a.png"))
    remedies = [problem.remedy for problem in folders.problems]
    assert remedies == ([] if proposed is None else [f"holds pictures but no repeats: rename it to {proposed}"])


@pytest.mark.parametrize(
    ("names", "told"),
    [("abc", "a.png, b.png, c.png"), ("abcd", "a.png, b.png, c.png and 1 more"),
     ("abcdefg", "a.png, b.png, c.png and 4 more")],
)  # fmt: skip
def test_names_are_cut_after_three_and_the_rest_is_counted(tmp_path, names, told):
    folders = found(laid(tmp_path, "5_cat/a.png", *(f"{name}.png" for name in names)))
    assert folders.notes == [f"{tmp_path}: pictures beside its <repeats>_<name> folders are left out: {told}"]


@pytest.mark.parametrize("setting", ["train_data_dir", "reg_data_dir"])
def test_problem_names_the_setting_of_its_folder(tmp_path, setting):
    problem = Folders(setting, [str(tmp_path / "gone")]).problems[0]
    assert (problem.setting, problem.value, problem.remedy) == (
        setting,
        str(tmp_path / "gone"),
        "is no folder; check the path",
    )


def test_named_folder_that_is_misspelt_itself_is_told_its_name(tmp_path):
    folders = found(laid(tmp_path / "100 Testtraining", "a.png", "b.png"))
    assert folders.problems[0].remedy == "2 pictures lie beside the folders: rename it to 100_Testtraining"


@pytest.mark.parametrize(
    "name",
    ["__MACOSX", "__macosx", ".AppleDouble", "@eaDir", "$RECYCLE.BIN", "System Volume Information", "lost+found",
     ".ipynb_checkpoints", "#recycle", ".Trash-1000", ".git", "__pycache__"],
)  # fmt: skip
def test_folders_of_systems_and_programs_are_left_out_without_a_word(tmp_path, name):
    data = laid(tmp_path, "5_cat/a.png", f"{name}/5_cat/._a.png", f"{name}/a.png", f"5_cat/{name}/a.png")
    folders = found(data)
    assert (subsets(folders), folders.problems, folders.notes) == ([(5, "cat", 1)], [], [])


@pytest.mark.parametrize("name", ["Thumbs.db", "desktop.ini", ".DS_Store", "._a.png", "Icon\r"])
def test_files_of_systems_are_no_pictures(tmp_path, name):
    folders = found(laid(tmp_path, "5_cat/a.png", f"5_cat/{name}", name))
    assert ([file.name for file in folders.subsets[0].files], folders.problems, folders.notes) == (["a.png"], [], [])


def test_name_is_the_same_in_both_unicode_forms(tmp_path):
    laid(tmp_path, "10_cafe\u0301/a.png")
    assert (found(tmp_path).subsets[0].name, found(tmp_path).subsets[0].title) == ("caf\u00e9", "10_caf\u00e9")


@pytest.mark.parametrize("files", [[], ["1_cat/"], ["1_cat/readme.md"], ["log/x.txt"]], ids=str)
def test_folder_of_which_nothing_is_used_is_told(tmp_path, files):
    for name in files:
        (tmp_path / name).mkdir() if name.endswith("/") else laid(tmp_path, name)
    folders = Folders("reg_data_dir", [str(tmp_path)])
    assert (folders.subsets, folders.problems, len(folders.notes)) == ([], [], 1)
    assert "so it is not used" in folders.notes[0] or "none of it is used" in folders.notes[0]


def test_disk_that_is_no_dataset_is_not_walked(tmp_path, monkeypatch):
    """A typed / or /usr: names one level below the folders inside are all that is read, and few of them."""
    for number in range(130):
        laid(tmp_path, f"d{number}/e/f/g/a.png")
    laid(tmp_path, "d5/3_cat/a.png")
    read, listing = [], os.scandir
    monkeypatch.setattr(os, "scandir", lambda folder: read.append(Path(folder)) or listing(folder))
    folders = found(tmp_path)
    assert len(read) == 101
    assert {path.relative_to(tmp_path).parts[1:] for path in read} == {()}
    assert [str(problem.value) for problem in folders.problems] == [str(tmp_path / "d5")]
    assert folders.notes == [
        f"{tmp_path}: has 130 folders without repeats in their names; the first 100 were looked into"
    ]


def seconds_for(folder: Path) -> float:
    """Of the CPU, without what others in this process do."""
    spent = []
    for _ in range(3):
        start = time.process_time()
        found(folder)
        spent.append(time.process_time() - start)
    return min(spent)


def test_folder_with_very_many_entries_is_looked_at_in_part(tmp_path):
    (tmp_path / "many").mkdir()
    for number in range(3000):
        (tmp_path / "many" / f"{number}.txt").touch()
    laid(tmp_path, "5_cat/a.png")
    assert seconds_for(tmp_path) < 0.1
    assert subsets(found(tmp_path)) == [(5, "cat", 1)]


@pytest.mark.parametrize("folder", ["/", "/usr", "/etc", "/proc"])
def test_folders_of_the_system_cost_little(folder):
    if not Path(folder).is_dir():
        pytest.skip("a folder of Linux")
    assert seconds_for(Path(folder)) < 0.2
    assert not found(Path(folder)).subsets
