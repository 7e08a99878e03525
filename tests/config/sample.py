"""Settings for tests of how settings are declared and checked."""

from dataclasses import dataclass
from typing import Any

import pytest

from lib_train.config.checking import checked
from lib_train.config.fields import BASIC, option
from lib_train.errors import ConfigError, Problem


@dataclass(frozen=True, kw_only=True)
class Sample:
    """A setting of each kind, and checks of several at once."""

    whole: int = option(4, "A count.", low=1, high=2**32 - 1, level=BASIC)
    part: float = option(0, "A share.", low=0, high=1)
    rest: float | None = option(None, "0 or empty is off.", low=0.25, off=0)
    on: bool = option(False, "A switch.")
    word: str = option("a", "A word.", choices=("a", "b"))
    sizes: tuple[int, ...] = option((8, 8), "Numbers.", low=8)
    lines: tuple[str, ...] = option((), "Texts, one a line.", separator="\n")
    more: dict[str, Any] = option({}, "Names with values.")

    def __post_init__(self) -> None:
        checked(self, _even, _small, _double)

    @property
    def double(self) -> int:
        return self.whole * 2


def _even(sample: Sample) -> Problem | None:
    return Problem("sizes", sample.sizes, "must be even") if any(size % 2 for size in sample.sizes) else None


def _small(sample: Sample) -> Problem | None:
    return Problem("part", sample.part, "must be below rest") if sample.part > (sample.rest or 1) else None


def _double(sample: Sample) -> Problem | None:
    return Problem("on", sample.on, "whole is too large for it") if sample.on and sample.double > 100 else None


def problems_of(**given: Any) -> dict[str, str]:
    """The remedy of each setting that cannot be used."""
    with pytest.raises(ConfigError) as caught:
        Sample(**given)
    return {problem.setting: problem.remedy for problem in caught.value.problems}
