from pathlib import Path

import pytest

from lib_train.dataset.shares import shares_of
from lib_train.pictures.records import Picture


def folder(title, count, is_reg=False, inside="train"):
    repeats = int(title.partition("_")[0])
    return [
        Picture(path=Path(inside) / title / f"{number}.png", caption="x", width=64, height=64, repeats=repeats,
                folder=title, is_reg=is_reg)
        for number in range(count)
    ]  # fmt: skip


def told(*pictures):
    return [(one.title, one.pictures, one.repeats, one.uses, one.share) for one in shares_of(pictures)]


def test_share_is_pictures_times_repeats_of_all_uses():
    assert told(*folder("10_mochi", 6), *folder("5_hat", 4)) == [
        ("10_mochi", 6, 10, 60, 0.75), ("5_hat", 4, 5, 20, 0.25),
    ]  # fmt: skip


def test_regularisation_pictures_fill_the_other_half_whatever_their_repeats():
    found = shares_of([*folder("1_cat", 7, is_reg=True), *folder("10_mochi", 6), *folder("2_hat", 10)])
    assert [(one.title, one.is_reg, one.uses) for one in found] == [
        ("10_mochi", False, 60), ("2_hat", False, 20), ("1_cat", True, 80),
    ]  # fmt: skip
    assert sum(one.share for one in found) == pytest.approx(1)


def test_folders_of_one_name_in_different_places_are_told_apart():
    found = shares_of([*folder("10_mochi", 1), *folder("10_mochi", 3, inside="more")])
    assert [(str(one.folder), one.share) for one in found] == [("train/10_mochi", 0.25), ("more/10_mochi", 0.75)]


def test_no_pictures_have_no_shares():
    assert shares_of([]) == []
