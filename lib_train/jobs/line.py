"""The queue as every process sees it: who is in it, in which order, and why the next one does not begin."""

import threading
import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import AbstractContextManager, ExitStack
from dataclasses import asdict, replace
from pathlib import Path
from typing import Any
from uuid import uuid4

from lib_train.config.queue import QueueConfig
from lib_train.errors import HostBusyError
from lib_train.jobs.turns import Idle, next_time, why_not_yet
from lib_train.store.queue import Ended, Job, Jobs
from lib_train.store.queue_file import QueueFile
from lib_train.texts import joined, say, with_texts

_USED = {
    "preview": say("a preview of it goes on; stop it first"),
    "tag": say("its pictures are being tagged; stop that first"),
    "regularise": say("regularisation pictures of it are being made; stop that first"),
    "tool": say("a tool makes a file of it; stop that first"),
    "sheet": say("a sheet of it is made; stop it first"),
    "report": say("the report of a sweep of it is made; stop that first"),
    "judge": say("its checkpoints are being measured; stop that first"),
}


def keyed(job: Job) -> Job:
    """The job with a key of its own, where it has none."""
    return replace(job, key=job.key or uuid4().hex)


class Line:
    """Jobs that wait, below one root. Carries none out: see ``Queue``.

    Args:
        root: below which queue.json lies.
        idle: see ``turns.Idle``.
    """

    def __init__(self, root: Path, idle: Idle = lambda: None, clock: Callable[[], float] = time.time) -> None:
        self._idle, self._clock = idle, clock
        self._file = QueueFile(root)
        self._lock = threading.RLock()
        self._now: Job | None = None
        self._turn: ExitStack | None = None  # holds off other processes while a job of the file goes on here
        self._refused, self._at_once = "", False
        self._asks = self._is_from_before(self._seen())

    def _next(self) -> None:
        """Called whenever another job may be the next one."""

    def add(self, job: Job) -> int:
        """Append a job to the queue; it starts at once when no other is running or waiting. Returns its number.

        Raises:
            TrainToolsError: queue.json cannot be written.
        """
        with self._lock:
            job = self._put(job, lambda jobs, new: self._opening(jobs.tidied()).added(new))
            self._next()
            return job.number

    def add_all(self, jobs: Sequence[Job]) -> list[int]:
        """Append jobs to the queue in one change: all of them or none. Returns their numbers.

        Raises:
            TrainToolsError: queue.json cannot be written.
        """
        put: list[Job] = []

        def act(known: Jobs) -> Jobs:
            put.clear()
            known = self._opening(known.tidied())
            for job in jobs:
                known, new = known.numbered(keyed(job))
                known = known.added(new)
                put.append(new)
            return known

        with self._lock:
            self._file.change(act)
            self._next()
        return [job.number for job in put]

    def seen(self) -> Jobs:
        """The queue of now."""
        with self._lock:
            return self._seen()

    def _put(self, job: Job, into: Callable[[Jobs, Job], Jobs]) -> Job:
        put: list[Job] = []

        def act(jobs: Jobs) -> Jobs:
            jobs, new = jobs.numbered(keyed(job))
            put.append(new)
            return into(jobs, new)

        self._file.change(act)
        return put[-1]

    def _opening(self, jobs: Jobs) -> Jobs:
        """With the time at which the first job begins, where there is one and none waits yet."""
        opens = next_time(jobs.config.start_at, self._clock()) if jobs.config.start_at else 0.0
        return jobs if jobs.waiting else replace(jobs, opens=opens)

    def remove(self, number: int) -> None:
        """Remove a job that has not started, or the end of one.

        Raises:
            ProjectError: there is none of this number.
        """
        self._change(lambda jobs: jobs.without(number))

    def move(self, number: int, before: int | None) -> None:
        """Move a waiting job before another one; None is behind all.

        Raises:
            ProjectError: one of them waits no more.
        """
        self._change(lambda jobs: jobs.moved(number, before))

    def retry(self, number: int) -> None:
        """Let a job that ended wait once more: a training goes on from its last state.

        Raises:
            ProjectError: none of this number ended.
        """
        with self._lock:
            self._change(lambda jobs: self._opening(jobs).retried(number, uuid4().hex))
            self._next()

    def configure(self, change: Callable[[QueueConfig], QueueConfig]) -> None:
        """Change when jobs begin.

        Raises:
            ConfigError: as ``change`` raises.
            TrainToolsError: queue.json cannot be written.
        """

        def act(jobs: Jobs) -> Jobs:
            after = replace(jobs, config=change(jobs.config))
            if after.config.start_at == jobs.config.start_at:
                return after
            return replace(self._opening(replace(after, waiting=())), waiting=after.waiting)

        with self._lock:
            self._change(act)
            self._next()

    def _change(self, act: Callable[[Jobs], Jobs]) -> Jobs:
        with self._lock:
            if self._turn is None and self._file.read().running and not self._file.worker():
                return self._file.change(lambda jobs: act(jobs.left_behind()))
            return self._file.change(act)

    def require_unused(self, project: str, version: str = "") -> None:
        """Check that no job of a project, or of one of its versions, is running or waiting.

        Raises:
            HostBusyError: one does.
        """
        with self._lock:
            seen = self._seen()
            now = self._now or seen.running
            jobs = [job for job in (now, *seen.waiting) if job]
            used = next((job for job in jobs if job.project == project and version in ("", job.version)), None)
            if used is None:
                return
            why: str = _USED.get(used.kind, say("a training of it goes on; stop it first"))
            if used is not now:
                why = say("a training of it waits for its turn; remove it from the queue first")
                if used.kind not in ("train", "resume"):
                    why = say("a job of it waits for its turn; remove it from the queue first")
        raise HostBusyError(joined(": ", (f"{used.project} {used.version}", why)))

    def still(self) -> AbstractContextManager[bool]:
        """While entered, no job begins or hands on to the next one."""
        return self._lock

    def snapshot(self) -> dict[str, Any]:
        """The queue as JSON values: see ``api.v1.jobs.Queue``."""
        with self._lock:
            jobs = self._seen()
            running = jobs.running or self._now
            elsewhere = self._file.worker() if jobs.running and not self._turn else ""
            facts = {
                "waiting": [_job_json(one) for one in jobs.waiting],
                "running": _job_json(running) if running else None,
                "elsewhere": elsewhere,
                "held": self._held(jobs) if jobs.waiting else "",
                "asks": self._asks and bool(jobs.waiting),
                "ended": [_ended_json(one) for one in jobs.ended],
                "settings": asdict(jobs.config),
                "trouble": self._file.trouble,
            }
        return with_texts(facts)

    def _held(self, jobs: Jobs) -> str:
        if self._asks:
            count = len(jobs.waiting)
            return say("1 job waits from before") if count == 1 else say("{count} jobs wait from before", count=count)
        if jobs.running or self._now:  # what it waits for beside its turn is said when its turn has come
            return jobs.held or (why_not_yet(jobs, float("inf"), lambda: None))
        return self._refused or self._why(jobs)

    def _seen(self) -> Jobs:
        """The queue of now, in which a job whose process is gone waits as the first."""
        jobs = self._file.read()
        return jobs.left_behind() if jobs.running and not self._turn and not self._file.worker() else jobs

    @staticmethod
    def _is_from_before(jobs: Jobs) -> bool:
        return bool(jobs.waiting) and jobs.running is None and not jobs.config.go_on_by_itself

    def _why(self, jobs: Jobs) -> str:
        idle: Idle = (lambda: None) if self._at_once else self._idle
        return say("jobs wait from before") if self._asks else why_not_yet(jobs, self._clock(), idle)


def _job_json(job: Job) -> dict[str, Any]:
    names = ("number", "kind", "project", "version", "name", "note", "steps", "again")
    return {name: getattr(job, name) for name in names}


def _ended_json(one: Ended) -> Mapping[str, Any]:
    return with_texts({**_job_json(one.job), "phase": one.phase, "text": one.text})
