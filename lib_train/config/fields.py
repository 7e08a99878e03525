"""Declare a setting once: form, command line, HTTP API, saved file and README table read it here."""

import dataclasses
import types
import typing
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any, NamedTuple

from lib_train.errors import ConfigError, Problem

BASIC, ADVANCED = "basic", "advanced"


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
) -> Any:
    """Declare one setting.

    ``low`` and ``high`` are inclusive, in the setting's own unit, also for each item of a tuple. ``separator`` stands
    between the items of a tuple that is given as one text.
    """
    metadata = {"help": help, "low": low, "high": high, "choices": tuple(choices), "level": level, "group": group}
    metadata["separator"] = separator
    if isinstance(default, dict):
        return dataclasses.field(default_factory=lambda: dict(default), metadata=metadata)
    return dataclasses.field(default=default, metadata=metadata)


def options_of(config_class: type) -> Iterator[Option]:
    """The declared settings of a class, in declared order."""
    hints = typing.get_type_hints(config_class)
    for field in dataclasses.fields(config_class):
        if not field.metadata:
            continue
        kind, item, optional = _kind_of(hints[field.name])
        default = field.default_factory() if callable(field.default_factory) else field.default
        yield Option(field.name, kind, item, optional, default, **field.metadata)


def _kind_of(hint: Any) -> tuple[type, type | None, bool]:
    optional = False
    if isinstance(hint, types.UnionType):
        hint = next(part for part in typing.get_args(hint) if part is not type(None))
        optional = True
    origin = typing.get_origin(hint)
    if origin is tuple:
        return tuple, typing.get_args(hint)[0], optional
    return (origin or hint), None, optional


def settle(config: Any, *more: Problem | None) -> None:
    """Convert every declared field to its type and raise one ConfigError that names all that cannot be used.

    Numbers may arrive as text or as whole floats, tuples as lists or comma-separated text. ``more`` holds checks
    that span several fields; None stands for a passed one.
    """
    problems = []
    for declared in options_of(type(config)):
        value = getattr(config, declared.name)
        try:
            value = converted(declared, value)
        except ValueError as error:
            problems.append(Problem(declared.name, value, str(error)))
            continue
        object.__setattr__(config, declared.name, value)
        remedy = _out_of_limits(declared, value)
        if remedy:
            problems.append(Problem(declared.name, value, remedy))
    broken = {problem.setting for problem in problems}
    problems += [p for p in more if p is not None and p.setting not in broken]
    if problems:
        raise ConfigError(problems)


def checked(config: Any, *checks: Callable[[Any], Problem | None]) -> None:
    """``settle``, then the checks that span several fields; they run only on fields of the right type."""
    problems: list[Problem] = []
    try:
        settle(config)
    except ConfigError as error:
        problems += error.problems
    broken = {problem.setting for problem in problems}
    wrong_types = any(not _has_type(o, getattr(config, o.name)) for o in options_of(type(config)))
    if not wrong_types:
        problems += [p for check in checks if (p := check(config)) is not None and p.setting not in broken]
    if problems:
        raise ConfigError(problems)


def _has_type(declared: Option, value: Any) -> bool:
    return (value is None and declared.optional) or isinstance(value, declared.kind)


def converted(declared: Option, value: Any) -> Any:
    """``value`` as the setting's type.

    Raises:
        ValueError: says what is expected.
    """
    if value is None or (isinstance(value, str) and not value.strip() and declared.kind is not str):
        if declared.optional:
            return None
        if declared.kind is tuple:
            return ()
        raise ValueError("must not be empty")
    if declared.kind is tuple:
        items = [part.strip() for part in value.split(declared.separator)] if isinstance(value, str) else value
        if not isinstance(items, Sequence):
            items = [items]
        return tuple(_scalar(declared.item or str, part) for part in items if part != "")
    if declared.kind is dict:
        if not isinstance(value, Mapping):
            raise ValueError('must be names with values, as in {"weight_decay": 0.1}')
        return dict(value)
    return _scalar(declared.kind, value)


def _scalar(kind: type, value: Any) -> Any:
    if kind is bool:
        words = {
            "true": True,
            "false": False,
            "1": True,
            "0": False,
            "yes": True,
            "no": False,
            "on": True,
            "off": False,
        }
        if isinstance(value, bool):
            return value
        if isinstance(value, str) and value.strip().lower() in words:
            return words[value.strip().lower()]
        raise ValueError("must be true or false")
    if kind is str:
        if not isinstance(value, str):
            raise ValueError("must be text")
        return value
    if isinstance(value, bool) or not isinstance(value, int | float | str):
        raise ValueError("must be a whole number" if kind is int else "must be a number")
    try:
        number = float(value)
    except ValueError:
        raise ValueError("must be a whole number" if kind is int else "must be a number") from None
    if number != number or number in (float("inf"), float("-inf")):
        raise ValueError("must be a finite number")
    if kind is int:
        if number != int(number):
            raise ValueError("must be a whole number")
        return int(value) if isinstance(value, int) else int(number)
    return number


def _out_of_limits(declared: Option, value: Any) -> str | None:
    for part in value if isinstance(value, tuple) else (value,):
        if part is None:
            continue
        if declared.choices and part not in declared.choices:
            return f"choose one of {', '.join(declared.choices)}"
        if declared.low is not None and part < declared.low:
            return f"must be at least {declared.low:g}"
        if declared.high is not None and part > declared.high:
            return f"must be at most {declared.high:g}"
    return None
