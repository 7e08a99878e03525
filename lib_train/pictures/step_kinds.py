"""Steps of batch edits by their names, as requests and files tell them."""

from collections.abc import Mapping
from dataclasses import fields
from typing import Any, Literal, get_args, get_origin, get_type_hints

from lib_train.errors import ConfigError, Problem
from lib_train.pictures.caption_steps import Add, Dedupe, Front, Remove, Sort, Step
from lib_train.pictures.caption_wording import Case, Replace, Separators, Underscores
from lib_train.texts import either, say

KINDS: dict[str, type[Any]] = {
    "add": Add, "remove": Remove, "replace": Replace, "sort": Sort, "front": Front, "dedupe": Dedupe,
    "underscores": Underscores, "case": Case, "separators": Separators,
}  # fmt: skip


def step_of(facts: Mapping[str, Any]) -> Step:
    """The step that ``{"do": "add", "tags": ["solo"]}`` tells; what is left out is as usual.

    Raises:
        ConfigError: it is none; names each thing that is wrong.
    """
    values = dict(facts)
    name = values.pop("do", None)
    kind = KINDS.get(name) if isinstance(name, str) else None
    if kind is None:
        raise ConfigError([Problem("do", name, say("choose an edit: {kinds}", kinds=either(KINDS)))])
    known = {field.name: get_type_hints(kind)[field.name] for field in fields(kind)}
    problems = [Problem(key, value, why) for key, value in values.items() if (why := _wrong(known.get(key), value))]
    needed = [field.name for field in fields(kind) if field.default is field.default_factory]
    problems += [Problem(key, None, say("is missing: send it too")) for key in needed if key not in values]
    if problems:
        raise ConfigError(problems)
    made: Step = kind(**{key: tuple(value) if isinstance(value, list) else value for key, value in values.items()})
    return made


def _wrong(kind: Any, value: Any) -> str:
    """What is wrong with a value; empty where nothing is."""
    if kind is None:
        return say("is not known here: check its name")
    if get_origin(kind) is Literal:
        return "" if value in get_args(kind) else say("must be one of {known}", known=", ".join(get_args(kind)))
    if kind is bool:
        return "" if isinstance(value, bool) else say("must be true or false")
    if kind is str:
        return "" if isinstance(value, str) else say("must be text")
    texts = isinstance(value, list | tuple) and all(isinstance(one, str) for one in value)
    return "" if texts else say("must be a list")
