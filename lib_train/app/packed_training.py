"""Carries out what waits in a project that came out of an archive, and goes on where it was stopped or killed."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

import torch

from lib_train.app.packed_models import Given, Models
from lib_train.app.service import Service
from lib_train.app.unpacking import manifest_of
from lib_train.config.codec import from_json, to_json
from lib_train.config.run import RunConfig
from lib_train.errors import ProjectError, TrainToolsError
from lib_train.jobs.outcome import Outcome, of_learned
from lib_train.jobs.undrawn import undrawn
from lib_train.jobs.wishes import Wishes
from lib_train.locks import held
from lib_train.store.pack_places import unpacked_into, with_paths
from lib_train.store.packs import Manifest
from lib_train.store.projects import Project, Version
from lib_train.store.queue import Job
from lib_train.store.runs import Run, run_named, run_of_job
from lib_train.texts import joined, say

_LOCK = ".training.lock"
Services = Callable[[str], Service]
"""Given mixed_precision, the use cases on a host for it."""


@dataclass
class Done:
    """How it went."""

    outcomes: list[Outcome] = field(default_factory=list)
    failed: list[str] = field(default_factory=list)
    """A sentence for each job that failed."""
    jobs: dict[str, str] = field(default_factory=dict)
    """Keys of jobs that are done, and what came of each."""
    finished: bool = True
    """Whether all was carried out, and nobody stopped it."""


@dataclass(frozen=True, kw_only=True)
class _Work:
    """A training, or a run to be resumed."""

    version: Version
    name: str
    job: Job
    config: RunConfig
    models: Mapping[str, str]
    run: str = ""
    """Of one that is resumed."""


class PackedTraining:
    """Of one project that ``unpacking.taken_in`` made.

    Args:
        changes: settings by name that count for each training that begins here.
        threads: of the CPU; None takes for a resumed run those that it had.
    """

    def __init__(
        self, services: Services, project: Project, given: Given, changes: Mapping[str, Any],
        threads: int | None = None,
    ) -> None:  # fmt: skip
        manifest = manifest_of(project)
        if manifest is None:
            raise ProjectError(say("{project}: came out of no archive", project=project.name))
        self._services, self._project, self._manifest = services, project, manifest
        self._given, self._changes, self._threads = given, changes, threads

    def run(self, wishes: Wishes, tell: Callable[[str], object]) -> Done:
        """Carry out all of it; what is finished already is left as it is.

        Args:
            tell: is told what begins, and what failed.

        Raises:
            TrainToolsError: a base model is missing, or another process carries it out: nothing has begun.
        """
        done = Done()
        with held(self._project.folder / _LOCK, self._project.name):
            works = list(self._works())
            for place, work in enumerate(works, start=1):
                tell(say("{place} of {count}: {name}", place=place, count=len(works), name=work.name))
                try:
                    outcome = self._carried_out(work, wishes)
                except TrainToolsError as error:
                    done.failed.append(joined(": ", (work.name, error)))
                    continue
                done.outcomes.append(outcome)
                if not outcome.over:
                    done.finished = False
                    break
                done.jobs[work.job.key] = say("{run}, checkpoints: {count}", run=outcome.run.name,
                                          count=len(outcome.checkpoints))  # fmt: skip
        return done

    def _works(self) -> Iterator[_Work]:
        """Runs that came along, then jobs that waited; of neither a training of each version."""
        manifest = self._manifest
        runs, jobs = list(manifest.runs), [job for job in manifest.jobs if job.get("kind") == "train"]
        for place in runs:
            yield self._resumed(place, manifest)
        change = unpacked_into(self._project.folder.resolve(), self._project.name)
        for job in jobs:
            base = job.get("base") or manifest.bases.get(str(job.get("version")), ())
            yield self._training({**job, "config": with_paths(dict(job.get("config", {})), change)}, base)
        for name in () if runs or jobs else manifest.versions:
            config = to_json(self._project.named(name).kept().config)
            facts = {"version": name, "key": f"{manifest.id[:24]}-{name}", "config": config}
            yield self._training(facts, manifest.bases.get(name, ()))

    def _resumed(self, place: str, manifest: Manifest) -> _Work:
        version, _, name = place.partition("/")
        run = run_named(self._project.named(version), name)
        config = from_json(run.settings()["config"])[0]
        keys = [str(job.get("key")) for job in manifest.jobs if job.get("kind") == "resume"
                and (job.get("version"), dict(job.get("config", {})).get("run")) == (version, name)]  # fmt: skip
        models = self._models(config).of(manifest.bases.get(place, ()))
        job = Job(kind="resume", key=[*keys, place][0])
        return _Work(version=run.version, name=f"{version} {name}", job=job, config=config, models=models,
                     run=name)  # fmt: skip

    def _training(self, job: Mapping[str, Any], base: Sequence[Mapping[str, Any] | None]) -> _Work:
        given = dict(job.get("config", {}))
        version = self._project.named(str(job.get("version")))
        models = self._models(from_json(given, {"base_model": "", "vae": ""})[0]).of(base)
        config = from_json(given, {"base_model": "", "vae": "", **self._changes, **models})[0]
        name = " ".join(part for part in (version.name, str(job.get("name", ""))) if part)
        told = {one: str(job.get(one, "")) for one in ("name", "note", "sweep", "key")}
        waited = replace(Job(kind="train", project=self._project.name, version=version.name), **told)  # type: ignore[arg-type]
        return _Work(version=version, name=name, job=waited, config=config, models=models)

    def _models(self, config: RunConfig) -> Models:
        return Models(self._services(config.training.mixed_precision).host, self._project, self._given)

    def _carried_out(self, work: _Work, wishes: Wishes) -> Outcome:
        run = run_named(work.version, work.run) if work.run else run_of_job(work.version, work.job.key)
        service = self._services(work.config.training.mixed_precision)
        place = self._project.name, work.version.name
        if run and run.finished():
            return self._drawn(service, run, work, wishes)
        if run and (learned := of_learned(run)):
            return learned
        if run and run.can_resume():
            if self._threads is None and isinstance(threads := run.settings().get("threads"), int):
                torch.set_num_threads(threads)  # with others, sums are rounded in another order
            others = self._given.takes_others
            return service.resume(*place, run.name, wishes, with_changes=others, places=work.models)
        return service.train(*place, work.config, wishes, keep=False, job=work.job)

    @staticmethod
    def _drawn(service: Service, run: Run, work: _Work, wishes: Wishes) -> Outcome:
        """A finished run, with what of its previews was not made before its process ended."""
        config = from_json(run.settings()["config"], work.models)[0]
        checkpoints, preview = run.checkpoints(), config.preview
        wanted = preview.preview_after_training and preview.preview_prompts and checkpoints
        grids: Sequence[Any] = ()
        if wanted and undrawn(service.host, run.version, checkpoints, config)[0]:
            grids = service.preview(checkpoints, config, run.version, wishes.stop, reuses=True, by_axes=True)
        return Outcome(run, not wishes.stop.is_set(), checkpoints, tuple(grids))
