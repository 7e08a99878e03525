"""Curves for the eye."""

from collections.abc import Iterable

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
