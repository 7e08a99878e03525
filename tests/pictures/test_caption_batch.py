import pytest

from lib_train.config.dataset import DatasetConfig
from lib_train.errors import CaptionChanged, DatasetError
from lib_train.pictures.caption_batch import batch, changes, write_noted
from lib_train.pictures.caption_steps import Add, Remove, Sort
from lib_train.pictures.catalog import Catalog
from lib_train.pictures.journal import Journal
from lib_train.pictures.places import Places
from lib_train.pictures.tag_line import Shape
from tests.pictures.trees import NAMES, content_below

ADD = [Add(("x",), last=True)]


@pytest.fixture
def journal(tmp_path):
    return Journal(Places.of_version(tmp_path))


def known(tmp_path):
    dataset = DatasetConfig(train_data_dir=(str(tmp_path / "dataset" / "train"),))
    return dataset, Catalog(Places.of_version(tmp_path)).stock(dataset).entries


def test_captions_of_odd_names_are_changed_in_their_encodings_and_come_back(tmp_path, folder, journal):
    before = content_below(tmp_path)
    dataset, entries = known(tmp_path)
    planned = batch(entries, ADD, Shape())
    broken = [one.path.name for one in planned.unreadable]
    assert (len(planned.new) + len(broken), planned.counts) == (len(NAMES), (len(planned.new),))
    assert len(broken) == 4  # Shift-JIS, and damaged UTF-16
    steps, left = changes(planned.new, dataset)
    assert (left, journal.apply(planned.label, steps).left) == ([], ())
    assert (folder / "c [x].txt").read_bytes() == "mochi, \U0001f431, x".encode("utf-16")
    assert (folder / "it's.txt").read_bytes() == b"mochi, x\r\nsecond line\r\n"
    assert (folder / "B (1).txt").read_bytes() == "mochi, \u5e74\u7cd5, x".encode("utf-8-sig")
    after = content_below(tmp_path)
    for name in broken:
        path = f"dataset/train/10_mochi/{name.removesuffix('.png')}.txt"
        assert after[path] == before[path]
    journal.undo()
    assert content_below(tmp_path) == before


def test_picture_without_a_caption_has_its_folders_name_and_gets_a_file(tmp_path, folder, journal):
    (folder / "a.txt").unlink()
    dataset, entries = known(tmp_path)
    chosen = [one for one in entries if one.path.name == "a.png"]
    steps, _ = changes(batch(chosen, ADD, Shape()).new, dataset)
    journal.apply("x", steps)
    assert (folder / "a.txt").read_text() == "mochi, x"
    assert batch(chosen, [Remove(("y",))], Shape()).new == ()


def test_caption_that_two_pictures_share_is_edited_once(tmp_path, folder):
    (folder / "a.jpg").write_bytes(b"picture")
    dataset, entries = known(tmp_path)
    chosen = [one for one in entries if one.path.stem == "a"]
    assert (len(chosen), batch(chosen, ADD, Shape()).counts) == (2, (1,))


def test_caption_that_changed_after_it_was_read_is_left_and_named(tmp_path, folder):
    dataset, entries = known(tmp_path)
    planned = batch([one for one in entries if one.path.name in ("a.png", "it's.png")], ADD, Shape())
    (folder / "a.txt").write_text("theirs")
    (folder / "it's.txt").unlink()
    steps, left = changes(planned.new, dataset)
    assert steps == []
    assert sorted(left) == [
        "a.txt: was changed meanwhile",
        "it's.txt: was changed meanwhile",
    ]


def test_frequency_counts_pictures_that_are_not_chosen(tmp_path, folder):
    _, entries = known(tmp_path)
    chosen = [one for one in entries if one.path.name == "a.png"]
    assert batch(chosen, [Sort()], Shape()).new[0].after == "blue eyes, long hair, mochi"
    assert batch(chosen, [Sort()], Shape(), everyone=entries).new == ()


def test_one_caption_is_written_and_undone(tmp_path, folder, journal):
    write_noted(journal, folder / "it's.txt", "mochi,\nsecond line", "hat\r\nsecond")
    assert (folder / "it's.txt").read_bytes() == b"hat\r\nsecond\r\n"
    write_noted(journal, folder / "new.txt", "mochi", "mochi, hat")
    assert [edit.label for edit in journal.edits()] == ["wrote new.txt", "wrote it's.txt"]
    journal.undo()
    journal.undo()
    assert not (folder / "new.txt").exists()
    assert (folder / "it's.txt").read_bytes() == b"mochi,\r\nsecond line\r\n"


def test_second_writer_of_a_caption_is_told_what_is_there(tmp_path, folder, journal):
    write_noted(journal, folder / "a.txt", "mochi, blue eyes, long hair", "first")
    with pytest.raises(CaptionChanged) as caught:
        write_noted(journal, folder / "a.txt", "mochi, blue eyes, long hair", "second")
    assert caught.value.present == "first"
    (folder / "new.txt").write_text("theirs")
    with pytest.raises(CaptionChanged):
        write_noted(journal, folder / "new.txt", "mochi", "mine")
    assert (folder / "new.txt").read_text() == "theirs"


def test_caption_that_no_file_can_hold_changes_nothing(tmp_path, folder, journal):
    with pytest.raises(DatasetError, match="half of a character"):
        write_noted(journal, folder / "a.txt", "mochi, blue eyes, long hair", "\ud800")
    assert journal.edits() == []
