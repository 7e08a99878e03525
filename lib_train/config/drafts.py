"""Settings of which some cannot be used yet: the valid ones count, the others are kept as they were typed."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from lib_train.config.codec import from_json, names, settings_in
from lib_train.config.run import SECTIONS, RunConfig
from lib_train.errors import ConfigError, Problem
from lib_train.texts import say


@dataclass(frozen=True, kw_only=True)
class Merged:
    """Settings after changes to them."""

    config: RunConfig
    """The valid ones."""
    drafts: Mapping[str, Any]
    """Raw value of each change that cannot be used, by the name of its setting."""
    problems: Sequence[Problem]
    """What is wrong with the drafts."""


Check = Callable[[RunConfig], object]
"""Raises a ConfigError that names settings which may not be used."""


def read(value: Mapping[str, Any], drafts: Mapping[str, Any], check: Check | None = None) -> Merged:
    """Settings of a JSON object as they are, beside drafts of earlier; those of its own that cannot be used join them.

    Args:
        check: what drafts must pass, too, before they count as usable.

    Raises:
        ConfigError: the object is of a newer version or holds no settings.
    """
    own, used, broken = _sound(value)
    left = {**broken, **drafts}
    return Merged(config=from_json(own, used)[0], drafts=left, problems=_problems(own, {**used, **left}, check))


def merged(value: Mapping[str, Any], changes: Mapping[str, Any], check: Check | None = None) -> Merged:
    """Settings of a JSON object with changes over them, as many as can be used together.

    One that cannot be used leaves the setting as it was and becomes a draft; so do the object's own. Changes that work
    together only, such as both ends of a range, are taken together.

    Args:
        check: what changes must pass, too.

    Raises:
        ConfigError: the object is of a newer version or holds no settings, or a change names no setting.
    """
    if strange := [name for name in changes if name not in names()]:
        raise ConfigError([Problem(name, changes[name], say("there is no such setting")) for name in strange])
    own, used, broken = _sound(value)
    used, drafts = _sifted(own, {**used, **broken, **changes}, check)
    return Merged(config=from_json(own, used)[0], drafts=drafts, problems=_problems(own, {**used, **drafts}, check))


def _sound(value: Mapping[str, Any]) -> tuple[Mapping[str, Any], dict[str, Any], dict[str, Any]]:
    """An object that can be used, what of the given one's settings belongs over it, and what of them cannot be used."""
    if not (problems := _problems(value, {})):
        return value, {}, {}
    if any(problem.setting in SECTIONS for problem in problems):
        raise ConfigError(problems)
    empty = {"schema": value["schema"]} if "schema" in value else {}
    from_json(empty)
    return empty, *_sifted(empty, settings_in(value), None)


def _sifted(
    own: Mapping[str, Any], wanted: Mapping[str, Any], check: Check | None
) -> tuple[dict[str, Any], dict[str, Any]]:
    """Those of the wanted that can be used, and the rest."""
    used = dict(wanted)
    while used and (problems := _problems(own, used, check)):
        named = {problem.setting for problem in problems} & used.keys()
        for name in named or list(used):  # none: what is wrong is how they stand to those that are kept
            del used[name]
    left = {name: wanted[name] for name in wanted if name not in used}
    while fitting := [name for name in left if not _problems(own, {**used, name: left[name]}, check)]:
        used[fitting[0]] = left.pop(fitting[0])
    return used, left


def _problems(own: Mapping[str, Any], changes: Mapping[str, Any], check: Check | None = None) -> Sequence[Problem]:
    try:
        config = from_json(own, changes)[0]
    except ConfigError as error:
        return error.problems
    try:
        if check:
            check(config)
    except ConfigError as error:
        return [problem for problem in error.problems if problem.setting in changes]  # its own are told elsewhere
    return ()
