"""Settings files as they come: JSON, JSON with comments, TOML, in whichever Unicode."""

import importlib
import json
import os
import re
from collections.abc import Iterable, Mapping
from pathlib import Path
from types import ModuleType
from typing import Any

from lib_train.errors import ConfigError, Problem, reason
from lib_train.texts import say

_LARGEST = 2**24
_READERS = ("tomllib", "tomli", "toml", "pip._vendor.tomli")  # the first is Python's own, from 3.11 on; pip is in any
_BESIDE_JSON = re.compile(r'("(?:[^"\\\\]|\\\\.)*")|(?://|#)[^\n]*|/\*.*?\*/|,(?=\s*[}\]])', re.DOTALL)
"""Text in quotation marks, or what JSON does not know: comments, a comma behind the last one."""


_ESCAPE = re.compile(r"escape|\bhex\b", re.IGNORECASE)
"""In what readers of TOML say of a path of Windows between double quotation marks."""


def read_object(path: Path) -> dict[str, Any]:
    """The content of a settings file, by name.

    Raises:
        ConfigError: it is missing, or neither a JSON nor a TOML object.
    """
    try:
        with path.open("rb") as file:
            raw = file.read(_LARGEST + 1)  # a device may never end
    except (OSError, ValueError) as error:
        raise _unusable(path, say("cannot be read ({why})", why=_reason(error))) from error
    return object_in(path, raw)


def object_in(path: Path, raw: bytes) -> dict[str, Any]:
    """The same of bytes that somebody sent.

    Args:
        path: the file's name, which tells TOML from JSON.

    Raises:
        ConfigError: they are neither a JSON nor a TOML object.
    """
    try:
        text = raw.decode(json.detect_encoding(raw))
    except ValueError as error:
        raise _unusable(path, say("cannot be read ({why})", why=_reason(error))) from error
    if len(raw) > _LARGEST:
        raise _unusable(path, say("is larger than {size} MiB: this is no settings file", size=_LARGEST >> 20))
    is_toml = path.suffix.lower() == ".toml" and not text.lstrip().startswith("{")  # which no TOML begins with
    value = _from_toml(path, text) if is_toml else _from_json(path, text)
    if not isinstance(value, dict):
        raise _unusable(path, say("must hold a JSON object with settings"))
    return value


def together(objects: Iterable[Mapping[str, Any]]) -> dict[str, Any]:
    """Several files of one training as one: a later one wins, and lists of datasets follow each other.

    >>> together([{"datasets": [1], "seed": 1}, {"datasets": [2], "seed": 2}])
    {'datasets': [1, 2], 'seed': 2}
    """
    found: dict[str, Any] = {}
    for one in objects:
        lists = {name: [*found[name], *one[name]] for name in ("datasets", "subsets")
                 if isinstance(one.get(name), list) and isinstance(found.get(name), list)}  # fmt: skip
        found |= {**one, **lists}
    return found


def with_datasets(path: Path, value: dict[str, Any]) -> dict[str, Any]:
    """A training's settings with the datasets of the file that they name, where there is one.

    A relative name is looked for beside the settings and in the working folder.
    """
    sections = [value, *(part for part in value.values() if isinstance(part, dict))]
    named = next((part["dataset_config"] for part in sections if part.get("dataset_config")), None)
    if not isinstance(named, str) or "datasets" in value:
        return value
    given = named.replace("\\", "/") if os.name != "nt" else named
    for place in (path.parent / given, Path(given)):
        if place.is_file():
            return together((value, read_object(place)))
    return value


def _from_json(path: Path, text: str) -> Any:
    try:
        return json.loads(text)
    except (ValueError, RecursionError) as error:
        first = error
    try:
        return json.loads(_without_comments(text))
    except (ValueError, RecursionError):
        why = _reason(first)
        if "escape" in str(first):
            why = say("{why}; write paths with / or \\\\", why=why)
        remedy = say("cannot be read as JSON ({why}); mend it, or give a TOML file with the ending .toml", why=why)
        raise _unusable(path, remedy) from first


def _without_comments(text: str) -> str:
    without = _BESIDE_JSON.sub(lambda match: match[1] or (match[0] if match[0] == "," else " "), text)
    return _BESIDE_JSON.sub(lambda match: match[1] or " ", without)  # a comment behind a last comma is gone by now


def _from_toml(path: Path, text: str) -> Any:
    reader = _toml_reader()
    if reader is None:
        raise _unusable(path, say("TOML needs Python 3.11, or: pip install tomli; or save the settings as JSON"))
    try:
        return reader.loads(text)
    except (ValueError, RecursionError) as error:
        why = _reason(error)
        if _ESCAPE.search(str(error)):
            why = say("{why}; write paths with / or in single quotation marks", why=why)
        raise _unusable(path, say("cannot be read as TOML ({why}); mend it, or give JSON", why=why)) from error


def _toml_reader() -> ModuleType | None:
    for name in _READERS:
        try:
            return importlib.import_module(name)
        except ImportError:
            continue
    return None


def _reason(error: Exception) -> str:
    if isinstance(error, UnicodeDecodeError):
        return say("it is no Unicode text; save it as UTF-8")
    return say("it is nested too deeply") if isinstance(error, RecursionError) else reason(error)


def _unusable(path: Path, remedy: str) -> ConfigError:
    return ConfigError([Problem("config", str(path), remedy)])
