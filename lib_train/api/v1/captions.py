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

    name: StrictStr = Field(description="of the picture's file, as a check that the list is still the same")
    replaces: StrictStr = Field(
        description="the caption that the writer saw; another one meanwhile is not written over"
    )
    caption: StrictStr


def add(routes: APIRouter, session: "Session") -> None:
    """Routes of captions."""

    @routes.put(VERSION + "/pictures/{index}/caption")
    def write_caption(project: str, version: str, index: int, body: Caption) -> Picture:
        """Write a picture's caption beside it, whole or not at all."""
        place = project, version, index, body.name
        return Picture(**session.gallery.keep_caption(*place, body.replaces, body.caption))
