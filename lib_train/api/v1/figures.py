"""Figures of checkpoints, with what they speak for. The job that measures them is of kind ``judge``."""

from typing import TYPE_CHECKING

from fastapi import APIRouter
from pydantic import BaseModel, Field, StrictBool, StrictStr

from lib_train.api.v1.jobs import Jobs
from lib_train.api.v1.models import VERSION, RequestBody, Text

if TYPE_CHECKING:
    from lib_train.app.session import Session


class JudgedCheckpoint(BaseModel):
    """What was measured of one checkpoint."""

    name: str = Field(description="of its file, without ending")
    run: str
    step: int | None
    epoch: int | None
    figures: dict[str, float] = Field(description="by name; see ``shown``")
    bands: dict[str, list[float]] = Field(description="the same by band of timesteps, lowest first")
    seconds: float = Field(description="that it took to measure them")


class ShownFigure(BaseModel):
    """A figure that is shown."""

    name: str
    title: str
    title_text: Text | None = None
    help: str = Field(description="what it tells, in a sentence or two")
    help_text: Text | None = None
    higher_is_better: bool
    percent: bool = Field(description="whether it is shown as a share of a hundred")


class SuggestedCheckpoint(BaseModel):
    """What the figures of the newest measured run speak for."""

    checkpoint: str = Field(description="name of its file, without ending; empty where none fits")
    reason: str
    reason_text: Text | None = None


class FigureList(BaseModel):
    """Measured checkpoints, oldest first."""

    checkpoints: list[JudgedCheckpoint]
    shown: list[ShownFigure]
    suggestion: SuggestedCheckpoint | None = Field(description="null where fewer than two are measured")
    seconds: float | None = Field(description="that all of them took to measure")
    state: str = Field(description='"none", "part" where some of a run are not measured, or "done"')


class JudgeWish(RequestBody):
    """What to measure."""

    run: StrictStr = Field("", description="whose checkpoints; empty is the newest that has some")
    queue: StrictBool = Field(False, description="whether the job waits for its turn")
    name: StrictStr = Field("", max_length=200, description="what to call it while it waits")
    note: StrictStr = Field("", max_length=2000, description="what to say of it")


def add(routes: APIRouter, session: "Session") -> None:
    """Routes of figures."""

    @routes.get(VERSION + "/figures")
    def figures(project: str, version: str) -> FigureList:
        """Figures that are there, and the checkpoint that they speak for; nothing is measured."""
        return FigureList(**session.judgements.figures(project, version))

    @routes.post(VERSION + "/figures", status_code=202)
    def judge(project: str, version: str, body: JudgeWish) -> Jobs:
        """Measure the checkpoints of a run: those that are not measured, or have other weights or previews now."""
        put = session.later(body.name, body.note) if body.queue else None
        session.judgements.start(project, version, body.run, put)
        return Jobs(**session.jobs())
