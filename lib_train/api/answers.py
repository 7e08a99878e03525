"""What every route answers: JSON, and errors in words with a fitting status."""

from collections.abc import Callable
from functools import wraps
from pathlib import Path
from typing import Any

from fastapi.responses import JSONResponse

from lib_train.app.answers import told
from lib_train.errors import (
    CaptionChanged,
    ConfigError,
    HostBusyError,
    HostModelError,
    NotTraining,
    Problem,
    ProjectError,
    RunChanged,
    TrainToolsError,
)


def answering(root: Path) -> Callable[[Callable[..., Any]], Callable[..., Any]]:
    """Makes a route's value JSON, and an error that a person can meet ``{"error": ...}`` with a fitting status."""

    def answered(route: Callable[..., Any]) -> Callable[..., Any]:
        @wraps(route)
        def answer(*args: Any, **kwargs: Any) -> Any:
            try:
                _require_kinds(kwargs.get("asked", {}))
                return JSONResponse(route(*args, **kwargs) or {})
            except KeyError as error:
                return JSONResponse({"error": {"message": f"{error} is missing", "problems": []}}, 422)
            except TrainToolsError as error:
                return JSONResponse({"error": told(error, root)}, _status_of(error))

        return answer

    return answered


_KINDS: dict[str, tuple[type, str]] = {
    **dict.fromkeys(("project", "version", "name", "run", "picture"), (str, "text")),
    "settings": (dict, "an object of settings"),
    "files": (list, "a list of names"),
    "with_changes": (bool, "true or false"),
}


def _require_kinds(asked: dict[str, Any]) -> None:
    """See to it that what was sent has the JSON types that the routes expect.

    Raises:
        ConfigError: names everything that has not.
    """
    wrong = [key for key in asked if key in _KINDS and not isinstance(asked[key], _KINDS[key][0])]
    if wrong:
        raise ConfigError([Problem(key, asked[key], f"must be {_KINDS[key][1]}") for key in wrong])


def _status_of(error: TrainToolsError) -> int:
    if isinstance(error, HostBusyError | HostModelError | NotTraining | CaptionChanged | RunChanged):
        return 409
    return 404 if isinstance(error, ProjectError) else 422
