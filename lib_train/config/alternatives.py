"""Alternatives of a setting, read from one text: values with commas between them, ranges, or texts between bars."""

import math
import re
from collections.abc import Sequence
from typing import Any

from lib_train.config.checking import out_of_limits
from lib_train.config.fields import Option
from lib_train.config.values import converted
from lib_train.texts import joined, say

MOST = 200
"""Alternatives of a setting, and runs of a sweep."""
EMPTY = "empty"
"""The alternative that leaves a setting without a value."""
_NUMBER = r"[+-]?(?:\d+\.?\d*|\.\d+)(?:e[+-]?\d+)?"
_RANGE = re.compile(
    rf"({_NUMBER})\s*-\s*({_NUMBER})(?:\s*\(\s*({_NUMBER})\s*\)|\s*\[\s*(\d{{1,9}})\s*\])?", re.IGNORECASE
)
_BAR = re.compile(r"(?:^|(?<=\s))\|(?=\s|$)")


def takes_commas(declared: Option) -> bool:
    """Whether commas stand between its alternatives; of lists and free texts, which may hold commas, bars do."""
    return declared.kind in (bool, int, float) or bool(declared.choices and declared.kind is str)


def alternatives(declared: Option, text: str) -> list[Any]:
    """The values that a text gives, in its order, as JSON values.

    Numbers may be ranges, written as in the WebUI's X/Y/Z plot: ``1-5``, ``1-9 (+2)``, ``0.1-1.0 [10]``.

    Raises:
        ValueError: says what is wrong, and how to write it.
    """
    found: list[Any] = []
    parts = _parts(declared, text)
    for part in parts:
        for value in _named_values(declared, part) if len(parts) > 1 else _values(declared, part):
            if value in found and type(value) is type(found[found.index(value)]):
                raise ValueError(say("{value!r} is given twice; leave one out", value=value))
            found.append(value)
    if len(found) > MOST:
        raise ValueError(say("gives more than {most} values; give fewer", most=MOST))
    return found


def _parts(declared: Option, text: str) -> list[str]:
    commas = takes_commas(declared)
    parts = [part.strip() for part in (text.split(",") if commas else _BAR.split(text))]
    if not all(parts):
        raise ValueError(
            say("has an empty alternative; take out a {sign}, or write {empty} for no value",
                sign="," if commas else "|", empty=EMPTY)
        )  # fmt: skip
    return parts


def _named_values(declared: Option, part: str) -> Sequence[Any]:
    """As ``_values``, for one of several: what is wrong is told of it."""
    try:
        return _values(declared, part)
    except ValueError as error:
        raise ValueError(joined(": ", (repr(part[:80]), error.args[0]))) from error


def _values(declared: Option, part: str) -> Sequence[Any]:
    number = declared.kind in (int, float)
    if number and (match := _RANGE.fullmatch(part)):
        return [_read(declared, value) for value in _in_range(declared.kind, *match.groups())]
    try:
        return [_read(declared, part)]
    except ValueError as error:
        if number and re.search(r"\d\s*-|[\[(]", part):
            raise ValueError(say("write a range as {examples}", examples="1-5, 1-9 (+2), 0.1-1.0 [10]")) from error
        raise


def _read(declared: Option, value: Any) -> Any:
    if value == EMPTY:
        value = "" if declared.kind is str and not declared.choices else None
    found = converted(declared, value)
    if remedy := out_of_limits(declared, found):
        raise ValueError(remedy)
    return list(found) if isinstance(found, tuple) else found


def _in_range(kind: type, first: str, last: str, step: str | None, count: str | None) -> list[float]:
    """
    >>> _in_range(int, "1", "9", "+4", None), _in_range(float, "0.1", "0.3", None, "3")
    ([1.0, 5.0, 9.0], [0.1, 0.2, 0.3])
    """
    start, end = float(first), float(last)
    if not (math.isfinite(start) and math.isfinite(end)):
        raise ValueError(say("must be a finite number"))
    if count is not None:
        return _spaced(kind, start, end, int(count))
    if step is None and not (start.is_integer() and end.is_integer()):
        raise ValueError(say("say how many values the range has, such as [5], or its step, such as (+0.1)"))
    width = float(step) if step else 1.0
    if end < start and not (step or "").startswith(("+", "-")):
        width = -width
    if not width or not math.isfinite(width) or (end - start) * width < 0:
        raise ValueError(say("this range never reaches its end; change the sign of its step"))
    if (end - start) / width >= MOST:
        raise ValueError(say("gives more than {most} values; give fewer", most=MOST))
    return [_plain(start + width * place) for place in range(math.floor((end - start) / width + 1e-9) + 1)]


def _spaced(kind: type, start: float, end: float, count: int) -> list[float]:
    """So many values with equal distances; whole ones where the setting is a whole number."""
    if not 2 <= count <= MOST:
        raise ValueError(say("a range has 2 to {most} values", most=MOST))
    found = [_plain(start + (end - start) * place / (count - 1)) for place in range(count)]
    return [float(round(value)) for value in found] if kind is int else found


def _plain(value: float) -> float:
    """Without what binary fractions add: 0.30000000000000004 is 0.3."""
    return float(f"{value:.12g}")
