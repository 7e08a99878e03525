"""Settings files as they come: JSON, JSON with comments, TOML, in whichever Unicode."""

import importlib
import json
import re
from pathlib import Path
from types import ModuleType
from typing import Any

from lib_train.errors import ConfigError, Problem, reason
from lib_train.texts import say

_LARGEST = 2**24
_READERS = ("tomllib", "tomli", "toml")  # the first is Python's own, from 3.11 on
_BESIDE_JSON = re.compile(r'("(?:[^"\\\\]|\\\\.)*")|(?://|#)[^\n]*|/\*.*?\*/|,(?=\s*[}\]])', re.DOTALL)
"""Text in quotation marks, or what JSON does not know: comments, a comma behind the last one."""


def read_object(path: Path) -> dict[str, Any]:
    """The content of a settings file, by name.

    Raises:
        ConfigError: it is missing, or neither a JSON nor a TOML object.
    """
    try:
        with path.open("rb") as file:
            raw = file.read(_LARGEST + 1)  # a device may never end
        text = raw.decode(json.detect_encoding(raw))
    except (OSError, ValueError) as error:
        raise _unusable(path, say("cannot be read ({why})", why=_reason(error))) from error
    if len(raw) > _LARGEST:
        raise _unusable(path, say("is larger than {size} MiB: this is no settings file", size=_LARGEST >> 20))
    is_toml = path.suffix.lower() == ".toml" and not text.lstrip().startswith("{")  # which no TOML begins with
    value = _from_toml(path, text) if is_toml else _from_json(path, text)
    if not isinstance(value, dict):
        raise _unusable(path, say("must hold a JSON object with settings"))
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
        raise _unusable(
            path, say("cannot be read as TOML ({why}); mend it, or give JSON", why=_reason(error))
        ) from error


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
