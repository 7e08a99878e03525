"""Figures that tell which checkpoint to take: measured as a job, kept in the version, and told with a suggestion."""

from collections.abc import Callable
from functools import partial
from typing import Any

from lib_train.app.judged import answer, outcome, prepared, run_of
from lib_train.app.plans import Look
from lib_train.app.preview_jobs import require_host
from lib_train.app.versions import Versions
from lib_train.host.protocol import Host
from lib_train.jobs.listener import Listener
from lib_train.jobs.queue import Job, Put, Queue, Stopped, Task
from lib_train.jobs.wishes import Wishes
from lib_train.store.projects import Version
from lib_train.texts import say


class Judgements:
    """Of all versions of one host.

    Args:
        looking_in: what finds the pictures of a version's runs.
    """

    def __init__(
        self,
        host: Host,
        versions: Versions,
        looking_in: Callable[[Version], Look],
        queue: Queue,
        wishes: Wishes,
        listener: Listener,
    ) -> None:
        self._host, self._versions, self._looking_in = host, versions, looking_in
        self._queue, self._wishes, self._listener = queue, wishes, listener
        queue.kinds["judge"] = self._judging

    def figures(self, project: str, version: str) -> dict[str, Any]:
        """See ``answer``.

        Raises:
            TrainToolsError: there is no such version, or its figures.json cannot be read.
        """
        return answer(self._versions.existing(project, version))

    def start(self, project: str, version: str, run: str = "", put: Put | None = None) -> None:
        """Begin to measure the checkpoints of a run.

        Args:
            run: its name; empty is the newest that has checkpoints.
            put: what becomes of the job; None starts it at once.

        Raises:
            TrainToolsError: as for ``prepared``; or a job is going on.
        """
        job = Job(kind="judge", project=project, version=version, config={"run": run})
        if put is None:
            self._queue.require_idle()
        run_of(self._versions.existing(project, version), run)
        (put or self._queue.start)(job)

    def _judging(self, job: Job) -> Task:
        def do() -> str:
            there = self._versions.existing(job.project, job.version)
            found = prepared(self._host, there, str(job.config.get("run", "")), self._looking_in(there))
            count = found.carry_out(self._host, self._listener, self._wishes.stop)
            if self._wishes.stop.is_set():
                raise Stopped(say("the figures measured so far are kept: {count}", count=count))
            return outcome(there, count)

        return Task(do=do, ready=partial(require_host, self._host))
