"""TOML as text: tables of plain values, in the order that they are given."""

import json
import math
import re
from collections.abc import Iterator, Mapping
from typing import Any

_BARE = re.compile(r"[A-Za-z0-9_-]+")


def toml_of(tables: Mapping[str, Mapping[str, Any]]) -> str:
    """Text that every reader of TOML 1.0 takes.

    Args:
        tables: by name, which may have dots; values are text, numbers, booleans, lists and mappings of these.

    >>> print(toml_of({"a.b": {"x": 1, "y": "c:\\\\d"}}), end="")
    [a.b]
    x = 1
    y = "c:\\\\d"
    """
    return "\n".join("".join(_lines(name, table)) for name, table in tables.items() if table)


def _lines(name: str, table: Mapping[str, Any]) -> Iterator[str]:
    yield f"[{name}]\n"
    yield from (f"{_key(key)} = {_value(value)}\n" for key, value in table.items())


def _key(key: str) -> str:
    return key if _BARE.fullmatch(key) else _value(key)


def _value(value: Any) -> str:
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, str):
        return json.dumps(value, ensure_ascii=False).replace("\x7f", "\\u007f")
    if isinstance(value, Mapping):
        return "{" + ", ".join(f"{_key(key)} = {_value(content)}" for key, content in value.items()) + "}"
    if isinstance(value, list | tuple):
        if any(isinstance(item, float) for item in value):  # older readers want all of one type
            value = [float(item) if type(item) is int else item for item in value]
        return "[" + ", ".join(map(_value, value)) + "]"
    if isinstance(value, float):
        return f"{value!r}" if math.isfinite(value) else str(value)
    return str(value)
