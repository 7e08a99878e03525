"""What a sweep would do: each of its runs as a job that could begin, or why it could not."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from random import SystemRandom
from typing import Any

from lib_train.app.training_jobs import TrainingJobs
from lib_train.config.codec import from_json, to_json
from lib_train.config.preview import PreviewConfig
from lib_train.config.run import RunConfig
from lib_train.config.sweep import axes_in, combinations, difference, short_difference
from lib_train.errors import ConfigError, Problem, TrainToolsError
from lib_train.planning.report import Report
from lib_train.store.queue import Job
from lib_train.texts import say


@dataclass(frozen=True, kw_only=True)
class PlannedRun:
    """One run, before it begins."""

    changes: Mapping[str, Any]
    """Its difference by setting."""
    job: Job | None = None
    report: Report | None = None
    """Its plan; None where it cannot run."""
    error: TrainToolsError | None = None
    """Why it cannot."""


@dataclass(frozen=True, kw_only=True)
class PlannedSweep:
    """All of them."""

    config: RunConfig
    """What they share, with seeds that chance has decided."""
    shared: RunConfig
    """The same, as it was given."""
    axes: Sequence[tuple[str, Sequence[Any]]]
    """Names and values of the settings that differ."""
    runs: Sequence[PlannedRun]

    @property
    def names(self) -> list[str]:
        """What the runs are called: no two alike."""
        found = [short_difference(run.changes) for run in self.runs]
        if len(set(found)) == len(found):
            return found
        return [f"{number}: {name}"[:200] for number, name in enumerate(found, 1)]

    @property
    def steps(self) -> int:
        """Of all runs that can begin."""
        return sum(run.report.plan.total_steps for run in self.runs if run.report)

    @property
    def seconds(self) -> float | None:
        """Of all runs; None where that of one is not known."""
        known = [run.report.seconds for run in self.runs if run.report and run.report.seconds is not None]
        return sum(known) if len(known) == len(self.runs) else None

    @property
    def disk_bytes(self) -> int:
        """Of the checkpoints of all runs, and of the cache and states of one."""
        reports = [run.report for run in self.runs if run.report]
        files = sum(len(one.saves) * one.checkpoint_bytes for one in reports)
        return files + max((one.disk_bytes - len(one.saves) * one.checkpoint_bytes for one in reports), default=0)

    def require_good(self) -> None:
        """Check that every run can begin.

        Raises:
            TrainToolsError: one cannot; names its difference with what is wrong.
        """
        bad = [run for run in self.runs if run.error]
        if not bad:
            return
        first = bad[0].error
        if first and len(bad) == len(self.runs) and len({str(run.error) for run in bad}) == 1:
            raise first  # what is wrong is no difference
        raise ConfigError(_problems(bad))


def _problems(bad: Sequence[PlannedRun]) -> list[Problem]:
    """What is wrong with each run; the same with several is told of the first."""
    found: dict[tuple[str, str], Problem] = {}
    for run in bad:
        name, value = next(iter(run.changes.items()))
        error = run.error
        problems = error.problems if isinstance(error, ConfigError) else (Problem(name, value, str(error)),)
        for one in problems:
            remedy = say("{remedy} (in the run {difference})", remedy=one.remedy, difference=difference(run.changes))
            found.setdefault((one.setting, one.remedy), Problem(one.setting, one.value, remedy))
    return list(found.values())


def planned(
    jobs: TrainingJobs, permitted: Any, project: str, version: str, config: RunConfig, texts: Mapping[str, str]
) -> PlannedSweep:
    """Every combination as a run would be; nothing is written.

    Args:
        permitted: raises a ConfigError for settings that may not be used on this host.
        texts: alternatives by setting, see ``config.sweep``; settings with a single one have it in all runs.

    Raises:
        ConfigError: the alternatives cannot be read, or no setting has several.
    """
    axes = axes_in(texts)
    shared = {axis.name: axis.values[0] for axis in axes if len(axis.values) == 1}
    several = [axis for axis in axes if len(axis.values) > 1]
    if not several:
        raise _nothing_to_compare(texts)
    given = from_json(to_json(config), shared)[0] if shared else config
    config = replace(given, preview=_settled(given.preview))
    runs = [_planned_run(jobs, permitted, project, version, config, changes) for changes in combinations(several)]
    return PlannedSweep(config=config, shared=given, axes=several, runs=runs)


def _nothing_to_compare(texts: Mapping[str, str]) -> ConfigError:
    name, text = next(iter(texts.items()), ("sweep", ""))
    remedy = say(
        "no setting has a second value; give one some, such as 1e-4, 5e-5, or a range such as 1-4 (values that may "
        "hold commas themselves stand between | with spaces around it)"
    )
    return ConfigError([Problem(name, text, remedy)])


def _settled(preview: PreviewConfig) -> PreviewConfig:
    """Chance decides once which seed -1 is: all runs are drawn with the same."""
    if all(seed >= 0 for seed in preview.preview_seeds):
        return preview
    chance = SystemRandom()
    seeds = tuple(seed if seed >= 0 else chance.randrange(2**32) for seed in preview.preview_seeds)
    return replace(preview, preview_seeds=seeds)


def _planned_run(
    jobs: TrainingJobs, permitted: Any, project: str, version: str, config: RunConfig, changes: Mapping[str, Any]
) -> PlannedRun:
    try:
        own = permitted(from_json(to_json(config), changes)[0])
        job, report = jobs.frozen(project, version, own)
    except TrainToolsError as error:
        return PlannedRun(changes=changes, error=error)
    return PlannedRun(changes=changes, job=job, report=report)
