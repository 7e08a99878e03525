"""Reports of sweeps as jobs: pictures of what there is of the runs, beside their figures."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from functools import partial
from typing import Any

from lib_train.app.preview_jobs import require_host
from lib_train.app.service import Service
from lib_train.app.versions import Versions
from lib_train.config.codec import from_json
from lib_train.config.run import RunConfig
from lib_train.errors import HostModelError
from lib_train.jobs.provenance import base_from, base_of, same_base
from lib_train.jobs.queue import Job, Queue, Stopped, Task
from lib_train.jobs.sweep_page import page_of
from lib_train.jobs.sweep_pictures import Line, draw_lines, one_of_each, requests_of
from lib_train.jobs.sweep_report import Report, write_report
from lib_train.jobs.sweep_rows import Row, rows_of
from lib_train.jobs.wishes import Wishes
from lib_train.store.sweeps import Sweep, sweep_named
from lib_train.texts import say


def report_job(sweep: Sweep, language: str) -> Job:
    """The making of a report, as a job for the queue."""
    version = sweep.version
    config = {"sweep": sweep.name, "language": language}
    return Job(kind="report", project=version.project.name, version=version.name, config=config, name=sweep.name,
               sweep=sweep.name)  # fmt: skip


class SweepReports:
    """Makes reports for the queue."""

    def __init__(self, service: Service, queue: Queue, wishes: Wishes, versions: Versions) -> None:
        self._service, self._queue, self._wishes, self._versions = service, queue, wishes, versions
        queue.kinds["report"] = self._reporting

    def _reporting(self, job: Job) -> Task:
        there = self._versions.named(job.project, job.version)
        sweep, language = sweep_named(there, str(job.config.get("sweep", ""))), str(job.config.get("language", ""))
        return Task(do=partial(self._reported, sweep, language), ready=partial(self._ready, sweep))

    def _ready(self, sweep: Sweep) -> None:
        """Check that the host can draw with the base models of the runs.

        Raises:
            TrainToolsError: it cannot now.
        """
        require_host(self._service.host)
        shared = from_json(sweep.asked()["config"])[0]
        for config in (shared, *(_config_of(row, shared) for row in self._rows(sweep) if row.checkpoints)):
            self._service.base(config)

    def _rows(self, sweep: Sweep) -> list[Row]:
        return rows_of(sweep, self._queue.seen())

    def _reported(self, sweep: Sweep, language: str) -> str:
        asked, rows = sweep.asked(), self._rows(sweep)
        self._require_same_bases(asked["runs"], rows)
        config = from_json(asked["config"])[0]
        config = replace(config, preview=one_of_each(config.preview))
        with sweep.version.drawn():
            report = self._drawn(sweep, config, tuple(map(int, asked["size"])), rows)  # type: ignore[arg-type]
            report = replace(report, axes=[str(one["name"]) for one in asked["axes"]], language=language)
            for path in write_report(report, page_of(report)):
                self._service.listener.file_written(path)
        return _outcome(sweep, rows)

    def _drawn(self, sweep: Sweep, config: RunConfig, size: tuple[int, int], rows: Sequence[Row]) -> Report:
        """The report with its pictures.

        Raises:
            Stopped: somebody ended it; what was made is kept.
            TrainToolsError: the host or the disk cannot be used.
        """
        service, base = self._service, Line(config=config)
        lines = [base, *(Line(config=_config_of(row, config), network=_last_of(row)) for row in rows)]
        wanted = [requests_of(line, config.preview, size) if line.network or line is base else [] for line in lines]
        folder = sweep.version.part("sweeps", sweep.name, "pictures")
        previews = sweep.version.inside("previews")
        shown = draw_lines(service.host, lines, wanted, folder, service.listener, self._wishes.stop, previews)
        if self._wishes.stop.is_set():
            raise Stopped(say("the pictures made so far are kept"))
        return Report(
            sweep=sweep, config=config, base=service.base(config).title, rows=rows, columns=wanted[0],
            base_shown=shown[0], shown=shown[1:],
        )  # fmt: skip

    def _require_same_bases(self, asked: Sequence[Mapping[str, Any]], rows: Sequence[Row]) -> None:
        """Check that the runs' base models are still the files of when they were asked for.

        Raises:
            HostModelError: one is another file now.
        """
        for one, row in zip(asked, rows, strict=True):
            then = base_from(one.get("base") or ())
            if not (then and row.checkpoints):
                continue
            now = base_of(self._service.base(_config_of(row, RunConfig())))
            if not same_base(then, now):
                raise HostModelError(
                    say("{name}: was trained on {base}, and {other} lies there now; put the first back to make the "
                        "report", name=row.name, base=then[0], other=now[0])
                )  # fmt: skip


def _last_of(row: Row) -> Any:
    return row.checkpoints[-1] if row.checkpoints else None


def _config_of(row: Row, shared: RunConfig) -> RunConfig:
    """Settings of a run, as it was begun with; those of all where it has not begun."""
    return from_json(row.run.settings()["config"])[0] if row.run else shared


def _outcome(sweep: Sweep, rows: Sequence[Row]) -> str:
    missing = [row.name for row in rows if row.state != "finished"]
    if not missing:
        return say("report of {count} runs in {folder}", count=len(rows), folder=sweep.folder)
    return say(
        "report of {done} of {count} runs in {folder}; not finished: {missing}",
        done=len(rows) - len(missing), count=len(rows), folder=sweep.folder, missing="; ".join(missing),
    )  # fmt: skip
