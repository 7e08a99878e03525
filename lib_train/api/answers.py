"""What every route answers: JSON, and errors in words with a fitting status."""

import json
import math
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

from fastapi.responses import JSONResponse
from pydantic import BaseModel

from lib_train.error_json import error_json
from lib_train.errors import (
    CaptionChanged,
    HostBusyError,
    HostModelError,
    NotTraining,
    ProjectError,
    RunChanged,
    SettingsChanged,
    TrainToolsError,
)
from lib_train.texts import Text, joined, say, with_texts

LOOKED_AT = {
    "X-Content-Type-Options": "nosniff",
    "Cache-Control": "private, no-cache",
    "Content-Security-Policy": "default-src 'none'; img-src data:; style-src 'unsafe-inline'; sandbox",
}
"""Headers of a page that is for looking at: it runs nothing, and loads nothing."""


class Answer(JSONResponse):
    """JSON of whatever a person's files hold: names that are no Unicode come escaped, numbers that are none as null.

    Models are what their ``vars`` are; ``dict()`` would take longer than all the rest.
    """

    def render(self, content: Any) -> bytes:
        try:
            return json.dumps(content, allow_nan=False, separators=(",", ":"), default=vars).encode()
        except ValueError:
            return json.dumps(_finite(content), separators=(",", ":")).encode()


def error_answer(error: TrainToolsError, root: Path) -> Answer:
    """``{"error": {"code", "message", "problems"}}``, with the status that fits and paths given from the root."""
    return Answer({"error": error_json(error, root)}, _status_of(error))


_PLAIN: dict[str, Callable[..., Text]] = {
    "value_error.extra": lambda: say("is not known here: check its name"),
    "value_error.missing": lambda: say("is missing: send it too"),
    "value_error.const": lambda permitted, given: say("must be one of {known}", known=", ".join(map(str, permitted))),
    "value_error.number.not_ge": lambda limit_value: say("must be at least {low}", low=limit_value),
    "value_error.number.not_le": lambda limit_value: say("must be at most {high}", high=limit_value),
    "value_error.strictbool": lambda: say("must be true or false"),
    "type_error.none.not_allowed": lambda: say("must not be empty"),
    "type_error.integer": lambda: say("must be a whole number"),
    "type_error.float": lambda: say("must be a number"),
    "type_error.str": lambda: say("must be text"),
    "type_error.list": lambda: say("must be a list"),
    "type_error.dict": lambda: say("must be an object"),
}
"""Sentences for what pydantic finds wrong, by its name of the fault; it gives them what the fault is about."""
_CODES = {401: "login", 403: "forbidden", 404: "not_found", 415: "content_type", 422: "invalid_request"}


def refusal(why: str, status: int, problems: Sequence[Mapping[str, Any]] = ()) -> Answer:
    """The same for what comes from no error of ours."""
    error = with_texts({"code": _CODES.get(status, "refused"), "message": why, "problems": problems})
    return Answer({"error": error}, status)


def faults_answer(faults: Sequence[Mapping[str, Any]]) -> Answer:
    """The same for what pydantic found wrong with a query, form or body."""
    named = [(".".join(map(str, fault["loc"][1:])) or say("what was sent"), _why(fault)) for fault in faults]
    problems = [with_texts({"setting": name, "value": "", "remedy": why}) for name, why in named]
    return refusal(joined("; ", [joined(": ", one) for one in named]), 422, problems)


def _why(fault: Mapping[str, Any]) -> str:
    plain = _PLAIN.get(fault["type"])
    return plain(**fault.get("ctx", {})) if plain else str(fault["msg"])


def _status_of(error: TrainToolsError) -> int:
    conflicts = HostBusyError, HostModelError, NotTraining, CaptionChanged, RunChanged, SettingsChanged
    if isinstance(error, conflicts):
        return 409
    return 404 if isinstance(error, ProjectError) else 422


def _finite(value: Any) -> Any:
    if isinstance(value, float):
        return value if math.isfinite(value) else None
    if isinstance(value, Mapping):
        return {key: _finite(one) for key, one in value.items()}
    if isinstance(value, BaseModel):
        return _finite(vars(value))
    return [_finite(one) for one in value] if isinstance(value, list | tuple) else value
