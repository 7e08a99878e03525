"""Settings that change nothing beside others: when each of them is used, as it is declared."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from lib_train.config.fields import SET, options_of
from lib_train.config.run import SECTIONS, RunConfig


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
    for section, kind in SECTIONS.items():
        for declared in options_of(kind):
            used, value = declared.used_when, getattr(getattr(config, section), declared.name)
            if used and value != declared.default and not any(_holds(way, config, around) for way in used.ways):
                yield declared.name, used.otherwise


def _holds(way: Mapping[str, Any], config: RunConfig, around: Circumstances) -> bool:
    values = {name: _value_of(name, config, around) for name in way}
    return all(bool(values[name]) if wanted is SET else values[name] in wanted for name, wanted in way.items())


def _value_of(name: str, config: RunConfig, around: Circumstances) -> Any:
    for section in SECTIONS:
        if hasattr(found := getattr(config, section), name):
            return getattr(found, name)
    return getattr(around, name)
