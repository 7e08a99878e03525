"""Settings as JSON values and back, with a schema number. Keys that this version does not know are kept."""

import dataclasses
import json
from collections.abc import Mapping, Sequence
from functools import cache
from pathlib import Path
from typing import Any, NamedTuple

from lib_train.config.fields import options_of
from lib_train.config.kohya import Translated, from_sd_scripts
from lib_train.config.reading import read_object, together, with_datasets
from lib_train.config.run import PREDICTIONS, SECTIONS, RunConfig
from lib_train.config.values import trouble_in
from lib_train.errors import ConfigError, Problem
from lib_train.texts import say
from lib_train.vocabulary import SCHEMA

_TOP = ("base_model", "vae", "prediction_type", "preset")
_BESIDE = ("schema", "revision", "drafts")
"""Keys of a version's file beside its settings."""


def section_of() -> dict[str, str]:
    """Every setting's name with the section it stands in; names are unique over all sections."""
    return dict(_section_of())


@cache
def _section_of() -> Mapping[str, str]:
    return {declared.name: name for name, kind in SECTIONS.items() for declared in options_of(kind)}


def names() -> frozenset[str]:
    """Names of everything that can be set."""
    return frozenset((*section_of(), *_TOP))


def settings_in(value: Mapping[str, Any]) -> dict[str, Any]:
    """Settings of JSON by section, or flat as sd-scripts' are, by name; whether they can be used or not.

    Raises:
        ConfigError: it is of a newer version.
    """
    return _sorted(value).given


class Given(NamedTuple):
    """What a file says."""

    given: dict[str, Any]
    """Settings by name, whether they can be used or not."""
    unknown: Sequence[str]
    """Names that nobody knows."""
    problems: Sequence[Problem]
    notes: Sequence[str]


def given_in(value: Mapping[str, Any]) -> Given:
    """See ``Given``.

    Raises:
        ConfigError: it is of a newer version.
    """
    found = _sorted(value)
    return Given(found.given, _paths(found.unknown), found.problems, found.notes)


def to_json(config: RunConfig) -> dict[str, Any]:
    """The settings as JSON values, by section, with the keys that were not known when they were read."""
    out: dict[str, Any] = {"schema": SCHEMA, **{name: getattr(config, name) for name in _TOP}}
    unknown = dict(config.unknown)
    for name in SECTIONS:
        out[name] = {**dataclasses.asdict(getattr(config, name)), **unknown.pop(name, {})}
    return {**unknown, **json.loads(json.dumps(out))}


def from_json(
    value: Mapping[str, Any], changes: Mapping[str, Any] | None = None, preset: Mapping[str, Any] | None = None
) -> tuple[RunConfig, list[str]]:
    """Settings from JSON by section, or flat as sd-scripts' are, and notes on what has no effect or is not known.

    Args:
        changes: single settings by name that win over the file's.
        preset: single settings by name over which the file's win.

    Raises:
        ConfigError: names every setting of all sections that cannot be used.
    """
    found = _sorted(value)
    unknown, problems, where = found.unknown, found.problems, section_of()
    given = _over(_over(dict(preset or {}), found.given), changes or {})
    for name in changes or {}:
        if name not in where and name not in _TOP:
            problems.append(Problem(name, given[name], say("there is no such setting; see --help")))
    top: dict[str, Any] = {name: "" if given.get(name) is None else given[name] for name in _TOP}
    problems += [Problem(name, text, say("must be text")) for name, text in top.items() if not isinstance(text, str)]
    if isinstance(predicts := top["prediction_type"], str) and predicts not in ("", *PREDICTIONS):
        problems.append(
            Problem(
                "prediction_type",
                predicts,
                say("choose one of {known}, or leave it empty", known=", ".join(PREDICTIONS)),
            )
        )
    problems += [
        Problem(name, text, remedy) for name, text in top.items() if (remedy := trouble_in(str(text))) is not None
    ]
    sections = {}
    for section, kind in SECTIONS.items():
        try:
            sections[section] = kind(**{name: given[name] for name in given if where.get(name) == section})
        except ConfigError as error:
            problems += error.problems
    if problems:
        raise ConfigError(problems)
    notes = [*found.notes, *(say("{key}: not known, kept as it is", key=key) for key in _paths(unknown))]
    return RunConfig(**top, **sections, unknown=unknown), notes


def _over(lower: dict[str, Any], upper: Mapping[str, Any]) -> dict[str, Any]:
    """Both together; the upper ones win, and a length in epochs wins over one in steps that stands below it."""
    epochs_alone = upper.get("max_train_epochs") and "max_train_steps" not in upper
    return {**lower, **({"max_train_steps": None} if epochs_alone else {}), **upper}


def rewritten(config: RunConfig, old: Mapping[str, Any]) -> dict[str, Any]:
    """The settings as JSON values in the place of ``old`` ones, whose unknown keys stay.

    Raises:
        ConfigError: ``old`` is of a newer version.
    """
    return to_json(dataclasses.replace(config, unknown={**_sorted(old).unknown, **config.unknown}))


class _Sorted(NamedTuple):
    given: dict[str, Any]
    """Settings by name, whichever section they stand in: so a setting can move without a migration."""
    unknown: dict[str, Any]
    problems: list[Problem]
    notes: list[str]


def _sorted(value: Mapping[str, Any]) -> _Sorted:
    settings, notes, problems = _migrated(value)
    known, found = {*section_of(), *_TOP}, _Sorted({}, {}, problems, notes)
    for key, content in settings.items():
        if key not in SECTIONS:
            if key not in _BESIDE:
                (found.given if key in known else found.unknown)[key] = content
        elif isinstance(content, Mapping):
            found.given.update({name: setting for name, setting in content.items() if name in known})
            if strange := {name: setting for name, setting in content.items() if name not in known}:
                found.unknown[key] = strange
        else:
            found.problems.append(
                Problem(key, content, say("must hold settings, as in {example}", example='{"seed": 1}'))
            )
    return found


def _paths(unknown: Mapping[str, Any]) -> list[str]:
    found = []
    for key, value in unknown.items():
        found += [f"{key}.{name}" for name in value] if key in SECTIONS else [key]
    return found


def _without_limits_nobody_set(value: Mapping[str, Any]) -> Translated:
    """Schema 1 wrote the limits of buckets, 256 and 1024, also where nobody had set them.

    Where these are what follows from the resolution, they are left to follow it; elsewhere they stay what they were.
    """
    dataset = value.get("dataset")
    if not isinstance(dataset, Mapping):
        return Translated(dict(value), [], [])
    limits = dataset.get("min_bucket_reso"), dataset.get("max_bucket_reso")
    if limits != (256, 1024) or dataset.get("resolution", 512) not in (512, [512], [512, 512], (512,), (512, 512)):
        return Translated(dict(value), [], [])
    free = {name: setting for name, setting in dataset.items() if name not in ("min_bucket_reso", "max_bucket_reso")}
    return Translated({**value, "dataset": free}, [], [])


_MIGRATIONS = {0: from_sd_scripts, 1: _without_limits_nobody_set}
"""Schema number -> what makes the next schema of it. A file without a number has 0."""


def _migrated(value: Mapping[str, Any]) -> Translated:
    schema = value.get("schema", 0)
    if not isinstance(schema, int) or not 0 <= schema <= SCHEMA:
        remedy = say("this version reads up to {schema}: update Train Tools, or make the file anew", schema=SCHEMA)
        raise ConfigError([Problem("schema", schema, remedy)])
    now = Translated(dict(value), [], [])
    for number in range(schema, SCHEMA):
        settings, notes, problems = _MIGRATIONS[number](now.settings)
        now = Translated(settings, [*now.notes, *notes], [*now.problems, *problems])
    return now


def config_of(settings: Mapping[str, Any]) -> RunConfig:
    """Settings from flat values by name, as forms, presets and requests give them.

    Raises:
        ConfigError: names every setting that cannot be used.
    """
    return from_json({"schema": SCHEMA}, settings)[0]


def read_config(
    paths: Sequence[Path], changes: Mapping[str, Any] | None = None, preset: Mapping[str, Any] | None = None
) -> tuple[RunConfig, list[str]]:
    """Settings of JSON or TOML files, later ones over earlier ones; see ``from_json``.

    Raises:
        ConfigError: a file is missing or holds no settings, or some of them cannot be used.
    """
    return from_json(together(with_datasets(path, read_object(path)) for path in paths), changes, preset)
