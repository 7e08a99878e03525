"""Runs jobs one after the other. Kept in memory: the queue ends with the process."""

import threading
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass
from itertools import count
from pathlib import Path
from typing import Any

from lib_train.errors import HostBusyError, ProjectError, TrainToolsError
from lib_train.jobs.status import Status
from lib_train.jobs.wishes import Wishes
from lib_train.texts import joined, say, with_texts

_BUSY = say("a job is going on; stop it, wait until it ends, or add a training to the queue")
_STOPPED = say("the job before was stopped")
_REMEMBERED = 20  # jobs that ended while others waited


class Stopped(Exception):
    """A job ended because a stop was requested."""


@dataclass(frozen=True, kw_only=True)
class Job:
    """A unit of work that occupies the device."""

    kind: str
    """"train", "resume", "preview", "tag", "fetch" or "regularise"."""
    project: str
    version: str
    do: Callable[[], str]
    """Runs the job; returns a one-line result. Raises ``Stopped`` when somebody ended it early."""
    ready: Callable[[], None]
    """Raises a TrainToolsError while the host cannot run it."""
    steps: int | None = None
    files: tuple[Path, ...] = ()
    """Checkpoints that it reads."""


class Queue:
    """Runs each job in a thread of its own, one at a time.

    After a job that failed the next one starts. After one that was stopped, and while the host cannot run the next one,
    the queue is held until ``go_on``.

    Args:
        wishes: requests to the running job; cleared for each job.
    """

    def __init__(self, status: Status, wishes: Wishes) -> None:
        self._status, self._wishes = status, wishes
        self._lock = threading.Lock()
        self._numbers = count(1)
        self._waiting: dict[int, Job] = {}
        self._ended: deque[dict[str, str]] = deque(maxlen=_REMEMBERED)
        self._held = ""
        self._now: Job | None = None

    @property
    def busy(self) -> bool:
        """Whether a job is running."""
        with self._lock:  # between two jobs, too
            return self._now is not None

    def start(self, job: Job) -> None:
        """Start a job at once.

        Raises:
            TrainToolsError: another one is going on, or the host cannot do it now.
        """
        with self._lock:
            if self._now:
                raise HostBusyError(_BUSY)
            job.ready()
            self._forget()
            self._begin(job)

    def require_idle(self) -> None:
        """Check that no job is running.

        Raises:
            HostBusyError: one does.
        """
        if self.busy:
            raise HostBusyError(_BUSY)

    def add(self, job: Job) -> None:
        """Append a job to the queue; it starts at once when no other is running or waiting."""
        with self._lock:
            if not self._now:
                self._forget()
            self._waiting[next(self._numbers)] = job
            self._next()

    def remove(self, number: int) -> None:
        """Remove a job that has not started.

        Raises:
            ProjectError: none of this number waits.
        """
        with self._lock:
            if number not in list(self._waiting):  # a request may hold anything
                raise ProjectError(
                    say("number = {number!r}: waits no more; it has begun, or was removed", number=number)
                )
            del self._waiting[number]
            if not self._waiting:
                self._held = ""

    def stop(self) -> None:
        """Request the running job to stop, and hold the queue."""
        with self._lock:
            self._wishes.stop.set()
            if self._now:
                self._hold(_STOPPED)

    def go_on(self) -> None:
        """Release a held queue.

        Raises:
            TrainToolsError: the host cannot do the next job now.
        """
        with self._lock:
            if self._waiting and not self._now:
                next(iter(self._waiting.values())).ready()
            self._held = ""
            self._next()

    def require_unused(self, project: str, version: str = "") -> None:
        """Check that no job of a project, or of one of its versions, is running or waiting.

        Raises:
            HostBusyError: one does.
        """
        with self._lock:
            jobs = [job for job in (self._now, *self._waiting.values()) if job]
            used = next((job for job in jobs if job.project == project and version in ("", job.version)), None)
            if used is None:
                return
            if used is not self._now:
                why = say("a training of it waits for its turn; remove it from the queue first")
            elif used.kind == "preview":
                why = say("a preview of it goes on; stop it first")
            elif used.kind == "tag":
                why = say("its pictures are being tagged; stop that first")
            elif used.kind == "regularise":
                why = say("regularisation pictures of it are being made; stop that first")
            else:
                why = say("a training of it goes on; stop it first")
        raise HostBusyError(joined(": ", (f"{used.project} {used.version}", why)))

    def require_unread(self, path: Path) -> None:
        """Check that the running job does not read this checkpoint.

        Raises:
            HostBusyError: it may.
        """
        with self._lock:
            if self._now and path in self._now.files:
                raise HostBusyError(
                    say("{name}: pictures of it are being made; stop that first, or wait", name=path.name)
                )

    def snapshot(self) -> dict[str, Any]:
        """Waiting jobs, why the queue is held (empty when it is not), and how earlier jobs ended; as JSON values."""
        with self._lock:
            waiting = [
                {"number": number, "project": job.project, "version": job.version, "steps": job.steps}
                for number, job in self._waiting.items()
            ]
            ended = [with_texts(one) for one in self._ended]
            return with_texts({"waiting": waiting, "held": self._held, "ended": ended})

    def _forget(self) -> None:
        if not self._waiting:
            self._ended.clear()

    def _hold(self, why: str) -> None:
        if self._waiting:
            self._held = why

    def _next(self) -> None:
        """Start the next job, if there is one."""
        if self._now or self._held or not self._waiting:
            return
        number, job = next(iter(self._waiting.items()))
        try:
            job.ready()
        except TrainToolsError as error:
            self._hold(str(error))
            return
        del self._waiting[number]
        self._begin(job)

    def _begin(self, job: Job) -> None:
        self._now = job
        self._wishes.clear()
        self._status.begin(job.kind, job.project, job.version)
        threading.Thread(target=self._run, args=(job,), name="train-tools", daemon=True).start()

    def _run(self, job: Job) -> None:
        try:
            self._status.end("finished", job.do())
        except Stopped as stopped:
            self._status.end("stopped", str(stopped))
        except BaseException as error:  # whatever it is must be shown: nobody else sees this thread
            self._status.end("failed", "", error)
            if not isinstance(error, TrainToolsError):
                raise
        finally:
            self._hand_on()

    def _hand_on(self) -> None:
        with self._lock:
            self._now = None
            ending = self._status.ending()
            if self._waiting or self._ended:
                self._ended.append(ending)
            if ending["phase"] == "stopped":
                self._hold(_STOPPED)
            self._next()
