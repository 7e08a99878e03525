"""The settings and presets that there are, as JSON values: what forms are drawn from."""

from collections.abc import Mapping, Sequence
from typing import Any, TypeVar

from lib_train.config.fields import Option, options_of
from lib_train.config.headings import heading_of
from lib_train.config.queue import QueueConfig
from lib_train.config.regularisation import RegularisationConfig
from lib_train.config.run import SECTIONS
from lib_train.config.tagging import TaggingConfig
from lib_train.errors import ConfigError, Problem
from lib_train.texts import say, with_texts

_Section = TypeVar("_Section")
_KINDS: dict[type, str] = {tuple: "list", dict: "object"}


def declared_settings() -> list[dict[str, Any]]:
    """Every setting with its kind, limits and help, in declared order."""
    return [_option_json(declared, section) for section, kind in SECTIONS.items() for declared in options_of(kind)]


def declared_tagging() -> list[dict[str, Any]]:
    """The same of what taggers are told."""
    return [_option_json(declared, "tagging") for declared in options_of(TaggingConfig)]


def declared_regularisation(samplers: Sequence[str]) -> list[dict[str, Any]]:
    """The same of how regularisation pictures are made.

    Args:
        samplers: the host's.
    """
    found = [_option_json(declared, "regularisation") for declared in options_of(RegularisationConfig)]
    return [{**one, "choices": tuple(samplers)} if one["name"] == "class_sampler" else one for one in found]


def declared_queue() -> list[dict[str, Any]]:
    """The same of when waiting jobs begin."""
    return [_option_json(declared, "queue") for declared in options_of(QueueConfig)]


def declared_tool(kind: type) -> list[dict[str, Any]]:
    """The same of a tool on LoRA files."""
    return [_option_json(declared, "tools") for declared in options_of(kind)]


def read_section(kind: type[_Section], settings: Mapping[str, Any]) -> _Section:
    """An instance of a class of declared settings, by their names.

    Raises:
        ConfigError: names every one that there is not, or that cannot be used.
    """
    known = {declared.name for declared in options_of(kind)}
    strange = [Problem(name, settings[name], say("there is no such setting; see --help")) for name in settings
               if name not in known]  # fmt: skip
    try:
        config = kind(**{name: value for name, value in settings.items() if name in known})
    except ConfigError as error:
        raise ConfigError([*strange, *error.problems]) from error
    if strange:
        raise ConfigError(strange)
    return config


def _option_json(declared: Option, section: str) -> dict[str, Any]:
    used = declared.used_when
    return {
        "name": declared.name,
        "section": section,
        "heading": heading_of(section, declared.group),
        "group": declared.group,
        "level": declared.level,
        "label": declared.label,
        "help": declared.help,
        "kind": _KINDS.get(declared.kind, declared.kind.__name__),
        "item": declared.item.__name__ if declared.item else None,
        "optional": declared.optional,
        "default": declared.default,
        "low": declared.low,
        "high": declared.high,
        "slider": declared.slider,
        "step": _step_of(declared),
        "blocks": declared.blocks and declared.blocks._asdict(),
        "choices": declared.choices,
        "separator": declared.separator,
        "off": declared.off,
        "metadata_key": declared.key or declared.told_in,
        "used_when": with_texts({"otherwise": used.otherwise, "ways": used.ways}) if used else None,
    }


def _step_of(declared: Option) -> float | None:
    """What one step of a number field is; None where there are no steps."""
    if declared.step is not None or declared.slider is None:
        return 1 if declared.step is None and declared.kind is int else declared.step
    return declared.slider[2]
