"""The folders of pictures that a version trains on, as parts of an epoch."""

from typing import TYPE_CHECKING

from fastapi import APIRouter
from pydantic import BaseModel, Field, StrictBool, StrictInt, StrictStr

from lib_train.api.v1.doctor import Some, Treated
from lib_train.api.v1.models import VERSION, RequestBody

if TYPE_CHECKING:
    from lib_train.app.session import Session


class PictureFolder(BaseModel):
    """A folder of pictures: a concept with its repeats, or regularisation."""

    folder: str = Field(description="its name on the disk, <repeats>_<name>")
    name: str = Field(description="behind the repeats")
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
    reg: StrictBool | None = Field(
        None, description="whether it holds regularisation pictures; null is the kind that each picture is of"
    )


class Rename(RequestBody):
    """A folder, and the name and repeats that it is to have."""

    folder: StrictStr = Field(description="its name on the disk, <repeats>_<name>")
    reg: StrictBool = Field(False, description="whether it holds regularisation pictures")
    name: StrictStr = Field(description="behind the repeats")
    repeats: StrictInt
    dry_run: StrictBool = Field(False, description="say what would be done, and write nothing")


def add(routes: APIRouter, session: "Session") -> None:
    """Routes of sets."""

    @routes.get(VERSION + "/sets")
    def sets(project: str, version: str) -> PictureFolders:
        """The folders of pictures with their trigger words, and how much of an epoch each gets."""
        return PictureFolders(**session.sets.shares(project, version))

    @routes.post(VERSION + "/sets/move")
    def move(project: str, version: str, body: MoveInto) -> Treated:
        """Move pictures with their captions into the folder <repeats>_<name>, as one edit; it is made where missing."""
        place = body.name, body.repeats, body.reg
        return Treated(**session.sets.move(project, version, place, body.filter, body.ids, dry_run=body.dry_run))

    @routes.post(VERSION + "/sets/rename")
    def rename(project: str, version: str, body: Rename) -> Treated:
        """Give a folder another name or other repeats, as one edit; where there is one already, both become one."""
        facts = body.folder, body.reg, body.name, body.repeats
        return Treated(**session.sets.rename(project, version, *facts, dry_run=body.dry_run))
