"""Settings files of any program over those of a version: what can be used is taken, the rest is told."""

from collections.abc import Mapping
from typing import Any, NamedTuple

from lib_train.config import kohya_keys as keys
from lib_train.config.codec import given_in, section_of, settings_in, to_json
from lib_train.config.drafts import merged
from lib_train.config.presets import KEPT
from lib_train.errors import ConfigError
from lib_train.texts import joined, say
from lib_train.vocabulary import SCHEMA

_PERSONS = {
    "base_model": say("choose the checkpoint where you choose it for pictures, or by --base_model"),
    "vae": say("choose it where you choose it for pictures, or by --vae"),
}
"""What a file of another machine names and nobody here has, with where it is chosen."""
_OTHERS = frozenset((*keys.OTHER_MODELS, "config", "schema", "training_method", "model_type", "model_train_type"))
"""What a file of another model or program has trouble with: nothing of it suits."""


class Taken(NamedTuple):
    """What a file makes of a version's settings."""

    settings: dict[str, Any]
    """By name; all can be used together. Also what the file leaves out, as it is by default, but for pictures and
    prompts."""
    given: list[str]
    """Names of those that the file says."""
    notes: list[str]
    """On what could not be taken, and what to do instead."""


def taken(value: Mapping[str, Any]) -> Taken:
    """See ``Taken``.

    Raises:
        ConfigError: it is a file of another program, for another model, or of a newer version.
    """
    found = given_in(value)
    if others := [problem for problem in found.problems if problem.setting in _OTHERS]:
        raise ConfigError(others)
    wanted = {name: setting for name, setting in found.given.items() if name not in _PERSONS}
    if wanted.get("max_train_epochs") and "max_train_steps" not in wanted:
        wanted["max_train_steps"] = None
    now = merged({"schema": SCHEMA}, wanted)
    given = [name for name in wanted if name not in now.drafts]
    all_of_them = settings_in(to_json(now.config))
    wished = [name for name in section_of() if name not in KEPT or name in given]
    settings = {name: all_of_them[name] for name in (*wished, "prediction_type", "preset")}
    notes: list[str] = [joined(": ", (joined(" = ", (name, found.given[name])), way)) for name, way in _PERSONS.items()
             if found.given.get(name)]  # fmt: skip
    notes += [*found.notes, *(say("{key}: not known", key=key) for key in found.unknown)]
    problems = [*found.problems, *now.problems]
    return Taken(settings, given, [*notes, *(say("not taken: {problem}", problem=problem) for problem in problems)])
