"""A sweep: several runs that differ in some settings, as every combination of the alternatives of each."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from itertools import product
from math import prod
from typing import Any, NamedTuple

from lib_train.config.alternatives import MOST, alternatives
from lib_train.config.fields import Option, option, options_of
from lib_train.config.run import PREDICTIONS, SECTIONS
from lib_train.config.validation import VALIDATION
from lib_train.errors import ConfigError, Problem
from lib_train.texts import say

_IDLE = ("preset", "training_comment")
_SHORT = 24
"""Letters of a value in a run's name."""


class Axis(NamedTuple):
    """A setting with its alternatives, as JSON values."""

    name: str
    values: Sequence[Any]


@dataclass(frozen=True)
class _Models:
    """Settings that stand in no section."""

    base_model: str = option("", "")
    vae: str = option("", "")
    prediction_type: str = option("", "", choices=PREDICTIONS)


@cache
def _known() -> Mapping[str, tuple[Option, str]]:
    """Every setting that a run depends on, with its section."""
    sections = {"": _Models, **SECTIONS}
    return {one.name: (one, section) for section, kind in sections.items() for one in options_of(kind)}


def not_swept(name: str) -> str:
    """Why a setting has one value in all runs of a sweep; empty where it may have several."""
    if name in _IDLE:
        return say("changes nothing that a run learns; sweep another setting")
    if name not in _known():
        return say("there is no such setting; see --help")
    declared, section = _known()[name]
    if section == "preview":
        return say("runs of a sweep are compared by the same pictures; give one value")
    if declared.group == VALIDATION:
        return say("runs of a sweep are compared by the same held-out pictures; give one value")
    return ""


def axes_in(texts: Mapping[str, str]) -> list[Axis]:
    """Settings with their alternatives, in the order given; some may have a single one.

    Args:
        texts: by the setting's name; see ``alternatives``.

    Raises:
        ConfigError: names every setting whose alternatives cannot be used, or says that there would be too many runs.
    """
    found, problems = [], []
    for name, text in texts.items():
        try:
            if why := not_swept(name):
                raise ValueError(why)
            found.append(Axis(name, alternatives(_known()[name][0], text)))
        except ValueError as error:
            problems.append(Problem(name, text, str(error)))
    if problems:
        raise ConfigError(problems)
    if (count := prod(len(axis.values) for axis in found)) > MOST:
        most = max(found, key=lambda axis: len(axis.values))
        remedy = say("makes a sweep of {count} runs; give fewer alternatives, {most} runs at most",
                     count=count, most=MOST)  # fmt: skip
        raise ConfigError([Problem(most.name, texts[most.name], remedy)])
    return found


def is_swept(name: str, text: str) -> bool:
    """Whether a text gives a setting more than one value. One that cannot be read says so when the setting is read."""
    if not_swept(name):
        return False
    try:
        return len(alternatives(_known()[name][0], text)) > 1
    except ValueError:
        return "," in text or "|" in text or "-" in text[1:]


def combinations(axes: Sequence[Axis]) -> list[dict[str, Any]]:
    """The changes of each run, in the order given: the last setting changes with each run.

    >>> combinations([Axis("network_dim", [4, 8]), Axis("seed", [1, 2])])[1]
    {'network_dim': 4, 'seed': 2}
    """
    names = [axis.name for axis in axes]
    return [dict(zip(names, values, strict=True)) for values in product(*(axis.values for axis in axes))]


def difference(changes: Mapping[str, Any]) -> str:
    """What a run has that others of its sweep have not, under the settings' names.

    >>> difference({"optimizer_type": "Lion", "unet_lr": 0.0001, "flip_aug": True, "resolution": [512, 768]})
    'optimizer_type=Lion, unet_lr=1e-4, flip_aug=true, resolution=512x768'
    """
    return ", ".join(f"{name}={told(name, value)}" for name, value in changes.items())


def short_difference(changes: Mapping[str, Any]) -> str:
    """The same, with long values shortened: it names a run.

    >>> short_difference({"base_model": "/models/anything/v4/anything-v4.5-pruned.safetensors", "seed": 3})
    'base_model=anything-v4.5-pruned.saf..., seed=3'
    """
    return ", ".join(f"{name}={_shortened(told(name, value))}" for name, value in changes.items())[:200]


def _shortened(text: str) -> str:
    last = text.replace("\\", "/").rstrip("/").rpartition("/")[2] or text
    return last if len(last) <= _SHORT else f"{last[:_SHORT]}..."


def told(name: str, value: Any) -> str:
    """A value as a person would type it.

    >>> told("resolution", [512]), told("max_grad_norm", 0.5), told("min_snr_gamma", None), told("seed", 123456789)
    ('512', '0.5', 'empty', '123456789')
    """
    if value is None or value in ("", [], {}, ()):
        return "empty"
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, Mapping):
        return " ".join(f"{key}={told(name, one)}" for key, one in value.items())
    if isinstance(value, list | tuple):
        between = "x" if name == "resolution" else " | " if isinstance(value[0], str) else ","
        return between.join(told(name, one) for one in value)
    return _number(value) if isinstance(value, int | float) else str(value)


def _number(value: float) -> str:
    """The shorter one of its two spellings.

    >>> _number(5e-05), _number(0.001), _number(0.05), _number(1.0), _number(2**31)
    ('5e-5', '1e-3', '0.05', '1', '2147483648')
    """
    if value == int(value):
        return str(int(value))
    mantissa, _, exponent = f"{value:.11e}".partition("e")
    return min(f"{value:.12g}", f"{mantissa.rstrip('0').rstrip('.')}e{int(exponent)}", key=len)
