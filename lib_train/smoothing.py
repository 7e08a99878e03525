"""Curves for the eye."""

from collections.abc import Iterable, Sequence

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


def thinned(steps: Sequence[int], values: Sequence[float], most: int = 2000) -> list[tuple[int, float]]:
    """At most ``most`` points of a curve, each the mean of as many neighbours, at the step of the last of them.

    >>> thinned([1, 2, 3, 4, 5], [4.0, 2.0, 1.0, 3.0, 9.0], most=3)
    [(2, 3.0), (4, 2.0), (5, 9.0)]
    """
    width = max(1, -(-len(steps) // most))
    places = range(0, len(steps), width)
    groups = ((steps[place : place + width], values[place : place + width]) for place in places)
    return [(numbers[-1], sum(group) / len(group)) for numbers, group in groups]
