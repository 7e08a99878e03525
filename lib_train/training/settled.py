"""Whether training has learned what it can: the loss of one fixed batch has come to rest."""

from collections.abc import Sequence
from statistics import pvariance

EPSILON = 0.15
WINDOW = 200
"""Steps."""
FEWEST = 4
"""Measurements in the window, at least: fewer have no variance to speak of."""


def settled_ratio(steps: Sequence[int], losses: Sequence[float], window: int = WINDOW) -> float | None:
    """Variance of the losses of the last ``window`` steps over the variance of all; None while there are too few.

    Args:
        steps: at which the loss of the same batch, noise and timesteps was measured, ascending.

    Source:
        Voronov et al. 2023, "Is This Loss Informative?", https://arxiv.org/abs/2302.04841: training ends where the
        ratio falls below 0.15, with a window of 200 steps.

    >>> settled_ratio([1, 2, 3, 4, 5], [9, 1, 1, 1, 1], window=4)
    0.0
    """
    last = [loss for step, loss in zip(steps, losses, strict=True) if step > steps[-1] - window]
    if len(last) < FEWEST or len(losses) <= len(last):
        return None
    whole = pvariance(losses)
    return pvariance(last) / whole if whole else 0.0


def has_settled(steps: Sequence[int], losses: Sequence[float], window: int = WINDOW) -> bool:
    """Whether the published rule says so."""
    ratio = settled_ratio(steps, losses, window)
    return ratio is not None and ratio < EPSILON
