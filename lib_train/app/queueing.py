"""What a page has the host do: train, resume, preview; at once, or when its turn comes."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from lib_train.app.kept import KeptSettings
from lib_train.app.plans import Look
from lib_train.app.results import Results
from lib_train.app.service import Service
from lib_train.config.run import RunConfig
from lib_train.errors import FileError, HostModelError, ProjectError
from lib_train.jobs.outcome import Outcome
from lib_train.jobs.provenance import Base, base_of, require_same_base
from lib_train.jobs.queue import Job, Queue, Stopped
from lib_train.jobs.wishes import Wishes
from lib_train.store.runs import paths_of, run_named

Flat = Mapping[str, Any]
"""Settings by name."""


class Queueing:
    """Makes jobs of what people ask for, and gives them to the queue.

    Args:
        look: finds pictures, and remembers them.
    """

    def __init__(
        self, service: Service, results: Results, kept: KeptSettings, queue: Queue, wishes: Wishes, look: Look
    ) -> None:
        self._service, self._results, self._kept, self._look = service, results, kept, look
        self._host, self._versions = results.host, results.versions
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
        """Have a training wait for its turn, with these settings and the base model of now whatever comes after.

        Args:
            settings, revision: as for ``train``.

        Raises:
            TrainToolsError: settings, pictures or base model cannot be used.
        """
        config = self._to_train(project, version, settings, revision)
        report = self._service.accepted(config, self._versions.named(project, version), self._look)[2]
        ref = self._service.base(config)
        frozen = replace(config, base_model=str(ref.path), vae=str(ref.vae or ""))
        self._queue.add(self._training(project, version, frozen, report.plan.total_steps, base_of(ref)))

    def resume(self, project: str, version: str, run: str = "", with_changes: bool = False) -> None:
        """Go on with a stopped run; the newest for an empty name.

        Args:
            with_changes: whether also with other data than it began with.

        Raises:
            RunChanged: what the run was made from has changed.
            TrainToolsError: there is no such run, or a job is going on.
        """
        found = run_named(self._versions.named(project, version), run)
        self._queue.require_idle()
        self._require_host()
        with found.held():
            self._service.resumed(found, self._look, with_changes)

        def do() -> str:
            resume = self._service.resume
            return _outcome_text(resume(project, version, found.name, self._wishes, with_changes=with_changes))

        self._start("resume", project, version, do)

    def preview(self, project: str, version: str, files: Sequence[str], settings: Flat | None = None) -> None:
        """Make pictures of checkpoints, all of the version for none named, with its own settings if none are given.

        Raises:
            TrainToolsError: settings cannot be used, there are no checkpoints, or a job is going on.
        """
        kept = self._kept
        config = kept.for_run(project, version) if settings is None else kept.permitted.config_of(settings)
        there = self._versions.named(project, version)
        chosen = [self._results.checkpoint(project, version, name) for name in files] or paths_of(there)[::-1]
        if not chosen:
            raise FileError(f"{there.name}: holds no checkpoints yet; train first")

        def do() -> str:
            sheets = self._service.preview(chosen, config, there, self._wishes.stop)
            if self._wishes.stop.is_set():
                raise Stopped("the pictures made so far are kept")
            return f"{_count(len(sheets), 'sheet')} in {sheets[0].parent}"

        self._start("preview", project, version, do, chosen)

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
                raise ProjectError(f"{project} {version}: was deleted or renamed while it waited; add it again")
            return _outcome_text(self._service.train(project, version, config, self._wishes, keep=False))

        def ready() -> None:
            self._require_host()
            ref = self._service.base(config)
            if base:
                require_same_base(base, ref)

        return Job(kind="train", project=project, version=version, do=do, ready=ready, steps=steps)

    def _start(self, kind: str, project: str, version: str, do: Callable[[], str], files: Sequence[Path] = ()) -> None:
        job = Job(kind=kind, project=project, version=version, do=do, ready=self._require_host, files=tuple(files))
        self._queue.start(job)

    def _require_host(self) -> None:
        if problem := self._host.problem():
            raise HostModelError(problem)


def _outcome_text(outcome: Outcome) -> str:
    """What came of a run, in one line.

    Raises:
        Stopped: it can be resumed.
    """
    if not outcome.finished:
        raise Stopped(f"{outcome.run.name} is saved and can be resumed")
    return f"{_count(len(outcome.checkpoints), 'checkpoint')} in {outcome.run.version.part('checkpoints')}"


def _count(number: int, what: str) -> str:
    return f"{number} {what}{'' if number == 1 else 's'}"
