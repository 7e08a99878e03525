"""Sheets by axes: counted, added to the queue, and those that there are."""

from typing import TYPE_CHECKING, Any, Literal

from fastapi import APIRouter
from fastapi.responses import FileResponse
from pydantic import BaseModel, Field, StrictBool, StrictStr

from lib_train.api.answers import LOOKED_AT
from lib_train.api.v1.models import VERSION, RequestBody
from lib_train.error_json import without_root
from lib_train.languages import language_named

if TYPE_CHECKING:
    from lib_train.app.session import Session

_KINDS = {"html": "text/html", "json": "application/json"}


class NewSheet(RequestBody):
    """What the pictures of a sheet differ in."""

    rows: StrictStr = Field("", description='an axis with its values, such as "checkpoint" or "weight:0.5,1"')
    columns: StrictStr = Field("", description="the same for the columns")
    pages: StrictStr = Field("", description="the same, with a sheet for each value")
    files: list[StrictStr] = Field([], description="names of checkpoints, the oldest first; none takes all")
    settings: dict[str, Any] | None = Field(None, description="by name; null takes the version's")
    language: StrictStr = Field("", max_length=20, description='of its page, such as "ja"; empty is English')
    dry_run: StrictBool = Field(False, description="count the pictures and make none")


class SheetCount(BaseModel):
    """What a sheet costs."""

    pictures: int
    missing: int = Field(description="that are not there yet, of the same request and the same files")
    seconds: float | None = Field(description="that these take; null until a picture was made here")
    number: int | None = Field(description="of the job; null of a dry run")


class Axis(BaseModel):
    """Something that pictures of a sheet may differ in."""

    name: str
    example: str = Field(description="of values, as they are written behind the colon")
    values: list[str] = Field(description="that are known here; may be none")


class Sheet(BaseModel):
    """A sheet that was made."""

    name: str
    prompt: str
    axes: list[str] = Field(description="of rows, columns and pages, as they were written; may be empty")
    pages: list[str] = Field(description="paths for /previews/image")
    html: bool = Field(description="whether its page is there")


class SheetList(BaseModel):
    """Axes, and the version's sheets, newest first."""

    axes: list[Axis]
    sheets: list[Sheet]


def add(routes: APIRouter, session: "Session") -> None:
    """Routes of sheets."""

    @routes.get(VERSION + "/sheets")
    def sheets(project: str, version: str) -> SheetList:
        """What sheets may differ in, with values that are known here, and the version's sheets, newest first."""
        found = session.sheets.listed(project, version)
        for one in found:
            one["pages"] = [without_root(path, session.root) for path in one["pages"]]
        axes = [Axis(**one) for one in session.sheets.axes(project, version)]
        return SheetList(axes=axes, sheets=[Sheet(**one) for one in found])

    @routes.post(VERSION + "/sheets")
    def begin(project: str, version: str, body: NewSheet) -> SheetCount:
        """Count the pictures of a sheet, and add it to the queue unless it is a dry run, which writes nothing."""
        given = project, version, (body.rows, body.columns, body.pages), body.files, body.settings
        number = None
        if body.dry_run:
            count = session.sheets.count(*given)
        else:
            count, number = session.sheets.add(*given, language_named(body.language))
        return SheetCount(pictures=count.total, missing=count.missing, seconds=count.seconds, number=number)

    @routes.get(VERSION + "/sheets/{name}/file", response_class=FileResponse)
    def file(
        project: str, version: str, name: str, kind: Literal["html", "json"] = "html", download: bool = False
    ) -> FileResponse:
        """The page of a sheet with its pictures, or its JSON."""
        path = session.sheets.file(project, version, name, kind)
        filename = f"{project}-{version}-{name}.{kind}" if download else None
        return FileResponse(path, media_type=_KINDS[kind], headers=LOOKED_AT, filename=filename)
