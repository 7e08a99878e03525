"""What has become of the runs of a sweep: a row of figures for each."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from lib_train.store.logs import saved_in
from lib_train.store.queue import Jobs
from lib_train.store.runs import Run
from lib_train.store.sweeps import Sweep
from lib_train.texts import say

STATES = {
    "finished": say("finished"), "running": say("goes on"), "waiting": say("waits"), "stopped": say("stopped"),
    "failed": say("failed"), "missing": say("not begun"),
}  # fmt: skip
"""Of a run, in words."""


@dataclass(frozen=True, kw_only=True)
class Row:
    """One run of a sweep, whether it has begun or not."""

    name: str
    """Its difference, in short."""
    changes: Mapping[str, Any]
    """Its difference by setting."""
    state: str
    """One of ``STATES``."""
    why: str = ""
    """Of what failed."""
    run: Run | None = None
    step: int = 0
    steps: int = 0
    """The last step, and the number of all."""
    loss: float | None = None
    """Mean over the last 100 steps before the last checkpoint."""
    val_on: float | None = None
    val_off: float | None = None
    """The last loss of held-out pictures, with the network and of the base model alone."""
    seconds: float | None = None
    """That it went on, with the pictures made between its steps, without its preparation."""
    checkpoints: tuple[Path, ...] = ()
    """Oldest first."""


def rows_of(sweep: Sweep, jobs: Jobs) -> list[Row]:
    """A row for each run that was asked for, in that order.

    Args:
        jobs: the queue of now, which knows of those that have not begun.
    """
    runs = sweep.runs()
    return [_row(one, runs.get(str(one.get("note"))), jobs) for one in sweep.asked()["runs"]]


def _row(asked: Mapping[str, Any], run: Run | None, jobs: Jobs) -> Row:
    state, why = _state(str(asked.get("key", "")), run, jobs)
    told: dict[str, Any] = {"name": str(asked.get("name", "")), "changes": dict(asked.get("changes") or {})}
    told |= {"state": state, "why": why, "steps": int(asked.get("steps") or 0)}
    if run is None:
        return Row(**told)
    saved, curves = saved_in(run.folder / "events.jsonl"), run.curves()
    validation: dict[str, Any] = {name: curves[name].values[-1] for name in ("val_on", "val_off") if name in curves}
    return Row(
        **told, **validation, run=run, step=run.newest().step, loss=saved[-1].loss if saved else None,
        seconds=_seconds(run), checkpoints=run.checkpoints(),
    )  # fmt: skip


def _state(key: str, run: Run | None, jobs: Jobs) -> tuple[str, str]:
    """State of a run, and why it failed."""
    if run and run.finished():
        return "finished", ""
    if jobs.running and jobs.running.key == key:
        return "running", ""
    if any(job.key == key for job in jobs.waiting):
        return "waiting", ""
    if run and run.holder():
        return "running", ""
    if run and (why := run.error().strip()):
        return "failed", why.splitlines()[-1]
    ended = next((one for one in jobs.ended if one.job.key == key), None)
    if ended and ended.phase == "failed":
        return "failed", str(ended.text)
    return ("stopped", "") if run else ("missing", "")


def _seconds(run: Run) -> float | None:
    """Seconds from each beginning of the run to the last event before the next one; None before its first step."""
    total, before, timed = 0.0, None, False
    for event in run.events():
        now = event.get("time")
        if not isinstance(now, int | float):
            continue
        if before is not None and event.get("event") != "RunStarted":
            total, timed = total + max(0.0, now - before), True
        before = now
    return total if timed else None
