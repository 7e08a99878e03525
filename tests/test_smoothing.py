import pytest

from lib_train.smoothing import WEIGHT, Smoothed, thinned


def test_average_of_one_value_is_the_value_and_of_equal_ones_too():
    assert Smoothed().value is None
    smooth = Smoothed([0.25])
    assert smooth.value == pytest.approx(0.25)
    assert [smooth.add(0.25) for _ in range(100)] == pytest.approx([0.25] * 100)


def test_average_is_that_of_the_weights_of_adam_without_bias():
    values = [3.0, -1.0, 0.5, 8.0]
    weights = [WEIGHT**age for age in reversed(range(4))]
    expected = sum(weight * value for weight, value in zip(weights, values, strict=True)) / sum(weights)
    assert Smoothed(values).value == pytest.approx(expected)


def test_curve_of_as_many_points_as_are_shown_is_left_as_it_is():
    assert thinned([5, 9], [1.0, 2.0], most=2) == [(5, 1.0), (9, 2.0)]
    assert thinned([], []) == []


@pytest.mark.parametrize(("count", "points"), [(2001, 1001), (100_000, 2000), (2000, 2000)])
def test_thinned_curve_ends_with_the_last_step_and_keeps_its_mean(count, points):
    found = thinned(range(1, count + 1), [float(number % 2) for number in range(count)])
    assert (len(found), found[-1][0]) == (points, count)
    assert all(value in (0.0, 0.5, 1.0) for _, value in found)
