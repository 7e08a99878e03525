"""The published rule: variance of the last losses of a fixed batch over the variance of all."""

from statistics import pvariance

import pytest

from lib_train.training.settled import has_settled, settled_ratio


def test_ratio_is_the_variance_of_the_last_200_steps_over_that_of_all():
    steps = list(range(0, 1001, 10))
    losses = [1 / (1 + step / 50) for step in steps]
    last = [loss for step, loss in zip(steps, losses, strict=True) if step > 800]
    assert settled_ratio(steps, losses) == pytest.approx(pvariance(last) / pvariance(losses))
    assert has_settled(steps, losses)


def test_falling_losses_have_not_settled_and_few_say_nothing():
    steps = list(range(0, 400, 10))
    assert settled_ratio(steps, [1 - step / 400 for step in steps]) == pytest.approx(0.25, rel=0.05)
    assert not has_settled(steps, [1 - step / 400 for step in steps])
    assert settled_ratio([1, 2, 3], [1, 1, 1]) is None
    assert settled_ratio([10, 20, 30, 40], [4, 3, 2, 1]) is None


def test_losses_that_never_moved_have_settled():
    assert settled_ratio([0, 500, 510, 520, 530], [1, 1, 1, 1, 1]) == 0
