"""Jobs: the one that goes on, those that wait, and what people ask of them."""

from typing import TYPE_CHECKING, Any, Literal

from fastapi import APIRouter
from pydantic import BaseModel, Field, StrictBool, StrictInt, StrictStr

from lib_train.api.v1.models import Done, Error, RequestBody, Text

if TYPE_CHECKING:
    from lib_train.app.session import Session


class Waiting(BaseModel):
    """A training that waits for its turn."""

    number: int
    project: str
    version: str
    steps: int | None


class Ended(BaseModel):
    """A job that ended while others waited."""

    project: str
    version: str
    phase: str
    text: str
    text_text: Text | None = None


class Queue(BaseModel):
    """Jobs before and behind the one that goes on."""

    waiting: list[Waiting]
    held: str = Field(description="why the next one does not begin; empty when it does")
    held_text: Text | None = None
    ended: list[Ended]


class Job(BaseModel):
    """The job that goes on, or the last one. Fields that a phase does not have are left out."""

    phase: str = Field(
        description='"idle", "starting", "working", "training", "paused", "finished", "stopped", "failed"'
    )
    number: int | None = Field(None, description="another one for each job of this process")
    kind: str | None = Field(None, description='"train", "resume", "preview", "tag", "fetch" or "regularise"')
    project: str | None = None
    version: str | None = None
    step: int | None = None
    total_steps: int | None = None
    epoch: int | None = None
    epochs: int | None = None
    loss: float | None = Field(None, description="smoothed")
    steps_per_second: float | None = None
    seconds_left: float | None = None
    work: str | None = Field(None, description='what is done before or between steps, such as "latents"')
    work_done: int | None = None
    work_total: int | None = None
    outcome: str | None = None
    outcome_text: Text | None = None
    error: Error | None = None
    picture: str | None = Field(None, description="newest preview; a path for /previews/image")
    messages: list[str] = Field([], description="for a person, oldest first")
    messages_text: list[Text | None] = []


class Jobs(BaseModel):
    """What is going on."""

    busy: bool
    job: Job
    queue: Queue
    changes: int = Field(description="grows whenever a file was written or a job began or ended")


class NewJob(RequestBody):
    """A job to begin."""

    kind: Literal["train", "resume", "preview", "tag", "regularise"]
    project: StrictStr
    version: StrictStr
    queue: StrictBool = Field(False, description="a training: whether it may wait for its turn")
    settings: dict[str, Any] | None = Field(None, description="by name, for a training kept; null takes the version's")
    revision: StrictInt | None = Field(None, description="of the settings that somebody has looked at")
    run: StrictStr = Field("", description="to resume; empty is the newest")
    with_changes: StrictBool = Field(False, description="resume although pictures or settings have changed")
    checkpoints: list[StrictStr] = Field([], description="to make previews of; none named are all")
    tagging: dict[str, Any] | None = Field(None, description="what a tagger is told, by name; see /taggers")
    regularisation: dict[str, Any] | None = Field(
        None, description="which regularisation pictures are made, by name; see .../regularisation"
    )
    filter: StrictStr = Field("", description="which pictures are tagged; empty is all")
    ids: list[StrictInt] | None = Field(None, description="of these pictures alone")


def add(routes: APIRouter, session: "Session") -> None:
    """Routes of jobs."""

    @routes.get("/jobs")
    def jobs() -> Jobs:
        """The job that goes on, and the queue."""
        return Jobs(**session.jobs())

    @routes.post("/jobs", status_code=202)
    def begin(body: NewJob) -> Jobs:
        """Begin a training, resume one, make previews, tag pictures, or make regularisation pictures."""
        place = body.project, body.version
        if body.kind == "resume":
            session.resume(*place, body.run, body.with_changes)
        elif body.kind == "preview":
            session.preview(*place, body.checkpoints, body.settings)
        elif body.kind == "tag":
            session.tagging.start(*place, body.tagging or {}, body.filter, body.ids)
        elif body.kind == "regularise":
            session.regularisation.start(*place, body.regularisation or {})
        elif body.queue:
            session.add(*place, body.settings, body.revision)
        else:
            session.train(*place, body.settings, body.revision)
        return jobs()

    @routes.post("/jobs/stop")
    def stop() -> Done:
        """Stop the job between two steps, and save; the queue waits then."""
        session.stop()
        return Done()

    @routes.post("/jobs/pause")
    def pause() -> Done:
        """Stand still between two steps and give the model back."""
        session.wishes.ask_for_pause()
        return Done()

    @routes.post("/jobs/continue")
    def go_on_training() -> Done:
        """End a pause."""
        session.wishes.ask_to_continue()
        return Done()

    @routes.post("/jobs/sample")
    def sample() -> Done:
        """Save the present weights between two steps, and make their previews."""
        session.wishes.ask_for_sample()
        return Done()

    @routes.post("/jobs/queue/continue")
    def go_on() -> Done:
        """Let the next waiting job begin."""
        session.queue.go_on()
        return Done()

    @routes.delete("/jobs/queue/{number}")
    def remove(number: int) -> Done:
        """Take a job out that has not begun."""
        session.queue.remove(number)
        return Done()
