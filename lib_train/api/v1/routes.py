"""All routes of version 1."""

from fastapi import APIRouter

from lib_train.api.answers import Answer
from lib_train.api.auth import Trusted, nobody
from lib_train.api.guarded import guarded
from lib_train.api.v1 import (
    captions,
    checkpoints,
    host,
    jobs,
    pictures,
    plan,
    previews,
    projects,
    runs,
    settings,
    versions,
)
from lib_train.api.v1.models import FAILURES
from lib_train.app.session import Session

PREFIX = "/train-tools/v1"
_SUBJECTS = {
    "host": host, "projects": projects, "versions": versions, "settings": settings, "pictures": pictures,
    "captions": captions, "plan": plan, "jobs": jobs, "runs": runs, "checkpoints": checkpoints, "previews": previews,
}  # fmt: skip


def router(session: Session, trusted: Trusted = nobody) -> APIRouter:
    """All routes of one session, on the OpenAPI page by subject.

    Args:
        trusted: origins of other pages that may ask too.
    """
    all_routes = APIRouter(prefix=PREFIX)
    for subject, module in _SUBJECTS.items():
        routes = APIRouter(
            tags=[f"train tools: {subject}"],
            route_class=guarded(session.root, trusted),
            default_response_class=Answer,
            responses=FAILURES,
        )
        module.add(routes, session)
        all_routes.include_router(routes)
    return all_routes
