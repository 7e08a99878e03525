"""All routes of the tab. Every one is open to logged-in people only; those that change something are POST with JSON."""

from fastapi import APIRouter, Depends

from lib_train.api.auth import require_login
from lib_train.api.files import add_file_routes
from lib_train.api.jobs import add_job_routes, add_wish_routes
from lib_train.api.pictures import add_picture_routes
from lib_train.api.settings import add_settings_routes
from lib_train.app.session import Session

PREFIX = "/train-tools"


def router(session: Session) -> APIRouter:
    """All routes of one session."""
    routes = APIRouter(prefix=PREFIX, dependencies=[Depends(require_login)])
    add_job_routes(routes, session)
    add_wish_routes(routes, session)
    add_settings_routes(routes, session)
    add_file_routes(routes, session)
    add_picture_routes(routes, session)
    return routes
