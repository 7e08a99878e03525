"""The WebUI's schedules: how much noise over signal a picture has before each step, and behind the last. Pure.

What its own ``modules/sd_schedulers.py`` gives is in ``tests/golden/noise_levels.json``.
"""

from collections.abc import Callable
from dataclasses import dataclass
from importlib.util import find_spec
from typing import Any

import numpy
from numpy.typing import NDArray

Floats = NDArray[numpy.floating[Any]]
"""Of any precision."""
_BETA = 0.6  # of both sides of the distribution, as the WebUI's settings have it
_ALIGNED = [14.615, 6.475, 3.861, 2.697, 1.886, 1.396, 0.963, 0.652, 0.399, 0.152, 0.029]
_ALIGNED_SDXL = [14.615, 6.315, 3.771, 2.181, 1.342, 0.862, 0.555, 0.380, 0.234, 0.113, 0.029]


@dataclass(frozen=True)
class Table:
    """What a model was trained with."""

    sigmas: Floats
    """(1000,) noise over signal at each timestep, rising."""
    is_sdxl: bool = False

    def at(self, timesteps: Floats) -> Floats:
        """Noise over signal at timesteps, evenly in its logarithm between two of them."""
        return numpy.exp(numpy.interp(timesteps, numpy.arange(len(self.sigmas)), numpy.log(self.sigmas)))

    def times_of(self, sigmas: Floats) -> Floats:
        """Timesteps (n,) of noise over signal; 0 is at timestep 0."""
        known = numpy.log(self.sigmas)
        return numpy.interp(numpy.log(numpy.maximum(sigmas, 1e-10)), known, numpy.arange(len(self.sigmas)))

    @property
    def ends(self) -> tuple[float, float]:
        """The largest and the smallest."""
        return float(self.sigmas[-1]), float(self.sigmas[0])


def _to_zero(sigmas: Floats) -> Floats:
    return numpy.append(sigmas, 0.0)


def _karras(steps: int, table: Table) -> Floats:
    """Source: Karras et al. 2022, https://arxiv.org/abs/2206.00364, equation 5, with rho 7."""
    high, low = (end ** (1 / 7.0) for end in table.ends)
    return _to_zero((high + numpy.linspace(0, 1, steps) * (low - high)) ** 7.0)


def _exponential(steps: int, table: Table) -> Floats:
    high, low = numpy.log(table.ends)
    return _to_zero(numpy.exp(numpy.linspace(high, low, steps)))


def _sgm_uniform(steps: int, table: Table) -> Floats:
    """Evenly in timesteps, the first among them and the last not."""
    return _to_zero(table.at(numpy.linspace(len(table.sigmas) - 1, 0, steps + 1)[:-1]))


def _kl_optimal(steps: int, table: Table) -> Floats:
    """Ends in the smallest noise, not in none. Source: Sabour et al. 2024, https://arxiv.org/abs/2404.14507, 3.1."""
    high, low = numpy.arctan(table.ends)
    return numpy.tan(numpy.linspace(high, low, steps + 1))


def _aligned(steps: int, table: Table) -> Floats:
    """Source: Sabour et al. 2024, https://research.nvidia.com/labs/toronto-ai/AlignYourSteps/howto.html."""
    known = _ALIGNED_SDXL if table.is_sdxl else _ALIGNED
    places = numpy.linspace(0, len(known) - 1, steps)
    return _to_zero(numpy.exp(numpy.interp(places, numpy.arange(len(known)), numpy.log(known))))


def _simple(steps: int, table: Table) -> Floats:
    places = (numpy.arange(steps) * (len(table.sigmas) / steps)).astype(int)
    return _to_zero(table.sigmas[::-1][places])


def _normal(steps: int, table: Table) -> Floats:
    return _to_zero(table.at(numpy.linspace(len(table.sigmas) - 1, 0, steps)))


def _ddim(steps: int, table: Table) -> Floats:
    """Every (1000 // steps)-th: may be more than ``steps``."""
    return _to_zero(table.sigmas[1 :: max(len(table.sigmas) // steps, 1)][::-1])


def _beta(steps: int, table: Table) -> Floats:
    """Source: Lee et al. 2024, https://arxiv.org/abs/2407.12173; as the WebUI, evenly in noise, not in timesteps."""
    from scipy import stats

    high, low = table.ends
    return _to_zero(low + stats.beta.ppf(numpy.linspace(1, 0, steps), _BETA, _BETA) * (high - low))


_FORMULAS: dict[str, Callable[[int, Table], Floats]] = {
    "Karras": _karras, "Exponential": _exponential, "Polyexponential": _exponential, "SGM Uniform": _sgm_uniform,
    "KL Optimal": _kl_optimal, "Align Your Steps": _aligned, "Simple": _simple, "Normal": _normal, "DDIM": _ddim,
    **({"Beta": _beta} if find_spec("scipy") else {}),
}  # fmt: skip
"""By the WebUI's names. Its power of Polyexponential is 1: the same."""
SCHEDULES = tuple(_FORMULAS)
ENDS_IN_NOISE = ("KL Optimal",)


def levels(schedule: str, steps: int, table: Table, without_last_but_one: bool = False) -> Floats:
    """Noise over signal (at least steps + 1,), falling. A single step begins at the largest.

    Args:
        schedule: one of ``SCHEDULES``.
        without_last_but_one: leave that out, of a schedule of one step more.
    """
    if steps == 1:
        return numpy.array([table.ends[0], 0.0])
    found = _FORMULAS[schedule](steps + without_last_but_one, table)
    return numpy.delete(found, -2) if without_last_but_one else found
