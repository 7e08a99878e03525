from pathlib import Path
from typing import Any

import pytest
from PIL import Image

from lib_train.config.dataset import DatasetConfig
from lib_train.pictures.held_out import split, with_folders
from lib_train.pictures.records import Picture, Scan


def scan(count, *, reg=0):
    kept: dict[str, Any] = {"caption": "a cat", "width": 64, "height": 64, "repeats": 3, "folder": "3_cat"}
    return Scan(
        pictures=tuple(
            Picture(path=Path(f"{number}.png"), is_reg=number >= count, **kept) for number in range(count + reg)
        ),
        problems=(),
    )


@pytest.mark.parametrize(
    ("count", "share", "held"), [(20, 0.1, 2), (20, 0.01, 1), (3, 0.9, 2), (2, 0.5, 1), (5, 0.5, 2), (7, 0.5, 4)]
)
def test_a_share_of_the_training_pictures_is_held_out_at_least_one_and_never_all(count, share, held):
    found = split(scan(count, reg=4), share, seed=1)
    assert len(found.held_out) == held
    assert len(found.pictures) == count + 4 - held
    assert {one.path for one in (*found.pictures, *found.held_out)} == {one.path for one in scan(count, reg=4).pictures}
    assert not any(one.is_reg for one in found.held_out)
    assert [one.repeats for one in found.held_out] == [1] * held
    assert list(found.pictures) == [one for one in scan(count, reg=4).pictures if one in found.pictures]


def test_the_seed_decides_which_are_held_out():
    chosen = {split(scan(20), 0.2, seed).held_out for seed in range(6)}
    assert len(chosen) > 1
    assert split(scan(20), 0.2, 3) == split(scan(20), 0.2, 3)


def test_a_single_picture_is_trained_and_told_of():
    found = split(scan(1, reg=2), 0.5, seed=1)
    assert len(found.pictures) == 3
    assert found.held_out == ()
    assert "validation_split = 0.5: there is one picture only, so none is held out" in map(str, found.notes)


def test_no_share_holds_nothing_out():
    assert split(scan(5), 0.0, 1) == scan(5)


@pytest.mark.parametrize("place", ["others", "7_cat", "others/7_cat"])
def test_pictures_of_a_folder_with_or_without_repeats_are_held_out_once(tmp_path, place):
    folder = tmp_path / place
    folder.mkdir(parents=True)
    for number in range(2):
        Image.new("RGB", (64, 64)).save(folder / f"{number}.png")
    (folder / "0.txt").write_text("a dog")
    named = str(tmp_path / place.split("/")[0])
    found = with_folders(scan(3), [named], DatasetConfig())
    assert found.pictures == scan(3).pictures
    assert [(one.path.name, one.repeats) for one in found.held_out] == [("0.png", 1), ("1.png", 1)]
    assert found.held_out[0].caption == "a dog"


def test_what_cannot_be_measured_is_a_problem_of_the_setting_that_names_it(tmp_path):
    (tmp_path / "broken.png").write_bytes(b"no picture")
    found = with_folders(scan(3), [str(tmp_path / "none"), str(tmp_path)], DatasetConfig())
    assert found.held_out == ()
    assert [one.setting for one in found.problems] == ["validation_data_dir", "picture"]
    assert str(tmp_path / "none") in str(found.problems[0])


def test_a_picture_that_changed_is_looked_at_again(tmp_path):
    picture = tmp_path / "a.png"
    for size in ((64, 64), (128, 64)):
        Image.new("RGB", size).save(picture)
        found = with_folders(scan(1), [str(tmp_path)], DatasetConfig())
        assert (found.held_out[0].width, found.held_out[0].height) == size
