"""The pictures of a version: list, upload, one picture."""

from typing import TYPE_CHECKING

from fastapi import APIRouter, File, Form, Query, UploadFile
from fastapi.responses import Response
from pydantic import BaseModel, Field

from lib_train.api.images import LARGE, scaled, thumbnail
from lib_train.api.v1.models import VERSION, Problem, Text

if TYPE_CHECKING:
    from lib_train.app.session import Session

_MOST = 1000


class PictureEntry(BaseModel):
    """A picture in a list."""

    index: int = Field(description="its place; another one as soon as pictures come or go")
    name: str = Field(description="of the file")
    folder: str = Field(description="name of its <repeats>_<name> folder")
    width: int = Field(description="pixels, upright")
    height: int
    repeats: int = Field(description="times it counts in an epoch")
    reg: bool = Field(description="whether it is a regularisation picture")
    caption: str


class PictureList(BaseModel):
    """A part of the pictures, and what is wrong with some."""

    total: int
    pictures: list[PictureEntry]
    problems: list[Problem]


class Picture(PictureEntry):
    """Everything about one picture."""

    caption_file: str = Field(description="name of the file that the caption lies in, or would lie in")
    bucket: tuple[int, int] = Field(description="width and height in pixels")
    crop: tuple[float, float, float, float] | None = Field(
        description="left, top, width and height of what is trained, as shares of the picture; null where it varies"
    )
    notes: list[str]
    notes_text: list[Text | None] = []


class Taken(BaseModel):
    """What came of files that came in."""

    kept: int
    same: int = Field(description="files that were there already, byte for byte")
    renamed: int = Field(description="pictures that got a number: another one of their name was there")
    left_out: int = Field(description="hidden files, and those that are neither pictures nor captions")
    converted: int = Field(description="pictures that became PNG; their originals lie in dataset/origin")
    captioned: int = Field(description="captions made from the prompts of pictures")
    cancelled: bool = Field(description="whether it was stopped; then nothing of it is left")
    refused: list[str] = Field(description="a sentence for each file that could not be taken")
    refused_text: list[Text | None] = []
    twice: list[str] = Field(description="a sentence for each picture that is there under another name too")
    twice_text: list[Text | None] = []
    unreadable: list[str] = Field(description="a sentence for each picture that was taken and cannot be read")
    unreadable_text: list[Text | None] = []


class Upload(Taken):
    """What came of an upload."""

    folder: str = Field(description="that files from no folder went into, seen from the output folder")


def add(routes: APIRouter, session: "Session") -> None:
    """Routes of pictures."""

    @routes.get(VERSION + "/pictures")
    def pictures(
        project: str, version: str, offset: int = Query(0, ge=0), limit: int = Query(100, ge=0, le=_MOST)
    ) -> PictureList:
        """The pictures that the version's settings train on, ``limit`` of them from number ``offset`` on."""
        found = session.gallery.listed(project, version)
        part = found["pictures"][offset : offset + limit]
        return PictureList(total=len(found["pictures"]), pictures=part, problems=found["problems"])

    @routes.post(VERSION + "/pictures", status_code=201)
    def upload(
        project: str,
        version: str,
        files: list[UploadFile] = File(...),
        name: str = Form("subject", description="of the folder that files from no folder go into"),
        repeats: int = Form(10, description="of that folder"),
        paths: list[str] = Form([], description="of each file, where a whole folder is sent: as it lies in it"),
        captions_from_prompts: bool = Form(False, description="for pictures of the WebUI that come without a caption"),
    ) -> Upload:
        """Add pictures, caption files and zips of such to the version's own folders; nothing is written over."""
        given = paths if len(paths) == len(files) else [file.filename or "" for file in files]
        sent = [(path, file.file) for path, file in zip(given, files, strict=True)]
        return Upload(**session.upload(project, version, name, repeats, sent, captions_from_prompts))

    @routes.get(VERSION + "/pictures/{index}")
    def picture(project: str, version: str, index: int, name: str = "") -> Picture:
        """One picture; with ``name`` only if it is still the one of that name."""
        name = name or session.gallery.path(project, version, index).name
        return Picture(**session.gallery.details(project, version, index, name))

    @routes.get(VERSION + "/pictures/{index}/image", response_class=Response)
    def image(project: str, version: str, index: int, large: bool = False) -> Response:
        """The picture as WebP: a thumbnail, or ``large``."""
        found, read = session.gallery.path(project, version, index), session.gallery.thumbnail
        return Response(scaled(found, LARGE, read) if large else thumbnail(found, read), media_type="image/webp")
