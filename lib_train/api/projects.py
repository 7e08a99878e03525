"""Routes of projects and versions."""

from typing import Any

from fastapi import APIRouter

from lib_train.api.answers import answered
from lib_train.app.session import Session


def add_project_routes(routes: APIRouter, session: Session) -> None:
    """Routes that list projects and versions."""

    @routes.get("/projects")
    @answered
    def projects() -> Any:
        return {"projects": session.projects.listed()}
