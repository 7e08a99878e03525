"""Jobs as data: those that wait for their turn, the one that goes on, and how the last ones ended."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from lib_train.config.queue import QueueConfig
from lib_train.errors import ProjectError
from lib_train.texts import say

KINDS = ("train", "resume", "preview", "tag", "regularise", "fetch", "tool", "report", "judge", "sheet")
_REMEMBERED = 20
"""Jobs that ended."""


@dataclass(frozen=True, kw_only=True)
class Job:
    """A unit of work, frozen at the time when it was asked for. Every value is a JSON value."""

    kind: str
    """One of ``KINDS``."""
    project: str = ""
    version: str = ""
    """Both are empty where it belongs to none."""
    config: Mapping[str, Any] = field(default_factory=dict)
    """What is asked for. Of "train" all settings, in the form of run.json."""
    base: Sequence[Mapping[str, Any] | None] = ()
    """Marks of base model and VAE; empty for whatever there is when it begins."""
    pictures: str = ""
    """A mark of the pictures that a training was planned with; empty is none."""
    steps: int | None = None
    name: str = ""
    note: str = ""
    """What a person, or whoever made many jobs, calls it and says of it."""
    sweep: str = ""
    """Of the version, to which it belongs; see ``store.sweeps``."""
    key: str = ""
    """Another one for each job, in all queues there ever were: a run keeps that of its job."""
    number: int = 0
    """Names it in this queue. 0 before it is in one."""
    again: bool = False
    """Whether it has begun before, and its process ended or the job failed."""


@dataclass(frozen=True)
class Ended:
    """How a job ended."""

    job: Job
    phase: str
    """"finished", "stopped" or "failed"."""
    text: str
    at: float
    """Seconds since 1970."""


@dataclass(frozen=True, kw_only=True)
class Jobs:
    """The whole queue. Each method returns another one."""

    running: Job | None = None
    waiting: tuple[Job, ...] = ()
    ended: tuple[Ended, ...] = ()
    """Oldest first."""
    config: QueueConfig = QueueConfig()
    held: str = ""
    """Why no job begins until somebody says so; empty is no reason."""
    opens: float = 0.0
    """Seconds since 1970, before which no job begins."""
    next: int = 1
    """Number of the next job."""

    def numbered(self, job: Job) -> tuple["Jobs", Job]:
        """The job with a number of its own, and the queue that gave it."""
        return replace(self, next=self.next + 1), replace(job, number=self.next)

    def added(self, job: Job) -> "Jobs":
        """With the job, which has a number, behind all others."""
        return replace(self, waiting=(*self.waiting, job))

    def begun(self, job: Job) -> "Jobs":
        """With the job going on. Others that would do the same wait no more."""
        left = [one for one in self.waiting if one.number != job.number and not (job.key and one.key == job.key)]
        return replace(self, running=job, waiting=tuple(left))._released()

    def over(self, phase: str, text: str, at: float) -> "Jobs":
        """With the end of the one that goes on, where others wait or its end comes after those of others."""
        if self.running is None:
            return self
        ending = Ended(self.running, phase, text, at)
        told = (*self.ended, ending)[-_REMEMBERED:] if self.waiting or self.ended else ()
        return replace(self, running=None, ended=told)

    def left_behind(self) -> "Jobs":
        """With the one that goes on waiting as the first: its process is gone."""
        if self.running is None:
            return self
        first = replace(self.running, again=True)
        return replace(self, running=None, waiting=(first, *self.waiting))

    def tidied(self) -> "Jobs":
        """Without those that ended well, where no other waits: they belong to what was done before."""
        if self.waiting or self.running:
            return self
        return replace(self, ended=tuple(one for one in self.ended if one.phase == "failed"))

    def without(self, number: int) -> "Jobs":
        """Without a job that waits, or the end of one.

        Raises:
            ProjectError: there is none of this number.
        """
        waiting = tuple(one for one in self.waiting if one.number != number)
        ended = tuple(one for one in self.ended if one.job.number != number)
        if len(waiting) + len(ended) == len(self.waiting) + len(self.ended):
            raise _gone(number)
        return replace(self, waiting=waiting, ended=ended)._released()

    def moved(self, number: int, before: int | None) -> "Jobs":
        """With a waiting job before another one; None is behind all.

        Raises:
            ProjectError: one of them waits no more.
        """
        found = [one for one in self.waiting if one.number == number]
        others = [one for one in self.waiting if one.number != number]
        if not found:
            raise _gone(number)
        if before == number:
            return self
        places = [place for place, one in enumerate(others) if one.number == before]
        if before is not None and not places:
            raise _gone(before)
        place = places[0] if places else len(others)
        return replace(self, waiting=(*others[:place], *found, *others[place:]))

    def retried(self, number: int, key: str) -> "Jobs":
        """With a job that ended waiting once more, behind all others.

        Args:
            key: of one that ended well, which is done anew.

        Raises:
            ProjectError: none of this number ended.
        """
        found = next((one for one in self.ended if one.job.number == number), None)
        if found is None:
            raise _gone(number)
        again = found.phase != "finished"
        left, job = self.without(number).numbered(replace(found.job, again=again, key=found.job.key if again else key))
        return left.added(job)

    def hold(self, why: str) -> "Jobs":
        """Held until somebody says so, where any job waits."""
        return replace(self, held=why) if self.waiting else self

    def _released(self) -> "Jobs":
        return self if self.waiting else replace(self, held="")


def _gone(number: object) -> ProjectError:
    return ProjectError(say("number = {number!r}: waits no more; it has begun, or was removed", number=number))
