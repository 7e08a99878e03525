"""What a run would do, before it does."""

from typing import TYPE_CHECKING, Any

from fastapi import APIRouter
from pydantic import BaseModel, Field

from lib_train.api.v1.models import VERSION, Problem, RequestBody, Text

if TYPE_CHECKING:
    from lib_train.app.session import Session


class Advice(BaseModel):
    """Something to think about; the run could go as it is."""

    code: str
    text: str
    text_text: Text | None = None
    changes: dict[str, Any] = Field(description="settings that would follow it, by name")


class Unused(BaseModel):
    """A setting that changes nothing beside the others."""

    setting: str
    reason: str
    reason_text: Text | None = None


class Worst(BaseModel):
    """The worst that the doctor finds."""

    text: str
    text_text: Text | None = None
    severity: str = Field(description='as of a finding: "error", "warning" or "note"')
    filter: str = Field(description="selects its pictures; empty where there are none")
    more: int = Field(description="other findings")


class Plan(BaseModel):
    """Figures of a run, and everything that is wrong with it."""

    pictures: int
    regularisation: int = Field(description="regularisation pictures")
    uses: int = Field(description="pictures times repeats in an epoch, regularisation included")
    repeats: tuple[int, int] = Field(description="least and most times a training picture is used in an epoch")
    steps: int
    steps_per_epoch: int
    epochs: int
    base_model: str = Field(description="title of the checkpoint that would be trained")
    family: str = Field(description='of that: "sd1", "sd2" or "sdxl"')
    side: int = Field(description="pixels of a side that it was trained at")
    resolution: tuple[int, int] = Field(description="width and height in pixels; the model's own where none is set")
    buckets: int
    saves: int = Field(description="checkpoints that will be written")
    checkpoint_bytes: int = Field(description="size of each save")
    memory_bytes: int = Field(description="on the device, while training; an estimate")
    disk_bytes: int = Field(description="of all checkpoints, two states and the cache")
    disk_free_bytes: int | None
    seconds: float | None = Field(description="from the first step to the last; null where nothing tells")
    seconds_are: str = Field(description='"measured" by an earlier run of this kind, or "estimated"; may be empty')
    preview_pictures: int = Field(description='that "preview all" would make now')
    problems: list[Problem]
    unused: list[Unused] = Field(
        description="settings that others made idle; of those that were changed, notes say it too"
    )
    notes: list[str] = Field(description="what is worth knowing, in sentences, advice included")
    notes_text: list[Text | None] = []
    worst: str = Field(description="the worst that the doctor finds, as the command line says it; may be empty")
    worst_text: Text | None = None
    doctor: Worst | None = Field(description="the same in parts; null for nothing, and where nobody has looked")
    advice: list[Advice]
    text: str = Field(description="the same as the command line prints it")
    text_text: Text | None = None


class PlanWith(RequestBody):
    """Settings to plan with in place of the version's own."""

    settings: dict[str, Any]


def add(routes: APIRouter, session: "Session") -> None:
    """Routes of plans."""

    @routes.get(VERSION + "/plan")
    def plan(project: str, version: str) -> Plan:
        """What a run with the version's settings would do; nothing is written."""
        return Plan(**session.plan_as_json(project, version))

    @routes.post(VERSION + "/plan")
    def plan_with(project: str, version: str, body: PlanWith) -> Plan:
        """The same with other settings; they are not kept."""
        return Plan(**session.plan_as_json(project, version, body.settings))
