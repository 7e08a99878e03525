"""The settings of a version, kept one by one: a number grows with each change, so that two writers can agree."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

from lib_train.config.codec import names, rewritten, to_json
from lib_train.config.drafts import Check, merged, read
from lib_train.config.run import RunConfig
from lib_train.errors import Problem
from lib_train.store.json_files import changed_alone, read_json, write_json
from lib_train.store.older import older_settings


@dataclass(frozen=True, kw_only=True)
class Kept:
    """What version.json holds."""

    config: RunConfig
    """The settings that can be used."""
    drafts: Mapping[str, Any]
    """Raw values of those that cannot, by name."""
    problems: Sequence[Problem]
    """What is wrong with them."""
    revision: int
    """Grows with each change; 0 before the first."""


DEFAULT = Kept(config=RunConfig(), drafts={}, problems=(), revision=0)
"""Of a version that has none yet."""


def kept_in(path: Path, check: Check | None = None) -> Kept:
    """What a version.json holds; the defaults, or what the older extension left, where there is no such file.

    Args:
        check: what drafts must pass, too, before they count as usable.

    Raises:
        ProjectError: it is no JSON object.
        ConfigError: it is of a newer version, or holds no settings.
    """
    try:
        stat = path.stat()
    except OSError:  # there is none, or reading it says why
        value = _read(path)
        return _kept(value, check) if value else DEFAULT
    return _remembered(path, check, stat.st_ino, stat.st_mtime_ns, stat.st_size)


@lru_cache(maxsize=100)
def _remembered(path: Path, check: Check | None, inode: int, changed: int, size: int) -> Kept:
    """Parameters after ``check`` are part of the cache key alone."""
    return _kept(_read(path), check)


def _kept(value: Mapping[str, Any], check: Check | None = None) -> Kept:
    found = read(value, _drafts(value), check)
    return Kept(config=found.config, drafts=found.drafts, problems=found.problems, revision=_revision(value))


def keep_in(path: Path, changes: Mapping[str, Any], check: Check | None = None) -> Kept:
    """Change some settings of a version.json and leave the others as they are; returns what it holds then.

    A value that cannot be used is kept as it is, as a draft, and its setting stays as it was.

    Args:
        check: what the settings must pass, too.

    Raises:
        HostBusyError: another process changes it for long.
        ProjectError: it is no JSON object, or cannot be written.
        ConfigError: a change names no setting, or the file is of a newer version or holds no settings.
    """
    with changed_alone(path):
        value = _read(path)
        before = _kept(value, check)
        after = merged(value, {**_drafts(value), **_plain(changes)}, check)
        if (after.config, after.drafts) == (before.config, before.drafts):
            return before
        _write(path, value, after.config, after.drafts)
        return kept_in(path, check)


def replace_in(path: Path, config: RunConfig) -> None:
    """Put settings in the place of all those of a version.json; keys in it that are not known stay, drafts go.

    Raises:
        HostBusyError: as for ``keep_in``.
        ProjectError: it is no JSON object, or cannot be written.
        ConfigError: it is of a newer version.
    """
    with changed_alone(path):
        _write(path, read_json(path), config, {})


def _read(path: Path) -> dict[str, Any]:
    older = None if path.exists() else older_settings(path.parent)
    return to_json(older[0]) if older else read_json(path)


def _write(path: Path, old: Mapping[str, Any], config: RunConfig, drafts: Mapping[str, Any]) -> None:
    beside = {"revision": _revision(old) + 1, **({"drafts": dict(drafts)} if drafts else {})}
    write_json(path, {**rewritten(config, old), **beside})


def _drafts(value: Mapping[str, Any]) -> dict[str, Any]:
    found = value.get("drafts")
    return {name: text for name, text in found.items() if name in names()} if isinstance(found, dict) else {}


def _revision(value: Mapping[str, Any]) -> int:
    found = value.get("revision")
    return found if isinstance(found, int) and found > 0 else 0


def _plain(changes: Mapping[str, Any]) -> dict[str, Any]:
    """The same as it comes out of a file again; numbers that JSON does not know become text."""
    plain: dict[str, Any] = json.loads(json.dumps(dict(changes)), parse_constant=str)
    return plain
