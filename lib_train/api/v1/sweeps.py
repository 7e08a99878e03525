"""Sweeps: trainings that differ in some settings, added to the queue at once, and their reports."""

from typing import TYPE_CHECKING, Any, Literal

from fastapi import APIRouter
from fastapi.responses import FileResponse
from pydantic import BaseModel, Field, StrictBool, StrictInt, StrictStr

from lib_train.api.answers import LOOKED_AT
from lib_train.api.v1.models import VERSION, Done, Problem, RequestBody, Text
from lib_train.languages import language_named

if TYPE_CHECKING:
    from lib_train.app.session import Session

_KINDS = {"html": "text/html", "png": "image/png", "csv": "text/csv"}


class NewSweep(RequestBody):
    """Which settings have which values."""

    axes: dict[str, StrictStr] = Field(
        description='alternatives by setting, such as {"unet_lr": "5e-5, 1e-4", "network_dim": "4-16 (+4)"}; '
        "lists and texts stand between bars"
    )
    settings: dict[str, Any] | None = Field(None, description="that all runs share, by name; null takes the version's")
    revision: StrictInt | None = Field(None, description="of the settings that somebody has looked at")
    prompts: Literal["version", "fixed"] = Field(
        "version", description="of the report: the version's, or thirteen that are always the same"
    )
    language: StrictStr = Field("", max_length=20, description='of the report, such as "ja"; empty is English')
    dry_run: StrictBool = Field(False, description="tell the runs and add none")


class PlannedRun(BaseModel):
    """One run, before it begins."""

    name: str
    values: dict[str, str] = Field(description="its difference by setting, as a person would type it")
    steps: int | None = Field(description="null where it cannot begin")
    seconds: float | None
    seconds_are: str
    problems: list[Problem] = Field(description="why it cannot begin")
    error: str = Field(description="the same where no setting is at fault; may be empty")
    error_text: Text | None = None


class SweepPlan(BaseModel):
    """What a sweep does, or would do."""

    sweep: str = Field(description="its name; empty of a dry run")
    axes: list[str] = Field(description="settings that differ")
    runs: list[PlannedRun]
    steps: int
    seconds: float | None = Field(description="of all runs, without their report; null where that of one is not known")
    disk_bytes: int
    pictures: int = Field(description="of the report")


class SweptRun(BaseModel):
    """What has become of a run."""

    name: str
    state: str = Field(description='"finished", "running", "waiting", "stopped", "failed" or "missing"')
    why: str = Field(description="it failed; may be empty")
    why_text: Text | None = None
    step: int
    steps: int
    loss: float | None
    val_on: float | None = Field(description="last loss of held-out pictures")
    val_off: float | None = Field(description="the same of the base model alone")
    seconds: float | None
    run: str = Field(description="empty where it has not begun")
    checkpoint: str = Field(description="its last one; may be empty")


class Sweep(BaseModel):
    """A sweep of the version."""

    name: str
    made_at: float = Field(description="seconds since 1970")
    axes: list[str]
    runs: list[SweptRun]
    files: list[str] = Field(description='kinds of files that its report has: "csv", "html", "png"')


class SweepList(BaseModel):
    """The version's sweeps, newest first."""

    sweeps: list[Sweep]


class NewReport(RequestBody):
    """A report to be made anew."""

    language: StrictStr = Field("", max_length=20, description='such as "ja"; empty is English')


def add(routes: APIRouter, session: "Session") -> None:
    """Routes of sweeps."""

    @routes.get(VERSION + "/sweeps")
    def sweeps(project: str, version: str) -> SweepList:
        """The version's sweeps, newest first, with what has become of their runs."""
        return SweepList(sweeps=[Sweep(**one) for one in session.sweeps.listed(project, version)])

    @routes.post(VERSION + "/sweeps")
    def begin(project: str, version: str, body: NewSweep) -> SweepPlan:
        """Add a run for each combination to the queue, all or none, and behind them the report."""
        kept = session.sweeps
        plan = kept.plan(project, version, body.axes, body.settings, body.revision)
        name = ""
        if not body.dry_run:
            name = kept.add(project, version, plan, body.prompts, language_named(body.language)).name
        return SweepPlan(sweep=name, **kept.answer(plan, body.prompts))

    @routes.post(VERSION + "/sweeps/{name}/report", status_code=202)
    def report(project: str, version: str, name: str, body: NewReport) -> Done:
        """Make the report of a sweep anew, from what there is of its runs, when its turn in the queue has come."""
        session.sweeps.report(project, version, name, language_named(body.language))
        return Done()

    @routes.get(VERSION + "/sweeps/{name}/report", response_class=FileResponse)
    def file(
        project: str, version: str, name: str, kind: Literal["html", "png", "csv"] = "html", download: bool = False
    ) -> FileResponse:
        """A file of the report: the page with its pictures, a sheet of them, or a table for spreadsheets."""
        path = session.sweeps.file(project, version, name, kind)
        filename = f"{project}-{version}-{name}.{kind}" if download else None
        return FileResponse(path, media_type=_KINDS[kind], headers=LOOKED_AT, filename=filename)
