"""Runs of a version, for a comparison: how far they came, how well, and in what time. Reads logs, changes nothing."""

import re
from collections.abc import Mapping
from contextlib import suppress
from functools import lru_cache
from pathlib import Path
from statistics import fmean
from typing import Any

from lib_train.config.codec import settings_in
from lib_train.errors import TrainToolsError
from lib_train.smoothing import thinned
from lib_train.store.runs import Run

_TIMED = re.compile(rb'^\{"event": "(\w+)", "time": ([\d.]+)', re.MULTILINE)
_LAST = 100
"""Steps whose mean loss is told: that of one step says little."""
_POINTS = 1000
_FILLED = ("base_model", "resolution")


def run_json(run: Run, present: Mapping[str, Any]) -> dict[str, Any]:
    """What is told of a run, as JSON values.

    Args:
        present: the version's settings of now, by name.
    """
    newest, curves, kept, loss = run.newest(), run.curves(), _kept(run), []
    if "loss" in curves:
        loss = list(curves["loss"].values[-_LAST:])
    made = kept.get("made_of") or {}
    trained = settings_in(kept.get("config") or {})
    return {
        "name": run.name,
        "step": newest.step,
        "steps": made.get("total_steps"),
        "finished": newest.finished,
        "loss": fmean(loss) if loss else None,
        "val_on": _last(curves, "val_on"),
        "val_off": _last(curves, "val_off"),
        "seconds": seconds_of(run),
        "base": (made.get("base_model") or {}).get("title", ""),
        "job": kept.get("name") or "",
        "program": kept.get("program") or "",
        "others": [name for name in trained if name in present and _is_other(name, trained[name], present[name])],
    }


def _is_other(name: str, trained: Any, present: Any) -> bool:
    """Whether a run had another value. Where none is set it fills in what it takes, and of models it keeps the path."""
    if name in _FILLED and not present:
        return False
    if name in ("base_model", "vae"):
        return Path(trained).name != Path(present.partition(" [")[0]).name
    return bool(trained != present)


def _kept(run: Run) -> Mapping[str, Any]:
    with suppress(TrainToolsError):  # a run.json that is damaged: its log tells the rest
        return run.settings()
    return {}


def _last(curves: Mapping[str, Any], name: str) -> float | None:
    return float(curves[name].values[-1]) if name in curves else None


def series_of(run: Run) -> dict[str, list[tuple[int, float]]]:
    """The run's curves by name, thinned out."""
    return {name: thinned(*curve, most=_POINTS) for name, curve in run.curves().items()}


def seconds_of(run: Run) -> float | None:
    """How long it was trained, without the time between an end and its resuming; None where no log tells."""
    try:
        stat = (run.folder / "events.jsonl").stat()
    except OSError:
        return None
    return _seconds(run, stat.st_ino, stat.st_mtime_ns, stat.st_size)


@lru_cache(maxsize=100)
def _seconds(run: Run, inode: int, changed: int, size: int) -> float | None:
    """Everything behind ``run`` is part of the key alone."""
    found = _TIMED.findall((run.folder / "events.jsonl").read_bytes())
    times = [float(time) for _, time in found]
    gone = (now - before for (event, _), before, now in zip(found[1:], times, times[1:], strict=False)
            if event != b"RunStarted")  # fmt: skip
    return sum(gone) if found else None
