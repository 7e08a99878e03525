import os

import pytest

from lib_train.pictures.binding import Binding, file_of, read_bindings, with_binding
from lib_train.pictures.changes import Move
from lib_train.pictures.journal import Journal
from lib_train.pictures.places import Places
from lib_train.pictures.set_folders import steps_renamed
from lib_train.texts import say


@pytest.fixture
def places(tmp_path):
    """Of a version with a set, a mask, pictures that were taken out, and a binding."""
    found = Places.of_version(tmp_path)
    for folder in ("train/2_mochi", "reg/2_mochi", "masks/2_mochi", "masks/reg/2_mochi", "left_out/2/2_mochi"):
        (tmp_path / "dataset" / folder).mkdir(parents=True)
        (tmp_path / "dataset" / folder / "a.png").write_text(folder)
    file_of(found).write_bytes(with_binding([], Binding(folders=("2_mochi", "1_x"), trigger="mochi")))
    return found


def tree(folder):
    return {path.relative_to(folder).as_posix(): path.read_text() for path in folder.rglob("*.png")}


def steps(places, title="5_mochi", *, is_reg=False):
    kind = "reg" if is_reg else "train"
    return steps_renamed([places.base / "dataset" / kind / "2_mochi"], title, places, is_reg=is_reg)


def test_masks_and_what_was_taken_out_and_the_binding_follow_the_name(places, tmp_path):
    before, journal = tree(tmp_path), Journal(places)
    journal.apply(say("renamed"), steps(places))
    assert sorted(tree(tmp_path)) == [f"dataset/{name}/a.png" for name in (
        "left_out/2/5_mochi", "masks/5_mochi", "masks/reg/2_mochi", "reg/2_mochi", "train/5_mochi",
    )]  # fmt: skip
    assert read_bindings(file_of(places).read_bytes())[0].folders == ("5_mochi", "1_x")
    journal.undo()
    assert tree(tmp_path) == before
    assert read_bindings(file_of(places).read_bytes())[0].folders == ("2_mochi", "1_x")
    journal.redo()
    assert (tmp_path / "dataset" / "train" / "5_mochi" / "a.png").exists()


def test_regularisation_set_of_the_same_name_is_another_one(places, tmp_path):
    data = tmp_path / "dataset"
    found = [one for one in steps(places, is_reg=True) if isinstance(one, Move)]
    assert found == [Move(data / kind / "2_mochi", data / kind / "5_mochi") for kind in ("reg", "masks/reg")]


def test_name_that_is_taken_cannot_be_given(places):
    os.mkdir(places.base / "dataset" / "train" / "5_mochi")
    assert steps(places) is None


def test_file_of_no_binding_stays_as_it_is(places):
    file_of(places).write_text("{}")
    assert all(isinstance(one, Move) for one in steps(places))
