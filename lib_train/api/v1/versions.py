"""Versions of a project."""

from typing import TYPE_CHECKING

from fastapi import APIRouter
from pydantic import Field, StrictStr

from lib_train.api.v1.models import VERSION, Done, Named
from lib_train.api.v1.projects import Place

if TYPE_CHECKING:
    from lib_train.app.session import Session


class NewVersion(Named):
    """A version to make."""

    copy_of: StrictStr = Field("", description="version whose settings and pictures it gets; empty is an empty one")


def add(routes: APIRouter, session: "Session") -> None:
    """Routes of versions."""

    @routes.post("/projects/{project}/versions", status_code=201)
    def create_version(project: str, body: NewVersion) -> Place:
        """A new version, empty or a copy of another one."""
        if body.copy_of:
            return Place(project=project, version=session.projects.copy_version(project, body.copy_of, body.name))
        return Place(project=project, version=session.projects.create_version(project, body.name))

    @routes.patch(VERSION)
    def rename_version(project: str, version: str, body: Named) -> Place:
        """Give a version another name."""
        return Place(project=project, version=session.projects.rename_version(project, version, body.name))

    @routes.delete(VERSION)
    def delete_version(project: str, version: str) -> Done:
        """Move a version into the trash of the output folder."""
        session.projects.delete_version(project, version)
        return Done()
