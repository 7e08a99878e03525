"""Curves for the eye."""

from collections.abc import Iterable, Sequence

WEIGHT = 0.95
"""Of what came before, at each new value."""


class Smoothed:
    """The exponential moving average of the values so far, without the bias of its start: a mean of the first few.

    Source:
        Kingma and Ba 2015, https://arxiv.org/abs/1412.6980, section 3.

    >>> smooth = Smoothed([1.0])
    >>> smooth.value, round(smooth.add(0.0), 4), round(smooth.add(0.0), 4)
    (1.0, 0.4872, 0.3164)
    """

    def __init__(self, values: Iterable[float] = ()) -> None:
        self.value: float | None = None
        self._sum = self._weight = 0.0
        for value in values:
            self.add(value)

    def add(self, value: float) -> float:
        """Take in one more; returns the average."""
        self._sum = WEIGHT * self._sum + (1 - WEIGHT) * value
        self._weight = WEIGHT * self._weight + 1 - WEIGHT
        self.value = self._sum / self._weight
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
