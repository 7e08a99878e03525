"""Everything that moves, in one answer: for whoever asks every second."""

from typing import TYPE_CHECKING

from fastapi import APIRouter, Query
from pydantic import BaseModel, Field

from lib_train.api.v1.jobs import Job, Jobs
from lib_train.api.v1.models import Text
from lib_train.api.v1.runs import Run

if TYPE_CHECKING:
    from lib_train.app.session import Session


class HostNow(BaseModel):
    """What of the host changes while it runs."""

    problem: str | None = Field(description="why nothing can be trained now")
    problem_text: Text | None = None
    base_model: str = Field(description="title of the checkpoint that is trained where none is named")


class Wishes(BaseModel):
    """What can be asked of the job between two of its steps."""

    training: bool = Field(description="whether anything can be asked")
    pausing: bool = Field(description="whether a pause was asked for, and not yet its end")
    sampling: bool = Field(description="whether a sample was asked for and not yet made")
    saving: bool = Field(description="whether a checkpoint was asked for and not yet made")
    last_epoch: bool = Field(description="whether it stops after this epoch")
    why_no_sample: str = Field(description="empty where one can be made")
    why_no_sample_text: Text | None = None


class WorkNow(BaseModel):
    """Work on pictures that goes on; see works."""

    number: int
    kind: str
    done: int = Field(description="files")
    total: int = Field(description="files; 0 while they are being counted")


class Now(Jobs):
    """What is going on, and what of one version may have changed."""

    series: dict[str, list[tuple[int, float]]] = Field(
        description='curves of the job by name, such as "loss" and "lr unet": [step, value] of the steps after '
        "``since``, thinned out where they are very many"
    )
    host: HostNow
    memory_bytes: int | None = Field(
        description="of the device that all programs have taken, while a job goes on; null where nothing tells"
    )
    wishes: Wishes
    runs: list[Run] = Field(description="of the version, newest first")
    folder: str = Field(description="of the version, told from the output folder; empty where there is none")
    listing: str = Field(description="another one whenever projects, versions or notes have changed")
    checkpoints: str = Field(
        description="another one whenever the version's checkpoints, or what was decided or measured of them, changed"
    )
    revision: int | None = Field(description="of the version's settings; null where there is no such version")
    works: list[WorkNow] = Field(description="that go on in the version's pictures, newest first")
    proposal: int | None = Field(description="number of what a tagger proposes for the version; null where nothing is")


def add(routes: APIRouter, session: "Session") -> None:
    """The route of all that moves."""

    @routes.get("/now")
    def now(project: str = "", version: str = "", since: int = Query(0, ge=0)) -> Now:
        """The job with its curves, the queue, the host, and the runs of a version."""
        found = session.now(project, version, since)
        return Now.construct(
            **{**found, "job": Job(**found["job"])}
        )  # the rest is complete: checking it costs the most
