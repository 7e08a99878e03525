"""Pictures that the WebUI made and keeps in its output folders."""

from typing import TYPE_CHECKING

from fastapi import APIRouter, Query
from fastapi.responses import Response
from pydantic import BaseModel, Field, StrictBool, StrictInt, StrictStr, conlist

from lib_train.api.v1.models import VERSION, Failed, RequestBody
from lib_train.api.v1.works import Work

if TYPE_CHECKING:
    from lib_train.app.session import Session

_MOST, _LARGEST = 500, 2048


class OutputPicture(BaseModel):
    """A picture that the host keeps."""

    path: str = Field(description="by which it is asked for")
    name: str = Field(description="of the file")
    day: str = Field(description="when it was written, such as 2024-05-01")
    time: float = Field(description="the same in seconds since 1970")


class Day(BaseModel):
    """Pictures of a day."""

    day: str
    pictures: int


class OutputList(BaseModel):
    """A part of the pictures, newest first."""

    folders: list[str] = Field(description="names of the output folders; empty where the host has none or hides them")
    days: list[Day] = Field(description="newest first")
    total: int = Field(description="of the day that was asked for, or of all")
    pictures: list[OutputPicture]


class TakeOutputs(RequestBody):
    """Which pictures to take in."""

    paths: conlist(StrictStr, max_items=10_000) = Field(description="as the list tells them")  # type: ignore[valid-type]
    name: StrictStr = Field("subject", description="of the folder <repeats>_<name> that they go into")
    repeats: StrictInt = Field(10, description="of that folder")
    captions_from_prompts: StrictBool = Field(True, description="their prompt, cleaned, becomes their caption")


def add(routes: APIRouter, session: "Session") -> None:
    """Routes of the host's pictures."""

    @routes.get("/outputs")
    def list_outputs(
        day: str = Query("", description="only of this one, such as 2024-05-01"),
        offset: int = Query(0, ge=0),
        limit: int = Query(60, ge=0, le=_MOST),
    ) -> OutputList:
        """Pictures in the host's output folders; a host without a WebUI has none."""
        return OutputList(**session.outputs.listed(day, offset, limit))

    @routes.get("/outputs/image", response_class=Response, responses={404: {"model": Failed}})
    def output_image(path: str, size: int = Query(256, ge=16, le=_LARGEST, description="longest side")) -> Response:
        """One of them as WebP, of at most this size."""
        kept = {"Cache-Control": "private, max-age=3600"}
        return Response(session.outputs.image(path, size), media_type="image/webp", headers=kept)

    @routes.post(VERSION + "/imports/outputs", status_code=202)
    def import_outputs(project: str, version: str, body: TakeOutputs) -> Work:
        """Begin to copy some of them into the version; see works. Nothing else than they can be named."""
        wish = body.name, body.repeats, body.captions_from_prompts
        return Work(**session.outputs.start(project, version, body.paths, *wish))
