"""Preview pictures and comparison sheets."""

from typing import TYPE_CHECKING

from fastapi import APIRouter
from fastapi.responses import FileResponse, Response
from pydantic import BaseModel, Field, StrictStr

from lib_train.api.images import SIDES, picture_below, thumbnail
from lib_train.api.v1.models import VERSION, RequestBody
from lib_train.error_json import without_root

if TYPE_CHECKING:
    from lib_train.app.session import Session


_KEPT = {"Cache-Control": "private, max-age=3600"}
"""No preview is ever written over."""


class Previews(BaseModel):
    """Pictures beside those of the checkpoints; paths for /previews/image."""

    base: list[str] = Field(description="of the base model alone: what weight 0 of every checkpoint shows")
    sheets: list[str] = Field(description="comparison sheets, newest first")


class Chosen(RequestBody):
    """A preview."""

    path: StrictStr


class Infotext(BaseModel):
    """What txt2img needs to make a picture again, as the WebUI writes and reads it."""

    infotext: str


def add(routes: APIRouter, session: "Session") -> None:
    """Routes of previews."""

    @routes.get(VERSION + "/previews")
    def previews(project: str, version: str) -> Previews:
        """Pictures of the base model, and comparison sheets."""
        base, sheets = session.base_previews(project, version), session.grids(project, version)
        return Previews(
            base=[without_root(path, session.root) for path in base],
            sheets=[without_root(path, session.root) for path in sheets],
        )

    @routes.get("/previews/image", response_class=Response)
    def image(path: str, small: bool = False, side: int = SIDES[0]) -> Response:
        """A preview or sheet as PNG with its infotext, or ``small`` as WebP of at most 192 or 640 pixels."""
        found = picture_below(session.root, str(session.root / path))
        if not small:
            return FileResponse(found, media_type="image/png", headers=_KEPT)
        content = thumbnail(found, session.gallery.thumbnail, side)
        return Response(content, media_type="image/webp", headers=_KEPT)

    @routes.post(VERSION + "/previews/txt2img")
    def send(project: str, version: str, body: Chosen) -> Infotext:
        """A preview's infotext, with its LoRA made known to the host's prompts."""
        return Infotext(**session.sent(project, version, str(session.root / body.path)))
