"""Settings that change nothing beside others: when each of them is used, as it is declared."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from lib_train.config.fields import SET, Option, options_of
from lib_train.config.run import SECTIONS, RunConfig

_USUAL = RunConfig()


@dataclass(frozen=True, kw_only=True)
class Circumstances:
    """What decides beside the settings whether one is used."""

    family: str
    """"sd1", "sd2" or "sdxl"."""
    regularisation: bool
    """Whether there are regularisation pictures."""
    predicts: str = "epsilon"
    """"epsilon" or "v": what the base model predicts."""


def without_effect(config: RunConfig, around: Circumstances) -> Iterator[tuple[str, str]]:
    """Changed settings that are without effect, each with its reason."""
    return ((declared.name, why) for declared, value, why in _idle(config, around) if value != declared.default)


def made_idle(config: RunConfig, around: Circumstances) -> Iterator[tuple[str, str]]:
    """Settings at their defaults that would have an effect if the others were, too, each with its reason."""
    usually = {declared.name for declared, _, _ in _idle(_USUAL, around)}
    return (
        (declared.name, why)
        for declared, value, why in _idle(config, around)
        if value == declared.default and declared.name not in usually
    )


def _idle(config: RunConfig, around: Circumstances) -> Iterator[tuple[Option, Any, str]]:
    """Settings that change nothing, each with its value and the reason."""
    for section, kind in SECTIONS.items():
        for declared in options_of(kind):
            used, value = declared.used_when, getattr(getattr(config, section), declared.name)
            if used and not any(_holds(way, config, around) for way in used.ways):
                yield declared, value, used.otherwise


def _holds(way: Mapping[str, Any], config: RunConfig, around: Circumstances) -> bool:
    values = {name: _value_of(name, config, around) for name in way}
    return all(bool(values[name]) if wanted is SET else values[name] in wanted for name, wanted in way.items())


def _value_of(name: str, config: RunConfig, around: Circumstances) -> Any:
    for section in SECTIONS:
        if hasattr(found := getattr(config, section), name):
            return getattr(found, name)
    return getattr(around, name)
