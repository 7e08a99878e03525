"""Jobs: the one that goes on, those that wait, and what people ask of them."""

from typing import TYPE_CHECKING, Any, Literal

from fastapi import APIRouter
from pydantic import BaseModel, Field, StrictBool, StrictInt, StrictStr

from lib_train.api.v1.models import Done, Error, RequestBody, Text
from lib_train.api.v1.settings import Setting
from lib_train.api.v1.tools import ToolWish
from lib_train.app.settings import declared_queue
from lib_train.app.tool_runs import Wish
from lib_train.errors import ConfigError, Problem
from lib_train.texts import say

if TYPE_CHECKING:
    from lib_train.app.session import Session


class Waiting(BaseModel):
    """A job that waits for its turn, or goes on."""

    number: int
    kind: str = Field(
        description='"train", "resume", "preview", "tag", "regularise", "fetch", "tool", "report", "judge" or "sheet"'
    )
    project: str
    version: str
    name: str = Field(description="what whoever added it calls it")
    note: str = Field(description="what they say of it")
    steps: int | None
    again: bool = Field(description="whether it has begun before, and its process ended or it failed")


class Ended(Waiting):
    """A job that ended while others waited."""

    phase: str
    text: str
    text_text: Text | None = None


class Queue(BaseModel):
    """Jobs before and behind the one that goes on. They outlive the program."""

    waiting: list[Waiting]
    running: Waiting | None = Field(description="the job that goes on, here or in another program")
    elsewhere: str = Field(description="the other program in which it goes on; empty where it is this one, or none")
    elsewhere_text: Text | None = None
    held: str = Field(description="why the next one does not begin; empty when it does")
    held_text: Text | None = None
    asks: bool = Field(description="whether jobs wait from before the program began, until somebody lets them go on")
    ended: list[Ended] = Field(description="oldest first; failed ones stay until they are retried or removed")
    settings: dict[str, Any] = Field(description="when jobs begin, by name; see GET /jobs/queue")
    trouble: str = Field(description="what of the queue's file could not be read, and where it lies now")
    trouble_text: Text | None = None


class QueueSettings(BaseModel):
    """When waiting jobs begin."""

    settings: list[Setting]


class Job(BaseModel):
    """The job that goes on, or the last one. Fields that a phase does not have are left out."""

    phase: str = Field(
        description='"idle", "starting", "working", "training", "paused", "finished", "stopped", "failed"'
    )
    number: int | None = Field(None, description="another one for each job of this process")
    kind: str | None = Field(None, description="as of one that waits")
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
    live: str | None = Field(
        None, description="while a run goes on: how prompts of the WebUI may name its network, as in <lora:...:1>"
    )
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

    kind: Literal["train", "resume", "preview", "tag", "regularise", "fetch", "tool"]
    project: StrictStr = Field("", description="of all but fetch")
    version: StrictStr = Field("", description="of all but fetch")
    queue: StrictBool = Field(False, description="whether it waits for its turn; a tool always does")
    name: StrictStr = Field("", max_length=200, description="what to call it while it waits")
    note: StrictStr = Field("", max_length=2000, description="what to say of it")
    settings: dict[str, Any] | None = Field(None, description="by name, for a training kept; null takes the version's")
    revision: StrictInt | None = Field(None, description="of the settings that somebody has looked at")
    changes: dict[str, Any] | None = Field(None, description="of settings, for this training alone and not kept")
    run: StrictStr = Field("", description="to resume; empty is the newest")
    with_changes: StrictBool = Field(False, description="resume although pictures or settings have changed")
    checkpoints: list[StrictStr] = Field([], description="to make previews of; none named are all")
    tagging: dict[str, Any] | None = Field(None, description="what a tagger is told, by name; see /taggers")
    regularisation: dict[str, Any] | None = Field(
        None, description="which regularisation pictures are made, by name; see .../regularisation"
    )
    filter: StrictStr = Field("", description="which pictures are tagged; empty is all")
    ids: list[StrictInt] | None = Field(None, description="of these pictures alone")
    tagger: StrictStr = Field("", description="to fetch; see /taggers")
    tool: StrictStr = Field("", description="that makes a file; see /tools")
    wish: ToolWish | None = Field(None, description="what the tool makes")


class NewPlace(RequestBody):
    """Where a waiting job goes."""

    before: StrictInt | None = Field(description="number of the job before which it goes; null is behind all")


class QueueChanges(RequestBody):
    """Settings of the queue to change."""

    changes: dict[str, Any] = Field(description="by name")


def _train(session: "Session", body: NewJob, put: Any) -> None:
    how = body.project, body.version, body.settings, body.revision, body.changes
    if put is None:
        session.train(*how)
    else:
        session.add(*how, body.name, body.note)


def _resume(session: "Session", body: NewJob, put: Any) -> None:
    session.resume(body.project, body.version, body.run, body.with_changes, put)


def _preview(session: "Session", body: NewJob, put: Any) -> None:
    session.preview(body.project, body.version, body.checkpoints, body.settings, put)


def _tag(session: "Session", body: NewJob, put: Any) -> None:
    session.tagging.start(body.project, body.version, body.tagging or {}, body.filter, body.ids, put)


def _regularise(session: "Session", body: NewJob, put: Any) -> None:
    session.regularisation.start(body.project, body.version, body.regularisation or {}, put)


def _fetch(session: "Session", body: NewJob, put: Any) -> None:
    session.taggers.fetch(body.tagger, body.tagging or {}, put)


def _tool(session: "Session", body: NewJob, put: Any) -> None:
    facts: dict[str, Any] = (
        body.wish.dict() if body.wish else {"files": [], "tool_settings": {}, "place": "beside", "name": ""}
    )
    wish = Wish(settings=facts.pop("tool_settings"), **facts)
    session.tools.add(body.project, body.version, body.tool, wish, put or session.later(body.name, body.note))


def _require_place(body: NewJob) -> None:
    """Check that a job which works in a version names it.

    Raises:
        ConfigError: it does not.
    """
    if body.kind == "fetch":
        return
    missing = [name for name in ("project", "version") if not getattr(body, name)]
    if missing:
        raise ConfigError([Problem(name, "", _PLACES[name]) for name in missing])


_PLACES = {"project": say("name the project that the job is for"), "version": say("name its version, such as v1")}
_BEGIN = {"train": _train, "resume": _resume, "preview": _preview, "tag": _tag, "regularise": _regularise,
          "fetch": _fetch, "tool": _tool}  # fmt: skip


def add(routes: APIRouter, session: "Session") -> None:
    """Routes of jobs."""

    @routes.get("/jobs")
    def jobs() -> Jobs:
        """The job that goes on, and the queue."""
        return Jobs(**session.jobs())

    @routes.post("/jobs", status_code=202)
    def begin(body: NewJob) -> Jobs:
        """Begin a job, or add it to the queue."""
        _require_place(body)
        put = session.later(body.name, body.note) if body.queue else None
        _BEGIN[body.kind](session, body, put)
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

    @routes.post("/jobs/save")
    def save() -> Done:
        """Save the present weights between two steps."""
        session.wishes.ask_for_save()
        return Done()

    @routes.post("/jobs/last-epoch")
    def last_epoch() -> Done:
        """Stop after this epoch, with a checkpoint."""
        session.wishes.ask_for_last_epoch()
        return Done()

    @routes.delete("/jobs/last-epoch")
    def no_last_epoch() -> Done:
        """Go on after this epoch all the same."""
        session.wishes.ask_for_last_epoch(False)
        return Done()

    @routes.post("/jobs/queue/continue")
    def go_on() -> Done:
        """Let the next waiting job begin."""
        session.queue.go_on()
        return Done()

    @routes.delete("/jobs/queue/{number}")
    def remove(number: int) -> Done:
        """Take a job out that has not begun, or forget how one ended."""
        session.queue.remove(number)
        return Done()

    @routes.post("/jobs/queue/{number}/move")
    def move(number: int, body: NewPlace) -> Done:
        """Give a waiting job another place."""
        session.queue.move(number, body.before)
        return Done()

    @routes.post("/jobs/queue/{number}/retry")
    def retry(number: int) -> Done:
        """Let a job that ended wait once more; a training goes on from its last state."""
        session.queue.retry(number)
        return Done()

    @routes.get("/jobs/queue")
    def settings() -> QueueSettings:
        """What can be set for the queue; the values of now are in /jobs."""
        return QueueSettings(settings=[Setting(**one) for one in declared_queue()])

    @routes.patch("/jobs/queue")
    def configure(body: QueueChanges) -> Jobs:
        """Change when waiting jobs begin."""
        session.keep_queue_settings(body.changes)
        return jobs()
