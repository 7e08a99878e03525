"""Versions of a project."""

from typing import TYPE_CHECKING

from fastapi import APIRouter
from pydantic import BaseModel, Field, StrictStr

from lib_train.api.v1.models import VERSION, Done, Named, RequestBody
from lib_train.api.v1.projects import Place

if TYPE_CHECKING:
    from lib_train.app.session import Session

_LONGEST = 100_000


class Notes(BaseModel):
    """What a person thinks of a version."""

    notes: str
    conclusion: str = Field(description="what came of it")
    best: str = Field(description="file name of the checkpoint that was found best; may be empty")
    copy_of: str = Field(description="version that it began as a copy of; may be empty")


class NotesChange(RequestBody):
    """What to change; what is left out stays."""

    notes: StrictStr | None = Field(None, max_length=_LONGEST)
    conclusion: StrictStr | None = Field(None, max_length=_LONGEST)
    best: StrictStr | None = Field(None, description="empty is none")


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

    @routes.get(VERSION + "/notes")
    def notes(project: str, version: str) -> Notes:
        """Notes, conclusion, and the best checkpoint."""
        return Notes(**session.noting.of(project, version))

    @routes.patch(VERSION + "/notes")
    def write_notes(project: str, version: str, body: NotesChange) -> Notes:
        """Write some of them."""
        changes = {name: text for name, text in body.dict().items() if text is not None}
        return Notes(**session.noting.write(project, version, changes))

    @routes.delete(VERSION)
    def delete_version(project: str, version: str) -> Done:
        """Move a version into the trash of the output folder."""
        session.projects.delete_version(project, version)
        return Done()
