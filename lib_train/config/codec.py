"""Settings as JSON and back, with a schema number. Keys that this version does not know are kept."""

import dataclasses
import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from lib_train.config.fields import options_of
from lib_train.config.run import SECTIONS, RunConfig
from lib_train.errors import ConfigError, Problem

SCHEMA = 1
_TOP = ("base_model", "vae")


def section_of() -> dict[str, str]:
    """Every setting's name with the section it stands in; names are unique over all sections."""
    return {declared.name: name for name, kind in SECTIONS.items() for declared in options_of(kind)}


def to_json(config: RunConfig) -> dict[str, Any]:
    """The settings as JSON values, by section, with the keys that were not known when they were read."""
    out: dict[str, Any] = {"schema": SCHEMA, "base_model": config.base_model, "vae": config.vae}
    unknown = dict(config.unknown)
    for name in SECTIONS:
        section = dataclasses.asdict(getattr(config, name))
        stray = unknown.pop(name, {})
        out[name] = {**section, **stray} if isinstance(stray, Mapping) else section
    return {**unknown, **json.loads(json.dumps(out))}


def from_json(value: Mapping[str, Any], changes: Mapping[str, Any] | None = None) -> tuple[RunConfig, list[str]]:
    """Settings from JSON by section, or flat as sd-scripts' are, and notes on keys that are not known.

    Args:
        changes: single settings by name that win over the file's.

    Raises:
        ConfigError: names every setting of all sections that cannot be used.
    """
    value = _migrated(value)
    where, changes = section_of(), dict(changes or {})
    given: dict[str, dict[str, Any]] = {name: {} for name in SECTIONS}
    unknown: dict[str, Any] = {}
    problems: list[Problem] = []
    for key, content in value.items():
        if key in SECTIONS and isinstance(content, Mapping):
            for name, setting in content.items():
                if where.get(name) == key:
                    given[key][name] = setting
                else:
                    unknown.setdefault(key, {})[name] = setting
        elif key in where:
            given[where[key]][key] = content
        elif key not in (*_TOP, "schema"):
            unknown[key] = content
    top = {name: changes.pop(name, value.get(name, "")) for name in _TOP}
    problems += [Problem(name, text, "must be text") for name, text in top.items() if not isinstance(text, str)]
    for name, setting in changes.items():
        if name in where:
            given[where[name]][name] = setting
        else:
            problems.append(Problem(name, setting, "there is no such setting; see --help"))
    sections = {}
    for name, kind in SECTIONS.items():
        try:
            sections[name] = kind(**given[name])
        except ConfigError as error:
            problems += error.problems
    if problems:
        raise ConfigError(problems)
    return RunConfig(**top, **sections, unknown=unknown), [
        f"{key}: not known, kept as it is" for key in _paths(unknown)
    ]


def _paths(unknown: Mapping[str, Any]) -> list[str]:
    found = []
    for key, value in unknown.items():
        found += [f"{key}.{name}" for name in value] if key in SECTIONS and isinstance(value, Mapping) else [key]
    return found


def _migrated(value: Mapping[str, Any]) -> Mapping[str, Any]:
    schema = value.get("schema", SCHEMA)
    if not isinstance(schema, int) or schema > SCHEMA or schema < 1:
        remedy = f"this version reads up to {SCHEMA}: update Train Tools, or make the file anew"
        raise ConfigError([Problem("schema", schema, remedy)])
    return value


def read_config(path: Path, changes: Mapping[str, Any] | None = None) -> tuple[RunConfig, list[str]]:
    """Settings of a JSON file; see ``from_json``.

    Raises:
        ConfigError: the file is missing or no JSON object, or settings cannot be used.
    """
    try:
        value = json.loads(path.read_text(encoding="utf-8-sig"))
    except (OSError, ValueError) as error:
        raise ConfigError([Problem("config", str(path), f"cannot be read as JSON ({error})")]) from error
    if not isinstance(value, dict):
        raise ConfigError([Problem("config", str(path), "must hold a JSON object with settings")])
    return from_json(value, changes)
