"""All routes of the tab. Every one is open to logged-in people only; those that change something are POST with JSON."""

from fastapi import APIRouter

from lib_train.api.auth import Trusted, nobody
from lib_train.api.files import add_file_routes
from lib_train.api.guarded import guarded
from lib_train.api.jobs import add_job_routes, add_wish_routes
from lib_train.api.pictures import add_picture_routes
from lib_train.api.projects import add_project_routes
from lib_train.api.settings import add_settings_routes
from lib_train.app.session import Session

PREFIX = "/train-tools"


def router(session: Session, trusted: Trusted = nobody) -> APIRouter:
    """All routes of one session.

    Args:
        trusted: origins of other pages that may ask too.
    """
    routes = APIRouter(prefix=PREFIX, route_class=guarded(session.root, trusted))
    add_job_routes(routes, session)
    add_wish_routes(routes, session)
    add_project_routes(routes, session)
    add_settings_routes(routes, session)
    add_file_routes(routes, session)
    add_picture_routes(routes, session)
    return routes
