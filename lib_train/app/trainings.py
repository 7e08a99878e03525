"""Starts and resumes runs, and runs them to their end."""

import random
from collections.abc import Callable, Mapping
from typing import Any

import torch

from lib_train.app.folders import with_own_folders
from lib_train.app.judged import outcome as outcome_of
from lib_train.app.judged import prepared
from lib_train.app.plans import Look, Plans
from lib_train.app.versions import Versions
from lib_train.config.codec import to_json
from lib_train.config.run import RunConfig
from lib_train.errors import TrainToolsError
from lib_train.host.protocol import Host
from lib_train.jobs.file_facts import own_version
from lib_train.jobs.listener import Listener
from lib_train.jobs.outcome import Outcome
from lib_train.jobs.resuming import Start, resumed
from lib_train.jobs.space import require_space
from lib_train.jobs.training_run import run_to_end
from lib_train.jobs.wishes import Wishes
from lib_train.store.asked import taken
from lib_train.store.learned import keep_learned, let_go_on
from lib_train.store.projects import Version
from lib_train.store.queue import Job
from lib_train.store.runs import Run, new_run, run_named
from lib_train.texts import say

Looking = Callable[[Version], Look]


def _facts_of(job: Job) -> dict[str, str]:
    """What a run keeps of its job."""
    told = {"job": job.key, "name": job.name, "note": job.note, "sweep": job.sweep}
    return {name: text for name, text in told.items() if text}


class Trainings:
    """Runs trainings on one host.

    Args:
        looking_in: what finds the pictures of a version's runs.
        signals: whether Ctrl-C stops a run between two steps; only in the main thread.
    """

    def __init__(
        self, host: Host, versions: Versions, plans: Plans, listener: Listener, looking_in: Looking, signals: bool
    ) -> None:
        self._host, self._versions, self._plans, self._listener = host, versions, plans, listener
        self._looking_in, self._signals = looking_in, signals

    def train(
        self, project: str, version: str, config: RunConfig, wishes: Wishes | None = None, keep: bool = True,
        job: Job | None = None,
    ) -> Outcome:  # fmt: skip
        """Start a run, and run it to its end.

        Args:
            keep: whether the settings become the version's.
            job: that it is; the run keeps its key, and how it is called.

        Raises:
            TrainToolsError: it cannot start, or ended early; what was saved before is kept.
        """
        given = config
        there = self._versions.named(project, version)
        config, found, report = self._plans.accepted(config, there, self._looking_in(there))
        place = self._versions.made(project, version)
        require_space(place.folder, report.disk_bytes)
        for one in report.notes:
            self._listener.message(say("note: {note}", note=one))
        if keep:
            place.keep_settings(given)
        settings = to_json(self._plans.fitted(given))
        facts: dict[str, Any] = {
            "session_id": random.SystemRandom().randrange(2**32),
            "threads": torch.get_num_threads(),
            "program": own_version(),
            "torch": str(torch.__version__),
        }
        facts |= _facts_of(job) if job else {}
        run = new_run(place, {"config": settings, **facts, "kind": self._plans.kind(config)})
        ref = self._plans.base(config)
        with run.held():
            return self._run(Start(run=run, config=config, found=found, ref=ref, settings=settings), wishes)

    def resume(
        self,
        project: str,
        version: str,
        name: str = "",
        wishes: Wishes | None = None,
        *,
        with_changes: bool = False,
        places: Mapping[str, Any] | None = None,
    ) -> Outcome:
        """Resume a stopped or killed run from its newest whole state, and run it to its end.

        One that was killed when it had learned ends at once, as it would have; one that was over goes on.

        Args:
            with_changes, places: as for ``resumed``.

        Raises:
            RunChanged: what the run was made from has changed.
            TrainToolsError: there is no such run, it is finished, holds no state, or another process trains it.
        """
        run = run_named(self._versions.named(project, version), name, "resume")
        with run.held():
            taken(run)  # what was asked of a process that is gone
            start = self.resumed(run, self._looking_in(run.version), with_changes, places)
            let_go_on(run)
            return self._run(start, wishes)

    def resumed(
        self, run: Run, look: Look, with_changes: bool = False, places: Mapping[str, Any] | None = None
    ) -> Start:
        """How a run would be resumed; see ``resuming.resumed``."""
        return resumed(self._host, run, with_own_folders, look, with_changes=with_changes, places=places)

    def _run(self, start: Start, wishes: Wishes | None) -> Outcome:
        self._listener.message(say("base model {title}", title=start.ref.title))
        wishes = wishes or Wishes()
        outcome = run_to_end(self._host, start, self._listener, wishes, self._signals)
        if start.config.training.judge_after_training and outcome.over:
            self._judge(start.run, wishes)
        if outcome.learned:
            keep_learned(start.run)
        return outcome

    def _judge(self, run: Run, wishes: Wishes) -> None:
        """Measure the run's checkpoints; that it is not possible is told, and the run is as good."""
        try:
            found = prepared(self._host, run.version, run.name, self._looking_in(run.version))
            count = found.carry_out(self._host, self._listener, wishes.stop)
            self._listener.message(outcome_of(run.version, count))
        except TrainToolsError as error:
            why = say("the checkpoints were not measured: {why}", why=error)
            self._listener.message(say("note: {note}", note=why))
