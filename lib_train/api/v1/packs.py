"""Projects that travel: packed for another machine, and results that come home."""

from typing import TYPE_CHECKING

from fastapi import APIRouter, File, UploadFile
from fastapi.responses import FileResponse
from pydantic import BaseModel, Field, StrictBool, StrictStr

from lib_train.api.v1.models import VERSION, RequestBody, Text
from lib_train.api.v1.works import Work
from lib_train.app.packing import Wish

if TYPE_CHECKING:
    from lib_train.app.session import Session


class NewPack(RequestBody):
    """What goes into an archive beside settings, pictures and waiting jobs."""

    versions: list[StrictStr] = Field([], description="of the project; none is all")
    with_model: StrictBool = Field(False, description="the base model and its VAE, too: gigabytes")
    with_runs: StrictBool = Field(False, description="stopped runs with their newest state; they go on there")
    with_checkpoints: StrictBool = Field(False, description="checkpoints that are there")


class Arrived(BaseModel):
    """What came of an archive that came in."""

    project: str = Field(description="that it belongs to, or that was made of it")
    is_new: bool = Field(description="false where all of it was here already")
    lines: list[str] = Field(description="what came, for a person")
    lines_text: list[Text | None] = []


def add(routes: APIRouter, session: "Session") -> None:
    """Routes of archives."""

    @routes.post(VERSION + "/pack", status_code=202)
    def begin_pack(project: str, version: str, body: NewPack) -> Work:
        """Begin to pack the version's project for another machine; see works. Nothing of the project is changed."""
        return Work(**session.travels.pack(project, version, Wish(**body.dict())))

    @routes.get(VERSION + "/pack", response_class=FileResponse)
    def packed(project: str, version: str) -> FileResponse:
        """The archive that was packed last."""
        path = session.travels.packed(project, version)
        return FileResponse(path, filename=path.name, media_type="application/zip")

    @routes.post(VERSION + "/unpack", status_code=201)
    def unpack(project: str, version: str, file: UploadFile = File(...)) -> Arrived:
        """Bring results of another machine into the project that they belong to, or make the project of an archive."""
        return Arrived(**session.travels.take_in(project, version, file.filename or "", file.file))
