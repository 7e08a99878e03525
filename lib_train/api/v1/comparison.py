"""All checkpoints of a version beside each other."""

from typing import TYPE_CHECKING, Any

from fastapi import APIRouter
from pydantic import BaseModel, Field, StrictBool, StrictStr

from lib_train.api.v1.checkpoints import Choice
from lib_train.api.v1.models import VERSION, Done, RequestBody
from lib_train.api.v1.works import Work

if TYPE_CHECKING:
    from lib_train.app.session import Session


class ComparedCheckpoint(Choice):
    """A checkpoint as it is compared."""

    name: str
    run: str = Field(description="empty where no run's log names the file")
    step: int | None
    epoch: int | None
    loss: float | None = Field(description="mean of the steps since the checkpoint before")
    bytes: int
    installed: bool


class Variant(BaseModel):
    """How much of a checkpoint is drawn."""

    weight: float
    blocks: str = Field(description="weights of its blocks, as they were written; empty for none")


class Row(BaseModel):
    """Pictures of one variant."""

    variant: int = Field(description="its number in ``variants``")
    cells: list[int] = Field(description="number of the picture of each checkpoint; -1 where there is none")


class Column(BaseModel):
    """Pictures whose requests are equal but for checkpoint, weight and weights of blocks."""

    id: str = Field(description="stays the same as long as the request is")
    request: dict[str, Any] = Field(description="what they share: prompt, seed, sampler, base model ...")
    base: int = Field(description="number of the base model's picture; -1 where there is none")
    rows: list[Row]


class Comparison(BaseModel):
    """Which pictures can be compared."""

    checkpoints: list[ComparedCheckpoint] = Field(description="oldest first")
    variants: list[Variant] = Field(description="in order of the weight")
    columns: list[Column] = Field(description="those of the settings' prompts first, then the newest")
    folders: list[str] = Field(description="of pictures, told from the output folder")
    ends: list[str] = Field(description="of names of pictures; a slash at the beginning stands for the folder's name")
    pictures: list[int] = Field(
        description="of each picture in turn the numbers of its folder and its end: a path for /previews/image"
    )
    untold: int = Field(description="pictures that do not tell how they were made, such as sheets")
    gone: int = Field(description="pictures of checkpoints that are not there any more")


class Missing(RequestBody):
    """Pictures to make."""

    columns: list[StrictStr] = Field(description="their ids")
    weight: float
    blocks: StrictStr = ""
    checkpoints: list[StrictStr] = Field(description="names of files")
    queue: StrictBool = Field(False, description="whether it waits for its turn")


class Mix(RequestBody):
    """A checkpoint to make of others."""

    checkpoints: list[StrictStr] = Field(
        description='two or more by name, each with its weight, such as "a.safetensors:0.5"; none are equal shares'
    )
    tool_settings: dict[str, Any] = Field({}, description="of the tool merge, by name, such as blocks and rank")
    name: StrictStr = Field("", description="of the new file; empty is a free one")


def add(routes: APIRouter, session: "Session") -> None:
    """Routes of the comparison."""

    @routes.get(VERSION + "/comparison")
    def comparison(project: str, version: str) -> Comparison:
        """Every preview of the version in its place, by what is written in it."""
        return Comparison(**session.comparison.of(project, version))

    @routes.post(VERSION + "/comparison/missing", status_code=202)
    def make_missing(project: str, version: str, body: Missing) -> Done:
        """Make pictures of the same requests of checkpoints that have none."""
        put = session.later() if body.queue else None
        variant = body.weight, body.blocks
        session.make_missing(project, version, body.columns, variant, body.checkpoints, put)
        return Done()

    @routes.post(VERSION + "/comparison/mix", status_code=202)
    def mix(project: str, version: str, body: Mix) -> Work:
        """Begin to make a checkpoint of others: the weighted sum of what they add; its result is in works."""
        return Work(**session.mix(project, version, body.checkpoints, body.tool_settings, body.name))
