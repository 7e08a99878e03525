import os
from pathlib import Path

import pytest

from lib_train.config.dataset import DatasetConfig
from lib_train.pictures.entry import Entry
from lib_train.pictures.journal import Journal
from lib_train.pictures.places import Places
from lib_train.pictures.taking_out import steps_back, steps_into, steps_out
from lib_train.texts import say


def write(folder: Path, *names: str) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    for name in names:
        (folder / name).write_text(f"{folder.name}/{name}")


def tree(folder: Path) -> dict[str, str]:
    """Content of every file by its path, but for the journal's."""
    files = (path for path in folder.rglob("*") if path.is_file() and "edits" not in path.name)
    return {path.relative_to(folder).as_posix(): path.read_text() for path in sorted(files)}


def entries(places: Places, *folders: Path, reg: bool = False) -> list[Entry]:
    """The pictures of some folders."""
    paths = [path for folder in folders for path in sorted(folder.glob("*.png")) + sorted(folder.glob("*.jpg"))]
    return [
        Entry(id=number, path=path, folder=path.parent.name, repeats=10, is_reg=reg or "reg" in path.parts,
              left_out=path.is_relative_to(places.left_out))
        for number, path in enumerate(paths)
    ]  # fmt: skip


@pytest.fixture
def version(tmp_path):
    """A version with some pictures: settings, places, journal and the folder of the pictures."""
    places, train = Places.of_version(tmp_path), tmp_path / "dataset" / "train"
    write(train / "10_mochi", "a.png", "a.txt", "b.png", "c.png", "c.txt", "c.caption", "d.png", "d.jpg", "d.txt")
    return DatasetConfig(train_data_dir=(str(train),)), places, Journal(places), train / "10_mochi"


def move(journal, steps):
    return journal.apply(say("moved"), steps)


def test_picture_is_taken_out_with_its_captions_and_put_back(version, tmp_path):
    dataset, places, journal, folder = version
    before = tree(tmp_path)
    move(journal, steps_out([one for one in entries(places, folder) if one.path.name in ("a.png", "b.png", "c.png")],
                            dataset, places))  # fmt: skip
    out = places.left_out / "10_mochi"
    assert sorted(os.listdir(out)) == ["a.png", "a.txt", "b.png", "c.caption", "c.png", "c.txt"]
    assert sorted(os.listdir(folder)) == ["d.jpg", "d.png", "d.txt"]
    move(journal, steps_back(entries(places, out), dataset, places))
    assert tree(tmp_path) == before
    journal.undo()
    journal.undo()
    assert tree(tmp_path) == before


def test_what_is_out_is_not_taken_out_and_what_is_in_is_not_put_back(version):
    dataset, places, journal, folder = version
    assert steps_back(entries(places, folder), dataset, places) == []
    move(journal, steps_out(entries(places, folder), dataset, places))
    assert steps_out(entries(places, places.left_out / "10_mochi"), dataset, places) == []


def test_name_that_is_taken_gets_a_number_with_its_caption_and_nothing_is_written_over(version):
    dataset, places, journal, folder = version
    for ending in ("first", "second", "third"):
        (folder / "a.txt").write_text(ending)
        move(journal, steps_out([one for one in entries(places, folder) if one.path.stem == "a"], dataset, places))
        write(folder, "a.png")
    out = places.left_out / "10_mochi"
    found = {path.name: path.read_text() for path in out.glob("*.txt")}
    assert found == {"a.txt": "first", "a-2.txt": "second", "a-3.txt": "third"}
    assert sorted(path.name for path in out.glob("*.png")) == ["a-2.png", "a-3.png", "a.png"]
    move(journal, steps_back([one for one in entries(places, out) if one.path.name == "a.png"], dataset, places))
    assert (folder / "a-2.txt").read_text() == "first"
    assert (folder / "a-2.png").exists()
    assert (folder / "a.png").exists()


def test_name_is_taken_in_whatever_case(version):
    dataset, places, journal, folder = version
    write(places.left_out / "10_mochi", "A.PNG")
    move(journal, steps_out([one for one in entries(places, folder) if one.path.stem == "a"], dataset, places))
    assert sorted(tree(places.left_out)) == ["10_mochi/A.PNG", "10_mochi/a-2.png", "10_mochi/a-2.txt"]


def test_picture_never_gets_the_caption_of_another_one_of_its_name(version):
    dataset, places, journal, folder = version
    write(places.left_out / "10_mochi", "b.jpg", "b.txt")
    move(journal, steps_out([one for one in entries(places, folder) if one.path.name == "b.png"], dataset, places))
    assert sorted(os.listdir(places.left_out / "10_mochi")) == ["b-2.png", "b.jpg", "b.txt"]


def test_caption_that_another_picture_still_needs_is_copied(version):
    dataset, places, journal, folder = version
    move(journal, steps_out([one for one in entries(places, folder) if one.path.name == "d.png"], dataset, places))
    assert (places.left_out / "10_mochi" / "d.txt").read_text() == (folder / "d.txt").read_text() == "10_mochi/d.txt"
    assert (folder / "d.jpg").exists()


def test_pictures_that_share_a_caption_go_together(version):
    dataset, places, journal, folder = version
    write(places.left_out / "10_mochi", "d.png")
    move(journal, steps_out([one for one in entries(places, folder) if one.path.stem == "d"], dataset, places))
    assert sorted(os.listdir(places.left_out / "10_mochi")) == ["d-2.jpg", "d-2.png", "d-2.txt", "d.png"]


def test_class_pictures_come_back_into_the_class_folder(version, tmp_path):
    dataset, places, journal, folder = version
    reg = tmp_path / "dataset" / "reg" / "10_mochi"
    write(reg, "a.png")
    dataset = DatasetConfig(train_data_dir=dataset.train_data_dir, reg_data_dir=(str(reg.parent),))
    before = tree(tmp_path)
    move(journal, steps_out(entries(places, folder, reg), dataset, places))
    assert sorted(path.name for path in (places.left_out / "reg" / "10_mochi").iterdir()) == ["a.png"]
    outs = entries(places, places.left_out / "10_mochi", places.left_out / "reg" / "10_mochi")
    move(journal, steps_back(outs, dataset, places))
    assert tree(tmp_path) == before


def test_folders_of_one_name_are_told_apart(tmp_path):
    one, other = tmp_path / "one" / "10_mochi", tmp_path / "other" / "10_mochi"
    write(one, "a.png")
    write(other, "a.png", "a.txt")
    dataset, places = DatasetConfig(train_data_dir=(str(one.parent), str(other))), Places.of_folder(one.parent)
    journal, before = Journal(places, [other]), tree(tmp_path)
    move(journal, steps_out(entries(places, one, other), dataset, places))
    assert sorted(tree(places.left_out)) == ["10_mochi/a.png", "2/10_mochi/a.png", "2/10_mochi/a.txt"]
    outs = entries(places, places.left_out / "10_mochi", places.left_out / "2" / "10_mochi")
    move(journal, steps_back(outs, dataset, places))
    assert tree(tmp_path) == before


def test_folder_that_is_gone_is_made_again(version):
    dataset, places, journal, folder = version
    move(journal, steps_out(entries(places, folder), dataset, places))
    folder.rmdir()
    move(journal, steps_back(entries(places, places.left_out / "10_mochi"), dataset, places))
    assert len(os.listdir(folder)) == 9


def test_settings_without_folders_mean_the_versions_own(version):
    dataset, places, journal, folder = version
    move(journal, steps_out(entries(places, folder), dataset, places))
    folder.rmdir()
    move(journal, steps_back(entries(places, places.left_out / "10_mochi"), DatasetConfig(), places))
    assert len(os.listdir(folder)) == 9


def test_relative_link_leads_to_the_same_file_from_its_new_folder(version, tmp_path):
    dataset, places, journal, folder = version
    write(tmp_path / "real", "x.png")
    (folder / "x.png").symlink_to("../../../real/x.png")
    move(journal, steps_out([one for one in entries(places, folder) if one.path.name == "x.png"], dataset, places))
    there = places.left_out / "10_mochi" / "x.png"
    assert there.is_symlink()
    assert there.read_text() == "real/x.png"
    assert not os.path.lexists(folder / "x.png")
    journal.undo()
    assert (folder / "x.png").read_text() == "real/x.png"


def test_accent_in_another_unicode_form_is_the_same_name(tmp_path):
    places, train = Places.of_version(tmp_path), tmp_path / "dataset" / "train"
    write(train / "10_cafe\u0301", "e\u0301.png", "\u00e9.txt")
    dataset = DatasetConfig(train_data_dir=(str(train),))
    one = Entry(id=1, path=train / "10_cafe\u0301" / "e\u0301.png", folder="10_caf\u00e9", repeats=10)
    journal = Journal(places)
    move(journal, steps_out([one], dataset, places))
    assert sorted(tree(places.left_out)) == ["10_caf\u00e9/e\u0301.png", "10_caf\u00e9/\u00e9.txt"]
    out = Entry(
        id=1, path=places.left_out / "10_caf\u00e9" / "e\u0301.png", folder="10_caf\u00e9", repeats=10, left_out=True
    )
    move(journal, steps_back([out], dataset, places))
    assert [path.name for path in train.iterdir()] == ["10_cafe\u0301"]


def test_pictures_are_moved_into_another_folder_beside_their_own(version):
    dataset, places, journal, folder = version
    write(folder.parent / "5_hat", "a.png")
    chosen = [one for one in entries(places, folder) if one.path.name in ("a.png", "b.png")]
    move(journal, steps_into(chosen, "5_hat", dataset, places))
    assert sorted(os.listdir(folder.parent / "5_hat")) == ["a-2.png", "a-2.txt", "a.png", "b.png"]
    assert steps_into(entries(places, folder.parent / "5_hat"), "5_hat", dataset, places) == []
    journal.undo()
    assert sorted(os.listdir(folder.parent / "5_hat")) == ["a.png"]


def test_pictures_that_were_taken_out_are_not_moved(version):
    dataset, places, journal, folder = version
    move(journal, steps_out(entries(places, folder), dataset, places))
    assert steps_into(entries(places, places.left_out / "10_mochi"), "5_hat", dataset, places) == []


def test_mask_follows_its_picture_to_another_folder_or_name(version):
    dataset, places, journal, folder = version
    write(places.masks / "10_mochi", "a.png", "b.png", "d.png")
    chosen = {one.path.name: one for one in entries(places, folder)}
    move(journal, steps_into([chosen["a.png"], chosen["d.png"]], "5_hat", dataset, places))
    assert sorted(tree(places.masks)) == ["10_mochi/b.png", "10_mochi/d.png", "5_hat/a.png", "5_hat/d.png"]
    write(places.left_out / "10_mochi", "b.png")
    move(journal, steps_out([chosen["b.png"]], dataset, places))
    assert sorted(tree(places.masks / "10_mochi")) == ["b-2.png", "d.png"]
    journal.undo()
    journal.undo()
    assert sorted(tree(places.masks)) == ["10_mochi/a.png", "10_mochi/b.png", "10_mochi/d.png"]


def test_mask_stays_where_name_and_folder_stay(version):
    dataset, places, journal, folder = version
    write(places.masks / "10_mochi", "a.png")
    steps = steps_out([one for one in entries(places, folder) if one.path.name == "a.png"], dataset, places)
    assert not any(places.masks in path.parents for step in steps for path in step if isinstance(path, Path))


def test_pictures_of_one_name_in_folders_of_one_name_both_keep_their_mask(tmp_path):
    one, other = tmp_path / "one" / "10_mochi", tmp_path / "other" / "10_mochi"
    write(one, "a.png")
    write(other, "a.png")
    dataset = DatasetConfig(train_data_dir=(str(one.parent), str(other.parent)))
    places = Places.of_folder(one.parent)
    write(places.masks / "10_mochi", "a.png")
    before, journal = tree(tmp_path), Journal(places, [other.parent])
    move(journal, steps_into(entries(places, one, other), "5_hat", dataset, places))
    assert (places.masks / "5_hat" / "a.png").read_text() == "10_mochi/a.png"
    journal.undo()
    assert tree(tmp_path) == before
    for folder in ("10_mochi", "2/10_mochi"):
        write(places.left_out / folder, "a.png")
    move(journal, steps_out(entries(places, one, other), dataset, places))
    assert (places.masks / "10_mochi" / "a-2.png").read_text() == "10_mochi/a.png"
