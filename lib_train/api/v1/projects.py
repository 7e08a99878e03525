"""Projects."""

from typing import TYPE_CHECKING

from fastapi import APIRouter
from pydantic import BaseModel, Field, StrictBool, StrictStr

from lib_train.api.v1.models import Done, Named, RequestBody, Text

if TYPE_CHECKING:
    from lib_train.app.session import Session


class Entry(BaseModel):
    """A folder, whether it can be opened or not."""

    name: str
    id: str = Field(description="stays when it is renamed; empty where it is not known")
    problem: str = Field(description="why it cannot be opened; empty when it can")
    problem_text: Text | None = None


class ProjectEntry(Entry):
    """A project with its versions."""

    versions: list[Entry]


class ProjectList(BaseModel):
    """All projects, those changed last first."""

    projects: list[ProjectEntry]
    suggested: str = Field(description="a name that is free for a new one")


class NewProject(Named):
    """A project to make."""

    name: StrictStr = Field("", description="may be empty with ``free`` and ``sample``")
    free: StrictBool = Field(False, description="a name that is taken gets a number behind it, such as mochi 2")
    sample: StrictBool = Field(
        False, description="it gets the sample character's pictures, and settings that train it; ``free`` as well"
    )


class Place(BaseModel):
    """A project and one of its versions."""

    project: str
    version: str


class Project(BaseModel):
    """One project."""

    name: str
    notes: str
    versions: list[Entry]


class ProjectChange(RequestBody):
    """What to change; what is left out stays."""

    name: StrictStr | None = None
    notes: StrictStr | None = None


def add(routes: APIRouter, session: "Session") -> None:
    """Routes of projects."""

    @routes.get("/projects")
    def list_projects() -> ProjectList:
        """All projects with their versions, those changed last first."""
        listed = [ProjectEntry(**one) for one in session.projects.listed()]
        return ProjectList(projects=listed, suggested=session.projects.free_name())

    @routes.post("/projects", status_code=201)
    def create_project(body: NewProject) -> Place:
        """A new project with an empty version, or with the sample character."""
        if body.sample:
            project, version = session.make_sample(body.name)
        elif body.free:
            project, version = session.projects.create_free(body.name)
        else:
            project, version = session.projects.create(body.name)
        return Place(project=project, version=version)

    @routes.get("/projects/{project}")
    def one_project(project: str) -> Project:
        """A project with what a person wrote about it."""
        return Project(**session.projects.one(project))

    @routes.patch("/projects/{project}")
    def change_project(project: str, body: ProjectChange) -> Project:
        """Rename a project, or write its notes."""
        if body.notes is not None:
            session.projects.write_notes(project, body.notes)
        if body.name is not None:
            project = session.projects.rename(project, body.name)
        return Project(**session.projects.one(project))

    @routes.delete("/projects/{project}")
    def delete_project(project: str) -> Done:
        """Move a project into the trash of the output folder."""
        session.projects.delete(project)
        return Done()
