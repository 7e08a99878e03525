"""The folders of pictures that a version trains on, as parts of an epoch."""

from typing import TYPE_CHECKING

from fastapi import APIRouter
from pydantic import BaseModel, Field, StrictInt, StrictStr

from lib_train.api.v1.doctor import Some, Treated
from lib_train.api.v1.models import VERSION

if TYPE_CHECKING:
    from lib_train.app.session import Session


class PictureFolder(BaseModel):
    """A folder of pictures: a concept with its repeats, or regularisation."""

    folder: str = Field(description="its name, <repeats>_<name>")
    path: str = Field(description="where it lies, seen from the output folder")
    reg: bool = Field(description="whether it holds regularisation pictures")
    pictures: int = Field(description="that can be used")
    repeats: int
    uses: int = Field(description="in an epoch")
    share: float = Field(description="part of all uses in an epoch, 0 to 1")
    trigger: str = Field(description="the word that its captions have in common; empty where nobody can tell")


class PictureFolders(BaseModel):
    """All of them, those of training first."""

    uses: int = Field(description="in an epoch, regularisation included")
    sets: list[PictureFolder]


class MoveInto(Some):
    """Some pictures, and the folder that they are to lie in."""

    name: StrictStr = Field(description="behind the repeats")
    repeats: StrictInt


def add(routes: APIRouter, session: "Session") -> None:
    """Routes of sets."""

    @routes.get(VERSION + "/sets")
    def sets(project: str, version: str) -> PictureFolders:
        """The folders of pictures with their trigger words, and how much of an epoch each gets."""
        return PictureFolders(**session.practice.shares(project, version))

    @routes.post(VERSION + "/sets/move")
    def move(project: str, version: str, body: MoveInto) -> Treated:
        """Move pictures with their captions into the folder <repeats>_<name>, as one edit; it is made where missing."""
        place = project, version, body.name, body.repeats
        return Treated(**session.practice.move(*place, body.filter, body.ids, dry_run=body.dry_run))
