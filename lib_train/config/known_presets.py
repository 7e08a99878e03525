"""Presets by their names: those of others, starting points, and a person's own."""

from collections.abc import Mapping
from typing import Any

from lib_train.config.codec import config_of, names, settings_in, to_json
from lib_train.config.drafts import merged
from lib_train.config.presets import DEFAULTS, KEPT, PRESETS, Preset, fresh
from lib_train.config.run import RunConfig
from lib_train.config.starts import preset_start, starts
from lib_train.config.taking import taken
from lib_train.errors import ConfigError, Problem
from lib_train.texts import say
from lib_train.vocabulary import SCHEMA

Presets = Mapping[str, Preset]
"""By name."""
_PERSONAL = frozenset((
    *KEPT, "base_model", "vae", "prediction_type", "preset", "network_weights", "dim_from_weights", "base_weights",
    "base_weights_multiplier", "training_comment",
))  # fmt: skip
"""What belongs to one set of pictures or one machine."""


def preset_named(name: str, own: Presets) -> Preset | None:
    """The preset of this name; "" and "defaults" are a fresh version's settings. None where there is none."""
    if name in ("", DEFAULTS):
        return fresh()
    return PRESETS.get(name) or own.get(name) or preset_start(name)


def required(name: str, own: Presets) -> Preset:
    """The same.

    Raises:
        ConfigError: there is none.
    """
    if (found := preset_named(name, own)) is None:
        known = ", ".join((DEFAULTS, *PRESETS, *own, *(known for known, _ in starts())))
        raise ConfigError([Problem("preset", name, say("there is no such preset; choose one of {known}", known=known))])
    return found


def is_built_in(name: str) -> bool:
    """Whether a person's own preset cannot have this name."""
    return preset_named(name, {}) is not None


def preset_of(config: RunConfig, title: str, about: str, family: str) -> Preset:
    """A version's settings as a preset, without what belongs to one set of pictures or one machine."""
    settings = {name: value for name, value in settings_in(to_json(config)).items() if name not in _PERSONAL}
    return Preset(title, about, settings, family)


def preset_json(preset: Preset) -> dict[str, Any]:
    """As it stands in a file."""
    settings = {name: list(value) if isinstance(value, tuple) else value for name, value in preset.settings.items()}
    return {"preset": 1, "title": preset.title, "about": preset.about, "family": preset.family, "settings": settings,
            "reasons": dict(preset.reasons)}  # fmt: skip


def preset_in(value: Mapping[str, Any]) -> tuple[Preset, list[str]]:
    """A preset of a file that was shared, or of settings of this or another program; and notes on what is not in it.

    Raises:
        ConfigError: it is of a newer version, or its settings cannot be used.
    """
    if "preset" not in value or not isinstance(value.get("settings"), Mapping):
        found = taken(value)
        settings = {name: setting for name, setting in found.settings.items() if name not in _PERSONAL}
        return Preset("", "", settings, ""), found.notes
    if value["preset"] != 1:
        remedy = say("this version reads up to {schema}: update Train Tools, or make the file anew", schema=1)
        raise ConfigError([Problem("preset", value["preset"], remedy)])
    given = dict(value["settings"])
    if strange := [name for name in given if name not in names() or name in _PERSONAL]:
        raise ConfigError([Problem(name, given[name], say("no preset has such a setting")) for name in strange])
    if problems := merged({"schema": SCHEMA}, given).problems:
        raise ConfigError(problems)
    config_of(given)
    title, about, family = (value.get(name) for name in ("title", "about", "family"))
    reasons = value.get("reasons")
    told = {name: text for name, text in reasons.items() if name in given and isinstance(text, str)} if isinstance(
        reasons, Mapping) else {}  # fmt: skip
    texts = [text if isinstance(text, str) else "" for text in (title, about, family)]
    return Preset(texts[0][:80], texts[1][:400], given, texts[2] if texts[2] in ("sd1", "sd2", "sdxl") else "",
                  reasons=told), []  # fmt: skip
