"""Carries out the jobs of the queue, one after the other. The queue itself is a file: it outlives the process."""

import threading
import time
from collections.abc import Callable
from contextlib import ExitStack
from dataclasses import dataclass, replace
from pathlib import Path

from lib_train.errors import HostBusyError, TrainToolsError
from lib_train.jobs.line import Line, keyed
from lib_train.jobs.status import Status
from lib_train.jobs.turns import Idle, in_use
from lib_train.jobs.wishes import Wishes
from lib_train.store.queue import Job, Jobs
from lib_train.texts import joined, say

__all__ = ["Job", "Put", "Queue", "Stopped", "Task"]

_BUSY = say("a job is going on; stop it, wait until it ends, or add a training to the queue")
_STOPPED = say("the job before was stopped")
_LOOK_SECONDS = 1.0
_AGAIN_SECONDS = 5.0
"""Between two tries of a job that the host cannot do."""


class Stopped(Exception):
    """A job ended because a stop was requested."""


def _always() -> None:
    """Nothing keeps it from running."""


@dataclass(frozen=True, kw_only=True)
class Task:
    """How this process carries a job out."""

    do: Callable[[], str]
    """Returns a one-line result. Raises ``Stopped`` when somebody ended it early."""
    ready: Callable[[], None] = _always
    """Raises a TrainToolsError while the host cannot run it."""
    files: tuple[Path, ...] = ()
    """Checkpoints that it reads."""


Put = Callable[[Job], object]
"""What becomes of a job: ``Queue.start``, or ``Queue.add``."""


class Queue(Line):
    """Runs each job in a thread of its own, one at a time.

    After a job that failed the next one starts. After one that was stopped the queue is held until ``go_on``, and so it
    is where jobs wait from before the process began, unless the settings say that it goes on by itself. The job that
    went on when its process ended is then the first.

    Args:
        root: below which queue.json lies. Other processes may work with it, too: one of them at a time runs a job.
        wishes: requests to the running job; cleared for each job.
        idle: see ``turns.Idle``.
    """

    def __init__(
        self, root: Path, status: Status, wishes: Wishes, idle: Idle = lambda: None,
        clock: Callable[[], float] = time.time,
    ) -> None:  # fmt: skip
        super().__init__(root, idle, clock)
        self._status, self._wishes = status, wishes
        self.kinds: dict[str, Callable[[Job], Task]] = {}
        """How each kind of job is carried out; may raise a TrainToolsError."""
        self.begins = True
        """Whether this process begins jobs that wait, and does not only list them."""
        self._files: tuple[Path, ...] = ()
        self._queued = self._gave_room = self._watched = False
        self._refused_at = 0.0

    @property
    def busy(self) -> bool:
        """Whether a job is running."""
        with self._lock:  # between two jobs, too
            return self._now is not None

    @property
    def refused(self) -> str:
        """Why the host cannot do the next job; empty where it can, or was not asked."""
        with self._lock:
            return self._refused

    def start(self, job: Job) -> None:
        """Start a job at once.

        Raises:
            TrainToolsError: another one is going on, or the host cannot do it now.
        """
        with self._lock:
            self.require_idle()
            job = keyed(job)  # before its task: a run keeps the key, by which a job that was killed finds it
            task = self.kinds[job.kind](job)
            task.ready()
            with ExitStack() as turn:
                try:
                    turn.enter_context(self._file.worked())
                except HostBusyError:  # a job of the queue goes on in another process: this one is none of it
                    return self._begin(job, task)
                job = self._put(job, lambda jobs, new: jobs.left_behind().tidied().begun(new))
                self._turn = turn.pop_all()
            return self._begin(job, task)

    def require_idle(self) -> None:
        """Check that no job is running.

        Raises:
            HostBusyError: one does.
        """
        if self.busy:
            raise HostBusyError(_BUSY)

    def stop(self) -> None:
        """Request the running job to stop, and hold the queue."""
        with self._lock:
            self._wishes.stop.set()
            if self._turn:
                self._file.change(lambda jobs: jobs.hold(_STOPPED))

    def go_on(self, at_once: bool = True) -> None:
        """Release a held queue.

        Args:
            at_once: whether the next job begins now, whatever the time is and whoever generates.

        Raises:
            TrainToolsError: the host cannot do the next job now.
        """
        with self._lock:
            waiting = self._seen().waiting
            if waiting and not self._now and self.begins:
                self._task_of(waiting[0]).ready()
            config = replace(self._seen().config, paused=False)
            self._change(lambda jobs: replace(jobs, held="", opens=0.0 if at_once else jobs.opens, config=config))
            self._asks, self._at_once = False, at_once
            self._next()

    def tick(self) -> None:
        """Look whether the next job may begin now, and whether the one of now is to make room; see ``watch``."""
        with self._lock:
            self._make_room()
            if not self._refused or self._clock() - self._refused_at >= _AGAIN_SECONDS:
                self._next()

    def watch(self) -> None:
        """From now on look every second, in a thread of its own, for jobs that others add and for the right time."""

        def look() -> None:
            while True:
                self.tick()
                time.sleep(_LOOK_SECONDS)

        with self._lock:
            if not self._watched:
                self._watched = True
                threading.Thread(target=look, name="train-tools-queue", daemon=True).start()

    def require_unread(self, path: Path) -> None:
        """Check that the running job does not read this checkpoint.

        Raises:
            HostBusyError: it may.
        """
        with self._lock:
            if self._now and path in self._files:
                raise HostBusyError(
                    say("{name}: pictures of it are being made; stop that first, or wait", name=path.name)
                )

    def _make_room(self) -> None:
        """Pause a training of the queue while somebody generates pictures."""
        pause = self._wishes.pause
        if not (self._now and self._queued and self._now.kind in ("train", "resume")):
            return
        busy = in_use(self._file.read(), self._idle)
        if busy and not self._gave_room and not pause.is_set():
            pause.set()
            self._gave_room = True
        elif not busy and self._gave_room:
            pause.clear()
            self._gave_room = False

    def _next(self) -> None:
        """Start the next job, if there is one and nothing keeps it from beginning."""
        if self._now or not self.begins:
            return
        self._refused = ""
        try:
            with ExitStack() as turn:
                job, task = self._chosen(turn)
                if job and task:
                    self._turn = turn.pop_all()
                    self._at_once = False
                    self._begin(job, task, queued=True)
        except Exception as error:  # shown, and tried again: nobody else sees the thread that looks
            ours = not isinstance(error, TrainToolsError)
            self._refused = joined(": ", (type(error).__name__, error)) if ours else str(error)
            self._refused_at = self._clock()

    def _chosen(self, turn: ExitStack) -> tuple[Job | None, Task | None]:
        """The next job, which has begun for all processes.

        Raises:
            TrainToolsError: it cannot now, or queue.json cannot be written.
        """
        jobs = self._file.read()
        if not (jobs.waiting or jobs.running) or (jobs.waiting and self._why(jobs)):
            return None, None
        try:
            turn.enter_context(self._file.worked())
        except HostBusyError:  # a job goes on in another process, which begins the next one, too
            return None, None
        if self._file.read().running:  # of a process that is gone
            jobs = self._file.change(Jobs.left_behind)
            self._asks = self._is_from_before(jobs)
        while (jobs := self._file.read()).waiting and not self._why(jobs):
            job = jobs.waiting[0]
            task = self._task_of(job)
            task.ready()
            begun = self._file.change(lambda jobs, job=job: jobs.begun(job) if job in jobs.waiting else jobs)  # type: ignore[misc]
            if begun.running:
                return job, task
        return None, None

    def _task_of(self, job: Job) -> Task:
        """How it is carried out; where that cannot be found out, it fails when its turn has come."""
        try:
            return self.kinds[job.kind](job)
        except Exception as error:  # somebody may have written into queue.json
            fault = error

        def do() -> str:
            raise fault

        return Task(do=do)

    def _begin(self, job: Job, task: Task, *, queued: bool = False) -> None:
        self._now, self._files, self._queued, self._gave_room = job, task.files, queued, False
        self._wishes.clear()
        self._status.begin(job.kind, job.project, job.version)
        threading.Thread(target=self._run, args=(task,), name="train-tools", daemon=True).start()

    def _run(self, task: Task) -> None:
        try:
            self._status.end("finished", task.do())
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
            ending = self._status.ending()
            turn, self._turn, self._now = self._turn, None, None
            phase, text, at = ending["phase"], ending["text"], self._clock()

            def over(jobs: Jobs) -> Jobs:
                after = jobs.over(phase, text, at)
                return after.hold(_STOPPED) if phase == "stopped" else after

            try:
                with turn or ExitStack():
                    if turn:
                        self._file.change(over)
            except TrainToolsError as error:
                self._status.message(str(error))
            self._next()
