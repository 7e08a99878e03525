"""Captions of pictures."""

from typing import TYPE_CHECKING

from fastapi import APIRouter
from pydantic import Field, StrictStr

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


def add(routes: APIRouter, session: "Session") -> None:
    """Routes of captions."""

    @routes.put(VERSION + "/pictures/{id}/caption")
    def write_caption(project: str, version: str, id: int, body: Caption) -> Picture:
        """Write a picture's caption beside it, whole or not at all."""
        return Picture(**session.gallery.keep_caption(project, version, id, body.replaces, body.caption))
