"""The pictures of a version: list, upload, one picture."""

from typing import TYPE_CHECKING

from fastapi import APIRouter, File, Form, Query, UploadFile
from fastapi.responses import Response
from pydantic import BaseModel, Field

from lib_train.api.v1.models import VERSION, Problem, Text

if TYPE_CHECKING:
    from lib_train.app.session import Session

_MOST, _LARGEST = 1000, 2048


class PictureEntry(BaseModel):
    """A picture in a list."""

    id: int = Field(description="stays while the file does, also when it is renamed or moved")
    name: str = Field(description="of the file")
    folder: str = Field(description="name of its <repeats>_<name> folder")
    width: int = Field(description="pixels, upright; 0 where it was not looked at yet, or cannot be read")
    height: int
    repeats: int = Field(description="times it counts in an epoch")
    reg: bool = Field(description="whether it is a regularisation picture")
    left_out: bool = Field(description="taken out by hand: not trained, kept")
    bytes: int
    animated: bool
    transparent: bool
    sharpness: float = Field(description="variance of the Laplacian at 512 pixels; 0 where it was not measured yet")
    stamp: str = Field(description="another one when the file changes")
    tokens: int | None = Field(description="of the caption's first line; null where nobody has counted them yet")
    loss: float | None = Field(
        None, description="in the last run, beside the mean at the same timesteps; only where it is sorted by"
    )
    masked: bool = Field(description="whether there is a loss mask of it")
    caption: str = Field(description="its first line, which is trained")
    problem: str = Field(description="why picture or caption cannot be used; empty when they can")
    problem_text: Text | None = None


class Counts(BaseModel):
    """Picture files of the version, whatever is listed of them."""

    training: int
    regularisation: int
    unusable: int
    left_out: int = Field(description="taken out by hand")
    files: int = Field(description="all of these together")
    measured: int = Field(description="of the files; the others are being measured meanwhile")


class Bare(BaseModel):
    """Training pictures without a caption of their own."""

    pictures: int
    words: list[str] = Field(description="what they are trained on instead: the names of their folders")
    used: list[str] = Field(description="those of the words that are tags of other pictures")


class PictureList(BaseModel):
    """A part of the pictures, and what is wrong with some."""

    total: int = Field(description="that the filter means")
    ids: list[int] = Field(description="all that the filter means, in their order; empty unless asked for")
    counts: Counts
    bare: Bare
    pictures: list[PictureEntry]
    problems: list[Problem]


class Picture(PictureEntry):
    """Everything about one picture, with its whole caption."""

    prose: bool = Field(description="whether the caption is sentences rather than tags")
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
    edit: int = Field(description="for undo; 0 where nothing is new")


class Upload(Taken):
    """What came of an upload."""

    folder: str = Field(description="that files from no folder went into, seen from the output folder")


def add(routes: APIRouter, session: "Session") -> None:
    """Routes of pictures."""

    @routes.get(VERSION + "/pictures")
    def pictures(
        project: str,
        version: str,
        offset: int = Query(0, ge=0),
        limit: int = Query(100, ge=0, le=_MOST),
        filter: str = Query("", description='such as blue_eyes -hat "long hair"'),
        sort: str = Query(
            "", description='"name", "size", "sharpness", "tags", "tokens" or "likeness"; reversed by a -'
        ),
        left_out: bool = Query(False, description="whether those that were taken out are listed too"),
        ids: bool = Query(False, description="whether the ids of all that the filter means are told"),
    ) -> PictureList:
        """The pictures of the version's settings that a filter means, ``limit`` of them from number ``offset`` on."""
        part = project, version, offset, limit, filter, sort
        return PictureList(**session.gallery.listed(*part, left_out=left_out, all_ids=ids))

    @routes.post(VERSION + "/pictures", status_code=201)
    def upload(
        project: str,
        version: str,
        files: list[UploadFile] = File(...),
        name: str = Form("subject", description="of the folder that files from no folder go into"),
        repeats: int = Form(10, description="of that folder"),
        paths: list[str] = Form([], description="of each file, where a whole folder is sent: as it lies in it"),
        captions_from_prompts: bool = Form(False, description="for pictures of the WebUI that come without a caption"),
        edit: int = Form(0, description="of the part before, where an upload has several: one undo takes back all"),
    ) -> Upload:
        """Add pictures, caption files and zips of such to the version's own folders; nothing is written over."""
        given = paths if len(paths) == len(files) else [file.filename or "" for file in files]
        sent = [(path, file.file) for path, file in zip(given, files, strict=True)]
        return Upload(**session.upload(project, version, name, repeats, sent, captions_from_prompts, edit))

    @routes.get(VERSION + "/pictures/{id}")
    def picture(project: str, version: str, id: int) -> Picture:
        """One picture."""
        return Picture(**session.gallery.details(project, version, id))

    @routes.get(VERSION + "/pictures/{id}/image", response_class=Response)
    def image(
        project: str,
        version: str,
        id: int,
        size: int = Query(256, ge=16, le=_LARGEST, description="longest side; 128, 256 and 512 were made beforehand"),
        stamp: str = Query("", description="the picture's, so that a browser asks once for each"),
    ) -> Response:
        """The picture as WebP, of at most this size."""
        kept = {"Cache-Control": "private, max-age=31536000, immutable" if stamp else "private, no-cache"}
        return Response(session.gallery.image(project, version, id, size), media_type="image/webp", headers=kept)
