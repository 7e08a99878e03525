"""Runs of a version, and what their logs hold."""

from typing import TYPE_CHECKING, Any

from fastapi import APIRouter, Query
from pydantic import BaseModel, Field

from lib_train.api.v1.models import VERSION, Text

if TYPE_CHECKING:
    from lib_train.app.session import Session


class Run(BaseModel):
    """One run."""

    name: str
    step: int = Field(description="the last one that the log tells of")
    finished: bool
    resumable: bool
    state_step: int | None = Field(description="the step that it would go on after")
    error: str = Field(description="why it ended early; may be empty")
    held: str | None = Field(description="the process that trains it now")
    held_text: Text | None = None


class RunList(BaseModel):
    """The version's runs, newest first."""

    runs: list[Run]


class Series(BaseModel):
    """Curves of a run by name, such as "loss" and "lr unet"; each a list of [step, value]."""

    series: dict[str, list[tuple[int, float]]]


class Events(BaseModel):
    """Lines of a run's log."""

    events: list[dict[str, Any]]
    next: int = Field(description="``since`` of the next request")


def add(routes: APIRouter, session: "Session") -> None:
    """Routes of runs."""

    @routes.get(VERSION + "/runs")
    def runs(project: str, version: str) -> RunList:
        """The version's runs, newest first."""
        return RunList(runs=[Run(**one) for one in session.runs(project, version)])

    @routes.get(VERSION + "/runs/{run}/series")
    def series(project: str, version: str, run: str, since: int = Query(0, ge=0)) -> Series:
        """Loss and learning rates by step, of the steps after ``since``."""
        return Series(series=session.series(project, version, run, since))

    @routes.get(VERSION + "/runs/{run}/events")
    def events(
        project: str, version: str, run: str, since: int = Query(0, ge=0), limit: int = Query(1000, ge=1, le=10_000)
    ) -> Events:
        """The log from line ``since`` on, at most ``limit`` lines of it: there are more as long as ``next`` grows."""
        found = session.events(project, version, run, since, limit)
        return Events(events=found, next=since + len(found))
