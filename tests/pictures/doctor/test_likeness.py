import random
import time
from typing import Any

import pytest

from lib_train.pictures.doctor.case import NOTE, WARNING
from lib_train.pictures.doctor.likeness import NEAR
from tests.pictures.doctor.cases import entry, found, several


def flipped(hash: int, bits: int, seed: int = 0) -> int:
    for place in random.Random(seed).sample(range(64), bits):
        hash ^= 1 << place
    return hash


def test_same_content_twice_is_told_and_the_captioned_one_is_kept():
    same: dict[str, Any] = {"content": "a" * 32, "likeness": 5}
    bare, good, third = entry(1, None, **same), entry(2, **same), entry(3, None, **same)
    one = found(*several(4), bare, good, third)["duplicate"]
    assert (one.ids, one.groups) == ((1, 3), ((2, 1, 3),))
    assert one.text == "pictures that are there twice, byte for byte: 2, such as 01.png, like 02.png"
    assert one.details == {1: "like 02.png", 3: "like 02.png"}
    assert one.remedies == ("take_out",)


def test_content_that_is_not_known_is_nobodys_duplicate():
    assert found(*(entry(n, content="", likeness=0) for n in range(5))) == {}


def test_class_picture_that_is_a_training_picture_is_no_duplicate():
    reg = [entry(n, is_reg=True, content="a" * 32) for n in (1, 2)]
    told = found(*several(4), entry(3, content="a" * 32), *reg, *(entry(n, is_reg=True) for n in range(4, 9)))
    assert told["duplicate"].ids == (2,)


def test_near_duplicates_are_grouped_and_all_but_the_sharpest_told():
    soft, sharp, other = (entry(n, likeness=flipped(0xABCDEF, n), sharpness=100.0 * n) for n in (2, 5, 4))
    one = found(*several(6), soft, sharp, other)["near_duplicate"]
    assert (one.ids, one.groups) == ((4, 2), ((5, 4, 2),)) or (one.ids, one.groups) == ((2, 4), ((5, 2, 4),))


def test_pictures_that_differ_in_one_bit_more_are_no_near_duplicates():
    base = random.Random(7).getrandbits(64)
    assert found(entry(1, likeness=base), entry(2, likeness=flipped(base, NEAR)))["near_duplicate"].ids == (2,)
    assert found(entry(1, likeness=base), entry(2, likeness=flipped(base, NEAR + 1))) == {}


@pytest.mark.parametrize(("tint", "told"), [(0x101038, True), (0x101039, False), (0x391010, False), (0x381038, True)])
def test_pictures_of_one_likeness_in_other_colours_are_no_near_duplicates(tint, told):
    pair = entry(1, likeness=99, tint=0x101010), entry(2, likeness=99, tint=tint)
    assert ("near_duplicate" in found(*several(3), *pair)) == told


@pytest.mark.parametrize(("others", "severity"), [(16, WARNING), (17, NOTE)])
def test_few_near_duplicates_are_but_good_to_know(others, severity):
    trio = [entry(n, likeness=99) for n in range(1, 4)]  # two to take out, of 19 and of 20 pictures
    assert found(*several(others), *trio)["near_duplicate"].severity == severity


def test_every_pair_within_the_distance_is_found():
    for seed in range(60):
        base = random.Random(seed).getrandbits(64)
        pair = entry(1, likeness=base), entry(2, likeness=flipped(base, NEAR, seed))
        assert "near_duplicate" in found(*several(20), *pair), seed


def test_chain_of_likenesses_keeps_what_is_like_no_picture_that_stays():
    base = 0xF0F0F0F0F0F0F0F0
    chain = [
        entry(n, likeness=base ^ ((1 << 6 * n) - 1), sharpness=900.0 - n) for n in range(3)
    ]  # 6 bits from link to link
    assert found(*several(4), *chain)["near_duplicate"].groups == ((0, 1),)


def test_plain_pictures_and_class_pictures_are_no_near_duplicates():
    assert "near_duplicate" not in found(*(entry(n, likeness=0) for n in range(4)))
    assert found(*several(3), *(entry(n, likeness=9, is_reg=True) for n in range(4))) == {}


def test_exact_duplicate_is_not_told_as_a_near_one_too():
    same: dict[str, Any] = {"content": "a" * 32, "likeness": 77}
    told = found(*several(3), entry(1, **same), entry(2, **same), entry(3, likeness=78, sharpness=90.0))
    assert told["duplicate"].ids == (2,)
    assert told["near_duplicate"].ids == (3,)


def test_thousand_frames_of_one_scene_take_no_long_time():
    frames = [entry(n, likeness=flipped(0x123456789ABCDEF0, n % 5, n)) for n in range(1000)]
    begun = time.process_time()
    one = found(*frames)["near_duplicate"]
    assert time.process_time() - begun < 3
    assert len(one.ids) > 900
