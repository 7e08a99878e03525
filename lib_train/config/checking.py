"""Check the settings of a section, and name all that is wrong at once."""

import re
from collections.abc import Callable, Collection
from contextlib import suppress
from functools import cache
from typing import Any

from lib_train.config.fields import Option, options_of
from lib_train.config.values import converted
from lib_train.config.wording import spelled
from lib_train.errors import ConfigError, Problem
from lib_train.texts import say

_HALF = re.compile("[\ud800-\udfff]")


class _Unusable(Exception):
    """A check read a setting that has no usable value."""


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
        if remedy := out_of_limits(declared, value):
            problems[declared.name] = Problem(declared.name, value, remedy)
    for check in checks:
        with suppress(_Unusable):
            if problem := check(_Readable(config, unusable)):
                problems.setdefault(problem.setting, problem)
    if problems:
        raise ConfigError(tuple(problems.values()))


def out_of_limits(declared: Option, value: Any) -> str | None:
    """What is wrong with a converted value by itself; None where it may be used."""
    for part in value if isinstance(value, tuple) else (value,):
        if part is None:
            continue
        if isinstance(part, str) and _HALF.search(part) and not declared.name.endswith("_dir"):  # a path may have it
            return say("holds half of a character; type it anew")
        if declared.choices and part not in declared.choices:
            return say("choose one of {known}", known=", ".join(declared.choices))
        if declared.low is not None and part < declared.low:
            return say("must be at least {low}", low=spelled(declared.low))
        if declared.high is not None and part > declared.high:
            return say("must be at most {high}", high=spelled(declared.high))
    return None


@cache
def _settled(config_class: type) -> frozenset[str]:
    """Settings whose default is what ``checked`` would make of it: most of most forms is left as it is."""
    found = set()
    for declared in options_of(config_class):
        with suppress(ValueError):
            value = converted(declared, declared.default)
            same = type(value) is type(declared.default) and value == declared.default
            if same and not isinstance(value, dict) and out_of_limits(declared, value) is None:
                found.add(declared.name)
    return frozenset(found)
