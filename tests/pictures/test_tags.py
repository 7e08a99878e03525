import time

from lib_train.pictures.tag_line import Shape
from lib_train.pictures.tags import counts_of, tag_counts, together
from tests.pictures.entries import entries_of

ENTRIES = entries_of("mochi, Blue_Eyes, solo\nnot, these", "mochi, blue eyes", "mochi, blue eyes, Blue eyes", "hat", "")


def test_tags_are_counted_by_pictures_however_they_are_written():
    assert tag_counts(ENTRIES, Shape()) == [("blue eyes", 3), ("mochi", 3), ("hat", 1), ("solo", 1)]


def test_tags_behind_a_mark_count_too():
    assert tag_counts(entries_of("a ||| b, c"), Shape(mark="|||")) == [("a", 1), ("b", 1), ("c", 1)]


def test_tags_that_come_together_are_told_with_the_number_of_pictures():
    assert together(ENTRIES, ["mochi"], Shape()) == [("blue eyes", 3), ("solo", 1)]
    assert together(ENTRIES, ["mochi", "solo"], Shape()) == [("Blue_Eyes", 1)]
    assert together(ENTRIES, ["nobody"], Shape()) == []


def test_each_tag_of_a_keep_list_has_its_count_also_when_no_picture_has_it():
    assert counts_of(ENTRIES, ["BLUE_EYES", "scarf"], Shape()) == [("BLUE_EYES", 3), ("scarf", 0)]


def test_5000_pictures_are_counted_in_a_tenth_of_a_second():
    captions = [", ".join(f"tag {n % 97 + k * 7}" for k in range(20)) + f", {n}" for n in range(5000)]
    entries = entries_of(*captions)
    start = time.process_time()
    tag_counts(entries, Shape())
    first = time.process_time() - start
    tag_counts(entries, Shape())
    assert time.process_time() - start - first < 0.5  # 0.07 s on a quiet machine
