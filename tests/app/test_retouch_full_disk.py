"""Work on pictures on a disk that is full at each of its writes in turn."""

import pytest

from lib_train.app.masks import Masks
from lib_train.app.retouch import Retouching, wish_of
from lib_train.errors import TrainToolsError
from tests.app.small_sets import pictures_of, prepare, require_whole
from tests.full_disk import at_each_write
from tests.pictures.trees import content_below

FULL = "No space left on device); make room"


def unwanted(setting, path):
    raise AssertionError("no detector was named")


def mirrored(root):
    act = Retouching(pictures_of(root), None, unwanted).prepared(wish_of("mirror", {"take_out": True}))
    return act(lambda *at: True)["edit"]


def masked(root):
    return Masks(pictures_of(root), unwanted).make("alpha")


@pytest.mark.parametrize(("work", "files"), [(mirrored, 8), (masked, 6)], ids=["retouch", "masks"])
def test_retouch_and_masks_are_whole_or_absent_and_undo_takes_them_away(tmp_path, monkeypatch, work, files):
    for root, answer in at_each_write(monkeypatch, tmp_path, prepare, work):
        journal = pictures_of(root).journal()
        require_whole(root)
        if isinstance(answer, TrainToolsError):
            assert FULL in str(answer)
        else:
            assert all(FULL in one for one in answer["left"])
            assert answer["left"] or len(content_below(root)) == files
        if journal.edits():
            assert journal.undo().left == ()
        assert sorted(content_below(root)) == [
            f"dataset/train/5_cat/{one}" for one in ("0.png", "0.txt", "1.png", "1.txt")
        ]
        work(root)
        assert len(content_below(root)) == files


def test_catalog_tells_the_same_on_a_full_disk(tmp_path, monkeypatch):
    def measured(root):
        stock = pictures_of(root).catalog.measure(pictures_of(root).dataset)
        return [(one.width, one.content, one.problem) for one in stock.entries]

    def once(root):
        prepare(root)
        (root / "cache").mkdir()

    answers = [answer for _, answer in at_each_write(monkeypatch, tmp_path, once, measured)]
    assert answers == answers[-1:] * len(answers)
