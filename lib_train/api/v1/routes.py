"""All routes of version 1."""

import inspect
from collections.abc import Callable
from functools import wraps
from typing import TYPE_CHECKING, Any

from fastapi import APIRouter
from pydantic import BaseModel

from lib_train.api.answers import Answer
from lib_train.api.auth import Trusted, nobody
from lib_train.api.guarded import guarded
from lib_train.api.v1 import (
    captions,
    checkpoints,
    compare,
    comparison,
    doctor,
    edits,
    figures,
    host,
    imports,
    jobs,
    now,
    outputs,
    packs,
    pictures,
    plan,
    presets,
    previews,
    projects,
    regularisation,
    retouch,
    runs,
    sets,
    settings,
    settings_files,
    sheets,
    sweeps,
    tagging,
    tags,
    tools,
    versions,
    works,
)
from lib_train.api.v1.models import FAILURES

if TYPE_CHECKING:
    from lib_train.app.session import Session

PREFIX = "/train-tools/v1"
_SUBJECTS = {
    "host": host, "projects": projects, "versions": versions, "settings": settings, "presets": presets,
    "files": settings_files, "pictures": pictures, "captions": captions, "doctor": doctor, "sets": sets,
    "edits": edits, "tags": tags, "imports": imports, "outputs": outputs, "works": works, "retouch": retouch,
    "tagging": tagging, "regularisation": regularisation, "plan": plan, "jobs": jobs, "now": now, "runs": runs,
    "sweeps": sweeps, "checkpoints": checkpoints, "packs": packs, "previews": previews, "sheets": sheets,
    "tools": tools, "compare": compare, "comparison": comparison, "figures": figures,
}  # fmt: skip


class _Typed(APIRouter):
    """Routes whose return annotation is what the OpenAPI page shows.

    FastAPI copies a route's response model and checks each answer by the copy. Answers are built as models already,
    and 40 copies would cost the WebUI's start a third of a second. They become JSON here: FastAPI's own way looks at
    each value, which takes half of the time of an answer.
    """

    def add_api_route(self, path: str, endpoint: Callable[..., Any], **options: Any) -> None:
        answer = inspect.signature(endpoint).return_annotation
        if issubclass(answer, BaseModel):
            status = options.get("status_code") or 200
            options["responses"] = {**(options.get("responses") or {}), status: {"model": answer}}
            endpoint = _as_json(endpoint, status)
        super().add_api_route(path, endpoint, **{**options, "response_model": None})


def _as_json(endpoint: Callable[..., BaseModel], status: int) -> Callable[..., Answer]:
    @wraps(endpoint)
    def answered(*args: Any, **kwargs: Any) -> Answer:
        return Answer(endpoint(*args, **kwargs), status)

    return answered


def router(session: "Session", trusted: Trusted = nobody) -> APIRouter:
    """All routes of one session, on the OpenAPI page by subject.

    Args:
        trusted: origins of other pages that may ask too.
    """
    routes = _Typed(
        prefix=PREFIX,
        route_class=guarded(session.root, trusted),
        default_response_class=Answer,
        responses=FAILURES,
    )
    for subject, module in _SUBJECTS.items():
        known = len(routes.routes)
        module.add(routes, session)
        for route in routes.routes[known:]:
            route.tags = [f"train tools: {subject}"]  # type: ignore[attr-defined]
    return routes
