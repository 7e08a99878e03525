"""Settings as forms show them: text but for checkboxes and choices, so that 1e-4 stays 1e-4."""

from collections.abc import Mapping
from typing import Any

from lib_train.config.fields import Option, options_of
from lib_train.config.run import SECTIONS, RunConfig


def shown(option: Option, value: Any) -> Any:
    """A value as the setting's input shows it."""
    if option.kind is bool or option.choices:
        return value
    if value is None:
        return ""
    if option.kind is tuple:
        between = option.separator if option.separator == "\n" else f"{option.separator} "
        return between.join(_number(item) for item in value)
    if option.kind is dict:
        return " ".join(f"{name}={content}" for name, content in value.items())
    return _number(value)


def shown_all(config: RunConfig, drafts: Mapping[str, Any] | None = None) -> dict[str, Any]:
    """What the input of each setting shows, by name; for a draft what somebody typed."""
    found, drafts = {}, drafts or {}
    for section, kind in SECTIONS.items():
        for option in options_of(kind):
            found[option.name] = shown(option, getattr(getattr(config, section), option.name))
            typed = drafts.get(option.name)
            if isinstance(typed, str | int | float) and option.kind is not bool and not option.choices:
                found[option.name] = str(typed)
    return found


def _number(value: Any) -> str:
    return f"{value:g}" if isinstance(value, float) else str(value)
