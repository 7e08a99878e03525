"""Learning-rate schedules: pure functions from the step, counted from 0, to a factor on the base rate."""

import math
from collections.abc import Callable

Schedule = Callable[[int], float]


def create(name: str, *, total_steps: int, warmup_steps: int = 0, num_cycles: int = 1, power: float = 1.0) -> Schedule:
    """The schedule that sd-scripts and transformers know by this name.

    Args:
        total_steps: optimizer steps of the run, warm-up included.
        warmup_steps: steps in which the factor rises from 0 (the very first step has factor 0).
        num_cycles: hard restarts of cosine_with_restarts; each begins at the full rate.
        power: exponent of polynomial.

    Returns:
        Step, counted from 0 -> factor on the base rate, in [0, 1]; the last value holds beyond ``total_steps``.

    >>> rate = create("cosine", total_steps=100, warmup_steps=10)
    >>> [round(rate(step), 2) for step in (0, 5, 10, 55, 100, 500)]
    [0.0, 0.5, 1.0, 0.5, 0.0, 0.0]
    """
    falls: dict[str, Callable[[float], float]] = {
        "constant": lambda _: 1.0,
        "constant_with_warmup": lambda _: 1.0,
        "adafactor": lambda _: 1.0,  # it finds its own rate
        "linear": lambda p: max(0.0, 1 - p),
        "cosine": lambda p: max(0.0, 0.5 * (1 + math.cos(math.pi * min(p, 1.0)))),
        "cosine_with_restarts": lambda p: _restarts(p, num_cycles),
        "polynomial": lambda p: max(0.0, 1 - p) ** power,
    }
    fall = falls[name]

    def factor(step: int) -> float:
        if step < warmup_steps:
            return step / warmup_steps
        return fall((step - warmup_steps) / max(1, total_steps - warmup_steps))

    return factor


def _restarts(progress: float, cycles: int) -> float:
    if progress >= 1:
        return 0.0
    return 0.5 * (1 + math.cos(math.pi * ((cycles * progress) % 1.0)))


def warmup_steps_of(setting: float, total_steps: int) -> int:
    """Whole warm-up steps from lr_warmup_steps: a count of optimizer steps, or below 1 a share of the run's."""
    return round(setting * min(total_steps, 2**53)) if setting < 1 else int(setting)  # no float holds every number
