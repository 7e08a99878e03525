"""Declare a setting once: form, command line, HTTP API, saved file and README table read it here."""

import ast
import dataclasses
import json
import math
import re
import shlex
import types
import typing
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from contextlib import suppress
from functools import cache
from typing import Any, NamedTuple

from lib_train.config.wording import spelled
from lib_train.errors import ConfigError, Problem

BASIC, ADVANCED = "basic", "advanced"
_NAME = re.compile(r"(?:^|(?<=[\s,;]))([A-Za-z_]\w*)\s*=(?!=)")
"""A name with its sign, where a pair begins."""
_NO_LITERAL = re.compile(r"\\|\d(?!e[-+\d])[^\W\d]", re.IGNORECASE)
"""What Python warns of when it reads it as a number or as text."""
_HALF = re.compile("[\ud800-\udfff]")
_WORDS = dict.fromkeys(("true", "1", "yes", "on"), True) | dict.fromkeys(("false", "0", "no", "off"), False)


SET = "set"
"""In ``UsedWhen``: any value but empty, 0 and off."""


class UsedWhen(NamedTuple):
    """When a setting changes anything: in at least one of these ways."""

    otherwise: str
    """Why it changes nothing elsewhere."""
    ways: tuple[Mapping[str, Any], ...]
    """Each: other settings, or fields of ``Circumstances``, with the values that they must have, or ``SET``."""


def used_when(otherwise: str, *ways: Mapping[str, Any]) -> UsedWhen:
    """See ``UsedWhen``."""
    return UsedWhen(otherwise, ways)


class Option(NamedTuple):
    """One declared setting, as forms and tables need it."""

    name: str
    kind: type
    """bool, int, float, str, tuple (of ``item``) or dict."""
    item: type | None
    optional: bool
    default: Any
    help: str
    low: float | None
    high: float | None
    choices: tuple[str, ...]
    level: str
    group: str
    separator: str
    label: str
    """What a form calls it; made of the name where none is declared."""
    off: float | None
    """A number that means the same as empty; None where there is none."""
    key: str
    """Key of its value in the metadata of a LoRA file; "" where there is none."""
    key_none: Any
    """Value that the metadata has as "None"."""
    used_when: UsedWhen | None


def option(
    default: Any,
    help: str,
    *,
    low: float | None = None,
    high: float | None = None,
    choices: Sequence[str] = (),
    level: str = ADVANCED,
    group: str = "",
    separator: str = ",",
    label: str = "",
    off: float | None = None,
    key: str = "",
    key_none: Any = None,
    used_when: UsedWhen | None = None,
) -> Any:
    """Declare one setting.

    ``low`` and ``high`` are inclusive, in the setting's own unit, also for each item of a tuple. ``separator`` stands
    between the items of a tuple that is given as one text. ``off`` is a number that means the same as empty, whatever
    the limits are. ``key`` names its value in the metadata of a LoRA file, which has ``key_none`` as "None".
    ``used_when`` says beside which other settings it changes anything; None is always.
    """
    metadata: dict[str, Any] = {
        "help": help,
        "low": low,
        "high": high,
        "choices": tuple(choices),
        "level": level,
        "group": group,
    }
    metadata |= {
        "separator": separator,
        "label": label,
        "off": off,
        "key": key,
        "key_none": key_none,
        "used_when": used_when,
    }
    if isinstance(default, dict):
        return dataclasses.field(default_factory=lambda: dict(default), metadata=metadata)
    return dataclasses.field(default=default, metadata=metadata)


def options_of(config_class: type) -> Iterator[Option]:
    """The declared settings of a class, in declared order."""
    yield from _declared(config_class)


@cache
def _declared(config_class: type) -> tuple[Option, ...]:
    """See ``options_of``; hints are slow to resolve, and every reading of settings asks for them."""
    hints = typing.get_type_hints(config_class)
    found = []
    for field in dataclasses.fields(config_class):
        if field.metadata:
            kind, item, optional = _kind_of(hints[field.name])
            default = field.default_factory() if callable(field.default_factory) else field.default
            found.append(Option(field.name, kind, item, optional, default, **field.metadata))
    return tuple(found)


@cache
def _settled(config_class: type) -> frozenset[str]:
    """Settings whose default is what ``checked`` would make of it: most of most forms is left as it is."""
    found = set()
    for declared in _declared(config_class):
        with suppress(ValueError):
            value = converted(declared, declared.default)
            same = type(value) is type(declared.default) and value == declared.default
            if same and not isinstance(value, dict) and _out_of_limits(declared, value) is None:
                found.add(declared.name)
    return frozenset(found)


def _kind_of(hint: Any) -> tuple[type, type | None, bool]:
    optional = False
    if isinstance(hint, types.UnionType):
        hint = next(part for part in typing.get_args(hint) if part is not type(None))
        optional = True
    origin = typing.get_origin(hint)
    if origin is tuple:
        return tuple, typing.get_args(hint)[0], optional
    return (origin or hint), None, optional


class _Unusable(Exception):
    """A check asked for a setting that has no usable value."""


class _Readable:
    """Settings as checks see them: those without a usable value, and what is made of them, cannot be read."""

    def __init__(self, config: Any, unusable: Collection[str]) -> None:
        self._config, self._unusable = config, unusable

    def __getattr__(self, name: str) -> Any:
        if name in self._unusable:
            raise _Unusable
        found = getattr(type(self._config), name, None)
        return found.fget(self) if isinstance(found, property) and found.fget else getattr(self._config, name)


def checked(config: Any, *checks: Callable[[Any], Problem | None]) -> None:
    """Convert every declared field to its type, run ``checks``, and raise one ConfigError with all that is wrong.

    Numbers may arrive as text or as whole floats, tuples as lists or as one text. A check looks at several fields;
    it is left out when one of them cannot be converted.
    """
    problems: dict[str, Problem] = {}
    unusable = set()
    settled = _settled(config.__class__)
    for declared in options_of(config.__class__):
        value = getattr(config, declared.name)
        if value is declared.default and declared.name in settled:
            continue
        try:
            value = converted(declared, value)
        except ValueError as error:
            problems[declared.name] = Problem(declared.name, value, str(error))
            unusable.add(declared.name)
            continue
        object.__setattr__(config, declared.name, value)
        if remedy := _out_of_limits(declared, value):
            problems[declared.name] = Problem(declared.name, value, remedy)
    for check in checks:
        with suppress(_Unusable):
            if problem := check(_Readable(config, unusable)):
                problems.setdefault(problem.setting, problem)
    if problems:
        raise ConfigError(tuple(problems.values()))


def converted(declared: Option, value: Any) -> Any:
    """``value`` as the setting's type.

    Raises:
        ValueError: says what is expected.
    """
    if value is None or (isinstance(value, str) and not value.strip() and declared.kind is not str):
        if declared.optional:
            return None
        if declared.kind in (tuple, dict):
            return declared.kind()
        raise ValueError("must not be empty")
    if declared.kind is tuple:
        items = [part.strip() for part in value.split(declared.separator)] if isinstance(value, str) else value
        if not isinstance(items, Sequence):
            items = [items]
        return tuple(_scalar(declared.item or str, part) for part in items if part != "")
    if declared.kind is dict:
        return _plain(pairs_of(value))
    found = _scalar(declared.kind, value)
    return None if declared.optional and declared.off is not None and found == declared.off else found


def pairs_of(value: Any) -> dict[str, Any]:
    """Names with values, from a mapping or from words such as ``weight_decay=0.1``, as sd-scripts takes them.

    Spaces around the sign and commas or semicolons between the pairs are no part of them.

    Raises:
        ValueError: says how to write it.

    >>> pairs_of("weight_decay = 0.1, betas=0.9,0.99; decouple=true mode=max")
    {'weight_decay': 0.1, 'betas': (0.9, 0.99), 'decouple': True, 'mode': 'max'}
    """
    if isinstance(value, Mapping):
        return {
            str(name): _literal(content) if isinstance(content, str) else content for name, content in value.items()
        }
    words = value if isinstance(value, Sequence) and all(isinstance(word, str) for word in value) else "?"
    text = _without_quotes(words if isinstance(words, str) else " ".join(words))
    found = list(_NAME.finditer(text))
    ends = [*(match.start() for match in found[1:]), len(text)]
    pairs = {match[1]: text[match.end() : end].strip(" \t\n,;") for match, end in zip(found, ends, strict=False)}
    if text[: found[0].start() if found else None].strip(" \t\n,;") or not all(pairs.values()):
        raise ValueError("write it as name=value, such as weight_decay=0.1")
    return {name: _literal(content) for name, content in pairs.items()}


def _without_quotes(text: str) -> str:
    try:
        return " ".join(shlex.split(text))
    except ValueError:  # a quotation mark without its second
        return text.replace('"', " ").replace("'", " ")


def _literal(text: str) -> Any:
    if text.lower() in ("true", "false"):
        return text.lower() == "true"
    if _NO_LITERAL.search(text):
        return text
    try:
        return ast.literal_eval(text)
    except (ValueError, TypeError, SyntaxError, MemoryError, RecursionError):
        return text


def _plain(pairs: Mapping[str, Any]) -> dict[str, Any]:
    """The same as it will be read from a file again."""
    try:
        plain: dict[str, Any] = json.loads(json.dumps(pairs, allow_nan=False))
    except (TypeError, ValueError):
        raise ValueError("values must be numbers, text, true, false or lists of these") from None
    return plain


def _scalar(kind: type, value: Any) -> Any:
    if kind is str:
        if not isinstance(value, str):
            raise ValueError("must be text")
        if problem := trouble_in(value):
            raise ValueError(problem)
        return value
    if kind is bool:
        word = str(value).strip().lower()
        if not isinstance(value, bool | str) or word not in _WORDS:
            raise ValueError("must be true or false")
        return _WORDS[word]
    wanted = "must be a whole number" if kind is int else "must be a number"
    if isinstance(value, bool) or not isinstance(value, int | float | str):
        raise ValueError(wanted)
    try:
        number = float(value)
    except ValueError:
        raise ValueError(wanted) from None
    except OverflowError:
        number = math.inf
    if not math.isfinite(number):
        raise ValueError("must be a finite number")
    if kind is float:
        return number
    if number != int(number):
        raise ValueError(wanted)
    return int(number)


def trouble_in(text: str) -> str | None:
    """What of a text can neither be in a file's name nor be written into a file; None when nothing is."""
    if "\0" in text:
        return "must not hold a NUL character"
    try:
        text.encode("utf-8", "surrogateescape")  # a name of a file that is no Unicode comes so
    except UnicodeEncodeError:
        return "must not hold halves of characters"
    return None


def _out_of_limits(declared: Option, value: Any) -> str | None:
    for part in value if isinstance(value, tuple) else (value,):
        if part is None:
            continue
        if isinstance(part, str) and _HALF.search(part) and not declared.name.endswith("_dir"):  # a path may have it
            return "holds half of a character; type it anew"
        if declared.choices and part not in declared.choices:
            return f"choose one of {', '.join(declared.choices)}"
        if declared.low is not None and part < declared.low:
            return f"must be at least {spelled(declared.low)}"
        if declared.high is not None and part > declared.high:
            return f"must be at most {spelled(declared.high)}"
    return None
