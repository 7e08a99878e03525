"""Settings files as they come: JSON, JSON with comments, TOML, in whichever Unicode."""

import importlib
import json
import re
from pathlib import Path
from types import ModuleType
from typing import Any

from lib_train.errors import ConfigError, Problem

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
        raise _unusable(path, f"cannot be read ({_reason(error)})") from error
    if len(raw) > _LARGEST:
        raise _unusable(path, f"is larger than {_LARGEST >> 20} MiB: this is no settings file")
    is_toml = path.suffix.lower() == ".toml" and not text.lstrip().startswith("{")  # which no TOML begins with
    value = _from_toml(path, text) if is_toml else _from_json(path, text)
    if not isinstance(value, dict):
        raise _unusable(path, "must hold a JSON object with settings")
    return value


def _from_json(path: Path, text: str) -> Any:
    try:
        return json.loads(text)
    except (ValueError, RecursionError) as error:
        first = error
    try:
        return json.loads(_without_comments(text))
    except (ValueError, RecursionError):
        hint = "; write paths with / or \\\\" if "escape" in str(first) else ""
        remedy = f"cannot be read as JSON ({_reason(first)}{hint}); mend it, or give a TOML file with the ending .toml"
        raise _unusable(path, remedy) from first


def _without_comments(text: str) -> str:
    without = _BESIDE_JSON.sub(lambda match: match[1] or (match[0] if match[0] == "," else " "), text)
    return _BESIDE_JSON.sub(lambda match: match[1] or " ", without)  # a comment behind a last comma is gone by now


def _from_toml(path: Path, text: str) -> Any:
    reader = _toml_reader()
    if reader is None:
        raise _unusable(path, "TOML needs Python 3.11, or: pip install tomli; or save the settings as JSON")
    try:
        return reader.loads(text)
    except (ValueError, RecursionError) as error:
        raise _unusable(path, f"cannot be read as TOML ({_reason(error)}); mend it, or give JSON") from error


def _toml_reader() -> ModuleType | None:
    for name in _READERS:
        try:
            return importlib.import_module(name)
        except ImportError:
            continue
    return None


def _reason(error: Exception) -> str:
    if isinstance(error, UnicodeDecodeError):
        return "it is no Unicode text; save it as UTF-8"
    if isinstance(error, OSError):
        return error.strerror or str(error)
    return "it is nested too deeply" if isinstance(error, RecursionError) else str(error)


def _unusable(path: Path, remedy: str) -> ConfigError:
    return ConfigError([Problem("config", str(path), remedy)])
