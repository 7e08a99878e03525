"""Trainings as jobs: started at once, added to the queue, resumed."""

from dataclasses import replace
from functools import partial

from lib_train.app.kept import KeptSettings
from lib_train.app.preview_jobs import Flat, require_host
from lib_train.app.service import Service
from lib_train.app.trainings import Looking
from lib_train.config.run import RunConfig
from lib_train.errors import ProjectError
from lib_train.jobs.outcome import Outcome
from lib_train.jobs.provenance import Base, base_of, require_same_base
from lib_train.jobs.queue import Job, Queue, Stopped
from lib_train.jobs.wishes import Wishes
from lib_train.store.runs import run_named
from lib_train.texts import say


class TrainingJobs:
    """Gives trainings to the queue.

    Args:
        looking_in: what finds the pictures of a version, and remembers them.
    """

    def __init__(self, service: Service, kept: KeptSettings, queue: Queue, wishes: Wishes, looking_in: Looking) -> None:
        self._service, self._kept, self._looking_in = service, kept, looking_in
        self._host, self._versions = service.host, kept.versions
        self._queue, self._wishes = queue, wishes

    def train(self, project: str, version: str, settings: Flat | None = None, revision: int | None = None) -> None:
        """Start a run.

        Args:
            settings: by name, and kept in the version from then on; None takes the version's own.
            revision: of the version's own settings that somebody has looked at.

        Raises:
            TrainToolsError: settings cannot be used, or a job is going on.
        """
        self._queue.start(self._training(project, version, self._to_train(project, version, settings, revision)))

    def add(self, project: str, version: str, settings: Flat | None = None, revision: int | None = None) -> None:
        """Add a training to the queue, with these settings and the present base model whatever changes later.

        Args:
            settings, revision: as for ``train``.

        Raises:
            TrainToolsError: settings, pictures or base model cannot be used.
        """
        config = self._to_train(project, version, settings, revision)
        there = self._versions.named(project, version)
        report = self._service.accepted(config, there, self._looking_in(there))[2]
        ref = self._service.base(config)
        frozen = replace(config, base_model=str(ref.path), vae=str(ref.vae or ""))
        self._queue.add(self._training(project, version, frozen, report.plan.total_steps, base_of(ref)))

    def resume(self, project: str, version: str, run: str = "", with_changes: bool = False) -> None:
        """Resume a stopped run; an empty name is the newest.

        Args:
            with_changes: whether also with other data than it began with.

        Raises:
            RunChanged: what the run was made from has changed.
            TrainToolsError: there is no such run, or a job is going on.
        """
        found = run_named(self._versions.named(project, version), run)
        self._queue.require_idle()
        require_host(self._host)
        with found.held():
            self._service.resumed(found, self._looking_in(found.version), with_changes)

        def do() -> str:
            resume = self._service.resume
            return _outcome_text(resume(project, version, found.name, self._wishes, with_changes=with_changes))

        ready = partial(require_host, self._host)
        self._queue.start(Job(kind="resume", project=project, version=version, do=do, ready=ready))

    def _to_train(self, project: str, version: str, settings: Flat | None, revision: int | None) -> RunConfig:
        """Settings that came with a request, now kept, or else those of the version."""
        if settings is None:
            return self._kept.for_run(project, version, revision)
        config = self._kept.permitted.config_of(settings)
        self._kept.replace(project, version, config)
        return config

    def _training(
        self, project: str, version: str, config: RunConfig, steps: int | None = None, base: Base | None = None
    ) -> Job:
        def do() -> str:
            if not self._versions.named(project, version).folder.is_dir():
                raise ProjectError(
                    say("{project} {version}: was deleted or renamed while it waited; add it again",
                        project=project, version=version)
                )  # fmt: skip
            return _outcome_text(self._service.train(project, version, config, self._wishes, keep=False))

        def ready() -> None:
            require_host(self._host)
            ref = self._service.base(config)
            if base:
                require_same_base(base, ref)

        return Job(kind="train", project=project, version=version, do=do, ready=ready, steps=steps)


def _outcome_text(outcome: Outcome) -> str:
    """The result of a run, in one line.

    Raises:
        Stopped: it can be resumed.
    """
    if not outcome.finished:
        raise Stopped(say("{run} is saved and can be resumed", run=outcome.run.name))
    count, folder = len(outcome.checkpoints), outcome.run.version.inside("checkpoints")
    if count == 1:
        return say("1 checkpoint in {folder}", folder=folder)
    return say("{count} checkpoints in {folder}", count=count, folder=folder)
