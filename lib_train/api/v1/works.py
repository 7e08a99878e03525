"""Work on pictures that goes on: imports and retouching."""

from typing import TYPE_CHECKING, Any

from fastapi import APIRouter
from pydantic import BaseModel, Field

from lib_train.api.v1.models import VERSION, Error

if TYPE_CHECKING:
    from lib_train.app.session import Session


class Work(BaseModel):
    """How far it is."""

    number: int
    kind: str = Field(
        description='"import", "pack", "unpack", what is done to pictures, such as "crop", "count" of a dry run, or a '
        'tool, such as "tool-resize"'
    )
    done: int = Field(description="files; of pack and unpack bytes")
    total: int = Field(description="files; 0 while they are being counted")
    ended: bool
    error: Error | None = Field(description="why it ended early")
    result: dict[str, Any] = Field(
        description="what came of it; empty until it has ended. Of an import the same as of an upload; else ``made`` "
        "pictures, ``examples`` of their names, ``refused`` ones with the reason, ``edit`` for undo, ``cancelled``; "
        "of masks the last three. Of a tool ``before``, ``after``, ``error`` and ``notes``"
    )


class WorkList(BaseModel):
    """Works on a version's pictures since the program started, newest first; the last twenty."""

    works: list[Work]


def add(routes: APIRouter, session: "Session") -> None:
    """Routes of works."""

    @routes.get(VERSION + "/works")
    def list_works(project: str, version: str) -> WorkList:
        """Imports into the version, uploads too, and what was done to its pictures."""
        session.versions.existing(project, version)
        return WorkList(works=[Work(**one) for one in session.works.listed(project, version)])

    @routes.get(VERSION + "/works/{number}")
    def one_work(project: str, version: str, number: int) -> Work:
        """How far one is."""
        return Work(**session.works.one(project, version, number))

    @routes.delete(VERSION + "/works/{number}")
    def cancel_work(project: str, version: str, number: int) -> Work:
        """Stop one; what it wrote goes."""
        return Work(**session.works.cancel(project, version, number))
