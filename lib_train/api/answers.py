"""What every route answers: JSON, and errors in words with a fitting status."""

import json
import math
from collections.abc import Mapping, Sequence
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


_PLAIN = {"value_error.extra": "is not known here: check its name", "value_error.missing": "is missing: send it too"}
"""Words for what pydantic finds wrong."""
_CODES = {401: "login", 403: "forbidden", 404: "not_found", 415: "content_type", 422: "invalid_request"}


def refusal(why: str, status: int, problems: Sequence[Mapping[str, str]] = ()) -> Answer:
    """The same for what comes from no error of ours."""
    return Answer({"error": {"code": _CODES.get(status, "refused"), "message": why, "problems": problems}}, status)


def faults_answer(faults: Sequence[Mapping[str, Any]]) -> Answer:
    """The same for what pydantic found wrong with a query, form or body."""
    named = [
        (".".join(str(part) for part in fault["loc"][1:]) or "what was sent", _PLAIN.get(fault["type"], fault["msg"]))
        for fault in faults
    ]
    problems = [{"setting": name, "value": "", "remedy": why} for name, why in named]
    return refusal("; ".join(f"{name}: {why}" for name, why in named), 422, problems)


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
