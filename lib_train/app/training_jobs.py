"""Trainings as jobs: started at once, added to the queue, resumed."""

import hashlib
import json
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import replace
from functools import partial
from typing import Any

from lib_train.app.kept import KeptSettings
from lib_train.app.preview_jobs import Flat, require_host
from lib_train.app.service import Service
from lib_train.app.trainings import Looking
from lib_train.config.codec import from_json, to_json
from lib_train.config.run import RunConfig
from lib_train.errors import ProjectError
from lib_train.jobs.outcome import Outcome, of_learned
from lib_train.jobs.provenance import base_from, base_json, base_of, require_same_base
from lib_train.jobs.queue import Job, Put, Queue, Stopped, Task
from lib_train.jobs.undrawn import undrawn
from lib_train.jobs.wishes import Wishes
from lib_train.pictures.records import Scan
from lib_train.planning.report import Report
from lib_train.store.projects import Version
from lib_train.store.runs import Run, run_named, run_of_job
from lib_train.texts import say


class TrainingJobs:
    """Gives trainings to the queue, and carries them out.

    Args:
        looking_in: what finds the pictures of a version, and remembers them.
    """

    def __init__(self, service: Service, kept: KeptSettings, queue: Queue, wishes: Wishes, looking_in: Looking) -> None:
        self._service, self._kept, self._looking_in = service, kept, looking_in
        self._host, self._versions = service.host, kept.versions
        self._queue, self._wishes = queue, wishes
        queue.kinds |= {"train": self._training, "resume": self._resuming}

    def train(
        self, project: str, version: str, settings: Flat | None = None, revision: int | None = None,
        changes: Flat | None = None,
    ) -> None:  # fmt: skip
        """Start a run.

        Args:
            settings: by name, and kept in the version from then on; None takes the version's own.
            revision: of the version's own settings that somebody has looked at.
            changes: settings by name that count for this run alone.

        Raises:
            TrainToolsError: settings cannot be used, or a job is going on.
        """
        config = self._to_train(project, version, settings, revision, changes)
        self._queue.start(Job(kind="train", project=project, version=version, config=to_json(config)))

    def add(
        self, project: str, version: str, settings: Flat | None = None, revision: int | None = None,
        changes: Flat | None = None, name: str = "", note: str = "",
    ) -> int:  # fmt: skip
        """Add a training to the queue, with these settings and the present base model whatever changes later.

        Args:
            settings, revision, changes: as for ``train``.
            name, note: what to call it, and what to say of it.

        Returns:
            The job's number.

        Raises:
            TrainToolsError: settings, pictures or base model cannot be used.
        """
        config = self._to_train(project, version, settings, revision, changes)
        job, _ = self.frozen(project, version, config)
        return self._queue.add(replace(job, name=name, note=note))

    def frozen(self, project: str, version: str, config: RunConfig) -> tuple[Job, Report]:
        """A training with these settings, the present base model and pictures, that is in no queue yet; and its plan.

        Raises:
            TrainToolsError: settings, pictures or base model cannot be used.
        """
        there = self._versions.named(project, version)
        _, found, report = self._service.accepted(config, there, self._looking_in(there))
        ref = self._service.base(config)
        taken = replace(config, base_model=str(ref.path), vae=str(ref.vae or ""))
        job = Job(kind="train", project=project, version=version, config=to_json(taken), base=base_json(base_of(ref)),
                  pictures=_mark_of(found), steps=report.plan.total_steps)  # fmt: skip
        return job, report

    def resume(
        self, project: str, version: str, run: str = "", with_changes: bool = False, put: Put | None = None
    ) -> None:
        """Resume a stopped run; an empty name is the newest.

        Args:
            with_changes: whether also with other data than it began with.
            put: what becomes of the job; None starts it at once.

        Raises:
            RunChanged: what the run was made from has changed.
            TrainToolsError: there is no such run, or a job is going on.
        """
        found = run_named(self._versions.named(project, version), run, "resume")
        if put is None:
            self._queue.require_idle()
            require_host(self._host)
        with found.held():
            self._service.resumed(found, self._looking_in(found.version), with_changes)
        config = {"run": found.name, "with_changes": with_changes}
        key = str(found.settings().get("job", ""))
        (put or self._queue.start)(Job(kind="resume", project=project, version=version, config=config, key=key))

    def _to_train(
        self, project: str, version: str, settings: Flat | None, revision: int | None, changes: Flat | None
    ) -> RunConfig:
        """Settings that came with a request, now kept, or else those of the version; with changes, which are not."""
        if settings is None:
            config = self._kept.for_run(project, version, revision)
        else:
            config = self._kept.permitted.config_of(settings)
            self._kept.replace(project, version, config)
        return self._kept.permitted(from_json(to_json(config), changes)[0]) if changes else config

    def _training(self, job: Job) -> Task:
        config, base = from_json(job.config)[0], base_from(job.base)

        def ready() -> None:
            require_host(self._host)
            ref = self._service.base(config)
            if base:
                require_same_base(base, ref)

        return Task(do=partial(self._trained, job, config), ready=ready)

    def _trained(self, job: Job, config: RunConfig) -> str:
        """Start the job's run, or go on with it where it has begun before."""
        there = self._versions.named(job.project, job.version)
        if not there.folder.is_dir():
            raise ProjectError(
                say("{project} {version}: was deleted or renamed while it waited; add it again",
                    project=job.project, version=job.version)
            )  # fmt: skip
        run = run_of_job(there, job.key)
        if run and run.finished():
            return self._drawn(run, config)
        if run and (learned := of_learned(run)):
            return _outcome_text(learned)
        if run and run.can_resume():
            return _outcome_text(self._service.resume(job.project, job.version, run.name, self._wishes))
        if job.sweep:
            self._service.listener.message(job.note)
        self._tell_of_changes(job, config, there)
        return _outcome_text(self._service.train(job.project, job.version, config, self._wishes, keep=False, job=job))

    def _drawn(self, run: Run, config: RunConfig) -> str:
        """What of a finished run's previews was not made before its process ended."""
        checkpoints, preview = run.checkpoints(), config.preview
        known = preview.preview_prompts and not preview.preview_like_txt2img  # nobody knows now what that was set to
        wanted = preview.preview_after_training and known and checkpoints
        if wanted and undrawn(self._host, run.version, checkpoints, config)[0]:
            self._service.preview(checkpoints, config, run.version, self._wishes.stop, reuses=True, by_axes=True)
        return _outcome_text(Outcome(run, not self._wishes.stop.is_set(), checkpoints))

    def _tell_of_changes(self, job: Job, config: RunConfig, there: Version) -> None:
        if job.pictures and self._mark_now(config, there) != job.pictures:
            note = say("pictures or captions have changed while it waited; it is trained on those of now")
            self._service.listener.message(say("note: {note}", note=note))

    def _mark_now(self, config: RunConfig, there: Version) -> str:
        return _mark_of(self._service.accepted(config, there, self._looking_in(there))[1])

    def _resuming(self, job: Job) -> Task:
        name, with_changes = str(job.config.get("run", "")), bool(job.config.get("with_changes"))

        def do() -> str:
            if job.again:
                run = run_named(self._versions.named(job.project, job.version), name)
                if run.finished():
                    return self._drawn(run, from_json(run.settings()["config"])[0])
                if learned := of_learned(run):
                    return _outcome_text(learned)
            resume = self._service.resume
            return _outcome_text(resume(job.project, job.version, name, self._wishes, with_changes=with_changes))

        return Task(do=do, ready=partial(require_host, self._host))


def _mark_of(found: Scan) -> str:
    """Changes with pictures, captions, repeats and folders."""
    rows: list[tuple[Any, ...]] = []
    for one in found.pictures:
        changed: Mapping[str, int] = {}
        with suppress(OSError):
            stat = one.path.stat()
            changed = {"size": stat.st_size, "time": stat.st_mtime_ns}
        rows.append((one.folder, one.path.name, one.caption, one.repeats, one.is_reg, changed))
    return hashlib.sha256(json.dumps(rows).encode()).hexdigest()[:32]


def _outcome_text(outcome: Outcome) -> str:
    """The result of a run, in one line.

    Raises:
        Stopped: it can be resumed.
    """
    if not outcome.over:
        raise Stopped(say("the state of {run} is saved and can be resumed; it is no LoRA file", run=outcome.run.name))
    count, folder = len(outcome.checkpoints), outcome.run.version.inside("checkpoints")
    if count == 1:
        return say("1 checkpoint in {folder}", folder=folder)
    return say("{count} checkpoints in {folder}", count=count, folder=folder)
