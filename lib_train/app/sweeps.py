"""Sweeps: many trainings that differ in some settings, added to the queue at once, with a report at their end."""

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any
from uuid import uuid4

from lib_train.app.drawings import require_samplers
from lib_train.app.fits import fitted_on
from lib_train.app.kept import DEFAULT, KeptSettings
from lib_train.app.preview_jobs import Flat
from lib_train.app.service import Service
from lib_train.app.sweep_plans import PlannedRun, PlannedSweep, planned
from lib_train.app.sweep_reports import SweepReports, report_job
from lib_train.app.training_jobs import TrainingJobs
from lib_train.app.trainings import Looking
from lib_train.config.codec import to_json
from lib_train.config.run import RunConfig
from lib_train.config.sweep import difference, told
from lib_train.error_json import problems_json, without_root
from lib_train.errors import ConfigError, Problem, ProjectError
from lib_train.jobs.queue import Put, Queue
from lib_train.jobs.space import require_space
from lib_train.jobs.sweep_pictures import Line, one_of_each, requests_of
from lib_train.jobs.sweep_rows import Row, rows_of
from lib_train.jobs.wishes import Wishes
from lib_train.previews.fixed_prompts import fixed_prompts, trigger_in
from lib_train.store.sweeps import Sweep, new_sweep, sweep_named, sweeps_of
from lib_train.texts import say, with_texts

PROMPTS = ("version", "fixed")
"""With which prompts reports are made: the version's, or thirteen that are always the same."""


class Sweeps:
    """Plans sweeps, gives them to the queue, and makes their reports."""

    def __init__(
        self,
        service: Service,
        kept: KeptSettings,
        queue: Queue,
        wishes: Wishes,
        jobs: TrainingJobs,
        looking_in: Looking,
    ) -> None:
        self._service, self._kept, self._jobs, self._looking_in = service, kept, jobs, looking_in
        self._queue, self._versions = queue, kept.versions
        self._reports = SweepReports(service, queue, wishes, kept.versions)

    def plan(
        self, project: str, version: str, axes: Mapping[str, str], settings: Flat | None = None,
        revision: int | None = None,
    ) -> PlannedSweep:  # fmt: skip
        """What a sweep would do; nothing is written.

        Args:
            axes: alternatives by setting, see ``config.sweep``.
            settings: that its runs share, by name; None takes the version's own.
            revision: of the version's own settings that somebody has looked at.

        Raises:
            TrainToolsError: alternatives or settings cannot be used at all.
        """
        kept = self._kept
        config = kept.for_run(project, version, revision) if settings is None else kept.permitted.config_of(settings)
        return planned(self._jobs, kept.permitted, project, version, config, axes)

    def add(
        self, project: str, version: str, plan: PlannedSweep, prompts: str = "version", language: str = ""
    ) -> Sweep:
        """Add all runs to the queue, and behind them the report: all of them or nothing.

        Args:
            prompts: one of ``PROMPTS``; without prompts of its own a version gets the fixed ones.
            language: of the report; see ``languages.language_named``.

        Raises:
            TrainToolsError: a run cannot begin, or something cannot be written; nothing is added then.
        """
        plan.require_good()
        config = self._compared(project, version, plan.config, prompts)
        place = self._versions.named(project, version)
        require_space(place.folder, plan.disk_bytes)
        made, names = self._versions.made(project, version), plan.names
        jobs = [
            replace(run.job, key=uuid4().hex, name=name) for run, name in zip(plan.runs, names, strict=True) if run.job
        ]

        def asked(sweep: str) -> dict[str, Any]:
            rows = [
                {"key": job.key, "name": job.name, "note": _note(sweep, run.changes), "changes": dict(run.changes),
                 "steps": job.steps, "base": list(job.base)}
                for run, job in zip(plan.runs, jobs, strict=True)
            ]  # fmt: skip
            axes = [{"name": name, "values": list(values)} for name, values in plan.axes]
            size = list(fitted_on(self._service.host, config).dataset.size)
            return {"axes": axes, "config": to_json(config), "size": size, "prompts": prompts, "runs": rows}

        if made.kept() == DEFAULT != replace(DEFAULT, config=plan.shared):
            made.keep_settings(plan.shared)
        sweep = new_sweep(made, asked)
        jobs = [replace(job, note=_note(sweep.name, run.changes), sweep=sweep.name)
                for run, job in zip(plan.runs, jobs, strict=True)]  # fmt: skip
        try:
            self._queue.add_all([*jobs, report_job(sweep, language)])
        except BaseException:
            sweep.discard()
            raise
        return sweep

    def answer(self, plan: PlannedSweep, prompts: str = "version") -> dict[str, Any]:
        """A plan as JSON values."""
        preview = one_of_each(plan.config.preview)
        if prompts == "fixed" or not preview.preview_prompts:
            preview = replace(preview, preview_prompts=fixed_prompts(""))
        line = Line(config=plan.config)
        columns = len(requests_of(line, preview, (64, 64)))
        return {
            "axes": [name for name, _ in plan.axes],
            "runs": [_planned_answer(run, name, self._kept.versions.root)
                     for run, name in zip(plan.runs, plan.names, strict=True)],
            "steps": plan.steps, "seconds": plan.seconds, "disk_bytes": plan.disk_bytes,
            "pictures": columns * (1 + len(plan.runs)),
        }  # fmt: skip

    def report(self, project: str, version: str, name: str = "", language: str = "", put: Put | None = None) -> Sweep:
        """Make the report of a sweep anew, from what there is of its runs.

        Args:
            name: of the sweep; empty is the newest.
            put: what becomes of the job; None adds it to the queue.

        Raises:
            TrainToolsError: there is no such sweep, or queue.json cannot be written.
        """
        sweep = sweep_named(self._versions.existing(project, version), name)
        sweep.asked()
        (put or self._queue.add)(report_job(sweep, language))
        return sweep

    def listed(self, project: str, version: str) -> list[dict[str, Any]]:
        """The version's sweeps, newest first, with what has become of their runs, as JSON values."""
        there, jobs = self._versions.existing(project, version), self._queue.seen()
        return [_answer(sweep, rows_of(sweep, jobs)) for sweep in reversed(sweeps_of(there))]

    def file(self, project: str, version: str, name: str, kind: str) -> Path:
        """A file of a sweep's report.

        Args:
            kind: "html", "png" or "csv".

        Raises:
            ProjectError: there is none.
        """
        sweep = sweep_named(self._versions.existing(project, version), name)
        if (path := sweep.reports().get(kind)) is None:
            raise ProjectError(say("{name}: has no report yet; make it", name=sweep.name))
        return path

    def _compared(self, project: str, version: str, config: RunConfig, prompts: str) -> RunConfig:
        """The settings with the prompts of the report, and the base model of now."""
        if prompts not in PROMPTS:
            raise ConfigError([Problem("prompts", prompts, say("choose one of {known}", known=", ".join(PROMPTS)))])
        if prompts == "fixed" or not config.preview.preview_prompts:
            there = self._versions.named(project, version)
            found = self._service.accepted(config, there, self._looking_in(there))[1].pictures
            trained = [one for one in found if not one.is_reg]
            trigger = trigger_in(config.dataset.caption_prefix, [one.caption for one in trained],
                                 [one.folder for one in trained])  # fmt: skip
            config = replace(config, preview=replace(config.preview, preview_prompts=fixed_prompts(trigger)))
        require_samplers(self._service.host, config.preview)
        ref = self._service.base(config)
        return replace(config, base_model=str(ref.path), vae=str(ref.vae or ""))


def _note(sweep: str, changes: Mapping[str, Any]) -> str:
    return f"{sweep}: {difference(changes)}"


def _planned_answer(run: PlannedRun, name: str, root: Path) -> dict[str, Any]:
    report, error = run.report, run.error
    facts = {
        "name": name,
        "values": {setting: told(setting, value) for setting, value in run.changes.items()},
        "steps": report.plan.total_steps if report else None,
        "seconds": report.seconds if report else None,
        "seconds_are": report.seconds_are if report else "",
        "problems": problems_json(error.problems, root) if isinstance(error, ConfigError) else [],
        "error": without_root(str(error), root) if error and not isinstance(error, ConfigError) else "",
    }
    return with_texts(facts)


def _answer(sweep: Sweep, rows: list[Row]) -> dict[str, Any]:
    asked = sweep.asked()
    return {
        "name": sweep.name,
        "made_at": float(asked.get("made_at") or 0),
        "axes": [str(one["name"]) for one in asked["axes"]],
        "runs": [_row_answer(row) for row in rows],
        "files": sorted(sweep.reports()),
    }


def _row_answer(row: Row) -> dict[str, Any]:
    facts = {name: getattr(row, name) for name in ("name", "state", "why", "step", "steps", "loss", "val_on", "val_off",
                                                   "seconds")}  # fmt: skip
    last = row.checkpoints[-1].name if row.checkpoints else ""
    return with_texts({**facts, "run": row.run.name if row.run else "", "checkpoint": last})
