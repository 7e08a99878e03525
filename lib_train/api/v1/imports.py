"""Pictures from a folder or archive on this machine."""

from typing import TYPE_CHECKING

from fastapi import APIRouter
from pydantic import Field, StrictBool, StrictInt, StrictStr

from lib_train.api.v1.models import VERSION, RequestBody
from lib_train.api.v1.works import Work

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


def add(routes: APIRouter, session: "Session") -> None:
    """Routes of imports."""

    @routes.post(VERSION + "/imports", status_code=202)
    def begin_import(project: str, version: str, body: NewImport) -> Work:
        """Begin to copy pictures and captions into the version's own folders; nothing is written over; see works."""
        wish = body.name, body.repeats, body.captions_from_prompts
        return Work(**session.imports.start(project, version, body.path, *wish))
