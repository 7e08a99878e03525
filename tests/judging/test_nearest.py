"""A preview is a copy where it is nearer to a trained picture than half way to the next one."""

import math

import pytest
import torch

from lib_train.judging.nearest import distance, gaps, nearest, pooled


def flat(value):
    return pooled(torch.full((4, 16, 24), float(value)))


def test_pictures_of_all_sizes_are_pooled_to_the_means_of_64_places():
    latents = torch.randn(4, 16, 32)
    cells = latents.reshape(4, 8, 2, 8, 4).mean((2, 4)).flatten()
    torch.testing.assert_close(pooled(latents), cells)


def test_distance_is_the_root_of_the_mean_square():
    assert distance(flat(1), flat(4)) == pytest.approx(3)


def test_each_trained_picture_keeps_others_at_the_distance_of_its_nearest_that_is_no_duplicate():
    assert gaps([flat(0), flat(0), flat(1), flat(3)]) == pytest.approx([1, 1, 1, 2])
    assert gaps([flat(0)]) == [math.inf]


def test_the_nearest_is_named_by_its_share_and_copies_are_within_half():
    trained = [flat(0), flat(1), flat(9)]
    apart = gaps(trained)
    near = nearest(flat(7), trained, apart)
    assert near.picture == 2
    assert [near.distance, near.share] == pytest.approx([2, 2 / 8])
    assert near.copied
    between = nearest(flat(0.5), trained, apart)
    assert between.share == pytest.approx(0.5)
    assert not between.copied
