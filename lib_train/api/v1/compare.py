"""Two versions side by side."""

from typing import TYPE_CHECKING, Any
from urllib.parse import quote

from fastapi import APIRouter, Query
from fastapi.responses import HTMLResponse
from pydantic import BaseModel, Field

from lib_train.api.answers import LOOKED_AT
from lib_train.api.v1.models import VERSION, Text
from lib_train.api.v1.versions import Notes
from lib_train.error_json import without_root
from lib_train.languages import in_language, language_named

if TYPE_CHECKING:
    from lib_train.app.session import Session


class ComparedRun(BaseModel):
    """A run, as it is compared."""

    name: str
    step: int
    steps: int | None = Field(description="that it was planned for")
    finished: bool
    loss: float | None = Field(description="mean over its last 100 steps")
    val_on: float | None = Field(description="last loss of held-out pictures")
    val_off: float | None = Field(description="the same of the base model alone")
    seconds: float | None = Field(description="that it was trained for")
    base: str
    job: str = Field(description="name of its job in the queue")
    program: str = Field(description="version that trained it")
    others: list[str] = Field(description="settings that have another value in the version now")


class Side(Notes):
    """One of the two versions."""

    project: str
    version: str
    pictures: int
    reg: int = Field(description="pictures of regularisation")
    problem: str = Field(description="why the pictures cannot be read; empty when they can")
    problem_text: Text | None = None
    runs: list[ComparedRun] = Field(description="newest first")
    curve_of: str = Field(
        description="the run of ``series``: of the best checkpoint, or else the newest; empty where none was trained"
    )
    sheets: list[str] = Field(description="comparison sheets, newest first; paths for /previews/image")


class Setting(BaseModel):
    """A setting that differs."""

    name: str
    label: str
    values: list[Any] = Field(description="of either version")


class ComparedPicture(BaseModel):
    """A picture of one version."""

    id: int
    name: str
    folder: str


class PicturePair(BaseModel):
    """A picture of both."""

    ids: list[int]
    name: str
    folder: str


class SetPair(BaseModel):
    """A folder of pictures in either version."""

    folder: str
    reg: bool
    of: list[dict[str, int] | None] = Field(description='"pictures" and "repeats"; null where it is not there')


class ComparedPictures(BaseModel):
    """Pictures by content."""

    same: int
    changed: int = Field(description="of the same place, with another content")
    only: list[int] = Field(description="numbers of those in either version alone")
    changed_pictures: list[PicturePair]
    only_pictures: list[list[ComparedPicture]]
    sets: list[SetPair]


class Part(BaseModel):
    """A tag or word of a caption."""

    kind: str = Field(description='"same", "gone" or "new"')
    text: str


class CaptionPair(PicturePair):
    """A caption that differs."""

    captions: list[str]
    parts: list[Part]


class ComparedCaptions(BaseModel):
    """Captions of the pictures that both have."""

    same: int
    changed: int
    rows: list[CaptionPair]


class ComparedTag(BaseModel):
    """A tag whose share of the pictures differs."""

    tag: str
    counts: list[int]


class Compared(BaseModel):
    """Two versions. Of what are two, the first is of the version in the path. Long lists end at ``limit``."""

    sides: list[Side]
    settings: list[Setting] = Field(description="those that differ")
    settings_same: int
    pictures: ComparedPictures
    captions: ComparedCaptions
    tags: list[ComparedTag] = Field(description="those that differ most")
    series: dict[str, list[list[tuple[int, float]]]] = Field(description="curves of either run, by name")


def add(routes: APIRouter, session: "Session") -> None:
    """Routes of comparisons."""

    @routes.get(VERSION + "/compare")
    def compare(
        project: str,
        version: str,
        other: str = Query(..., alias="with", description="version"),
        with_project: str = Query("", description="its project; empty is the same"),
        limit: int = Query(200, ge=0, le=10_000),
    ) -> Compared:
        """Settings, pictures, captions, tags, runs, curves, sheets and notes of two versions."""
        found = session.comparing.compared((project, version), (with_project or project, other), limit)
        for side in found["sides"]:
            side["sheets"] = [without_root(path, session.root) for path in side["sheets"]]
        return Compared(**found)

    @routes.get(VERSION + "/compare/page", response_class=HTMLResponse)
    def page(
        project: str,
        version: str,
        other: str = Query(..., alias="with", description="version"),
        with_project: str = Query("", description="its project; empty is the same"),
        language: str = Query("", max_length=20, description='such as "ja"; empty is English'),
        download: bool = False,
    ) -> HTMLResponse:
        """The same as one page, with pictures and curves inside and without scripts."""
        comparing, spoken = session.comparing, language_named(language)
        found = comparing.compared((project, version), (with_project or project, other))
        content = comparing.page(found, lambda text: in_language(text, spoken), spoken.replace("_", "-") or "en")
        name = quote(f"{project}-{version}-{with_project or project}-{other}.html", safe="")
        kept = {"Content-Disposition": "; ".join(("attachment", f"filename*=utf-8''{name}"))} if download else {}
        return HTMLResponse(content, headers={**LOOKED_AT, **kept})
