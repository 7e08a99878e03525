"""Captions of pictures."""

from typing import TYPE_CHECKING

from fastapi import APIRouter
from pydantic import BaseModel, Field, StrictStr

from lib_train.api.v1.models import VERSION, RequestBody
from lib_train.api.v1.pictures import Picture

if TYPE_CHECKING:
    from lib_train.app.session import Session


class Caption(RequestBody):
    """A caption to write."""

    replaces: StrictStr = Field(
        description="the caption that the writer saw; another one meanwhile is not written over"
    )
    caption: StrictStr


class CaptionParts(RequestBody):
    """A caption to count."""

    parts: list[StrictStr] = Field(description="of its first line: tags or words, with what stands between them")


class Mark(BaseModel):
    """Where so many tokens end."""

    tokens: int = Field(description="75, 150 ...")
    part: int = Field(description="number of the part in which they are passed; of parts where the suffix passes them")


class CaptionTokens(BaseModel):
    """Tokens of a caption as it is trained, with prefix and suffix of the settings."""

    tokens: int
    most: int | None = Field(description="of which so many are trained, the others are cut off")
    marks: list[Mark]


def add(routes: APIRouter, session: "Session") -> None:
    """Routes of captions."""

    @routes.put(VERSION + "/pictures/{id}/caption")
    def write_caption(project: str, version: str, id: int, body: Caption) -> Picture:
        """Write a picture's caption beside it, whole or not at all."""
        return Picture(**session.gallery.keep_caption(project, version, id, body.replaces, body.caption))

    @routes.post(VERSION + "/captions/tokens")
    def count_tokens(project: str, version: str, body: CaptionParts) -> CaptionTokens:
        """How many tokens a caption has, and where each 75 end; nothing is written."""
        return CaptionTokens(**session.writing.counted(project, version, body.parts))
