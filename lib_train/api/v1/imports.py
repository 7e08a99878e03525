"""Pictures from a folder or archive on this machine."""

from typing import TYPE_CHECKING

from fastapi import APIRouter
from pydantic import BaseModel, Field, StrictBool, StrictInt, StrictStr

from lib_train.api.v1.models import VERSION, Error, RequestBody
from lib_train.api.v1.pictures import Taken

if TYPE_CHECKING:
    from lib_train.app.session import Session


class NewImport(RequestBody):
    """What to take in."""

    path: StrictStr = Field(description="a folder, zip archive or picture on this machine; it is copied")
    name: StrictStr = Field("subject", description="of the folder that files from no <repeats>_<name> folder go into")
    repeats: StrictInt = Field(10, description="of that folder")
    captions_from_prompts: StrictBool = Field(
        False, description="for pictures of the WebUI without a caption: their prompt, cleaned"
    )


class Import(BaseModel):
    """How far an import is."""

    number: int
    done: int = Field(description="files")
    total: int = Field(description="files; 0 while they are being counted")
    ended: bool
    error: Error | None = Field(description="why it ended early")
    taken: Taken = Field(description="what came of it; empty until it has ended")


class ImportList(BaseModel):
    """Imports into a version since the program started, newest first."""

    imports: list[Import]


def add(routes: APIRouter, session: "Session") -> None:
    """Routes of imports."""

    @routes.post(VERSION + "/imports", status_code=202)
    def begin_import(project: str, version: str, body: NewImport) -> Import:
        """Begin to copy pictures and captions into the version's own folders; nothing is written over."""
        wish = body.name, body.repeats, body.captions_from_prompts
        return Import(**session.imports.start(project, version, body.path, *wish))

    @routes.get(VERSION + "/imports")
    def list_imports(project: str, version: str) -> ImportList:
        """Imports into the version, uploads too."""
        return ImportList(imports=[Import(**one) for one in session.imports.listed(project, version)])

    @routes.get(VERSION + "/imports/{number}")
    def one_import(project: str, version: str, number: int) -> Import:
        """How far one is."""
        return Import(**session.imports.one(project, version, number))

    @routes.delete(VERSION + "/imports/{number}")
    def cancel_import(project: str, version: str, number: int) -> Import:
        """Stop one; what it wrote goes."""
        return Import(**session.imports.cancel(project, version, number))
