"""Figures of a plan in words."""

from collections.abc import Sequence

from lib_train.texts import say


def size_text(count: float) -> str:
    """Bytes."""
    return f"{count / 2**30:.1f} GiB" if count >= 2**30 else f"{count / 2**20:.1f} MiB"


def span_text(seconds: float) -> str:
    """A duration in words.

    >>> span_text(8.2), span_text(59.9), span_text(400), span_text(8000)
    ('8 s', '1 min', '7 min', '2 h 13 min')
    """
    if round(seconds) < 60:
        return say("{seconds} s", seconds=max(1, round(seconds)))
    hours, minutes = divmod(round(seconds / 60), 60)
    if hours:
        return say("{hours} h {minutes} min", hours=hours, minutes=minutes)
    return say("{minutes} min", minutes=minutes)


def some_text(steps: Sequence[int]) -> str:
    """The first and last of many."""
    numbers = [str(step) for step in (steps if len(steps) <= 6 else (*steps[:3], *steps[-2:]))]
    return ", ".join(numbers if len(steps) <= 6 else [*numbers[:3], "...", *numbers[3:]])
