"""Curves for the eye."""

from collections.abc import Iterable, Sequence
from statistics import fmean

WEIGHT = 0.95
"""Of what came before, at each new value."""


class Smoothed:
    """The exponential moving average of the values so far; the first one counts whole.

    >>> smooth = Smoothed()
    >>> smooth.add(1.0), round(smooth.add(0.0), 4), smooth.value == 0.95
    (1.0, 0.95, True)
    """

    def __init__(self, values: Iterable[float] = ()) -> None:
        self.value: float | None = None
        for value in values:
            self.add(value)

    def add(self, value: float) -> float:
        """Take in one more; returns the average."""
        before = value if self.value is None else self.value
        self.value = WEIGHT * before + (1 - WEIGHT) * value
        return self.value


def thinned(points: Sequence[tuple[int, float]], most: int = 2000) -> list[tuple[int, float]]:
    """At most ``most`` points of a curve, each the mean of as many neighbours, at the step of the last of them.

    >>> thinned([(1, 4.0), (2, 2.0), (3, 1.0), (4, 3.0), (5, 9.0)], most=3)
    [(2, 3.0), (4, 2.0), (5, 9.0)]
    """
    width = -(-len(points) // most)
    if width <= 1:
        return list(points)
    groups = (points[place : place + width] for place in range(0, len(points), width))
    return [(group[-1][0], fmean(value for _, value in group)) for group in groups]
