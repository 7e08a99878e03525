"""How long a step takes here: what earlier runs of the same kind tell."""

import json
import platform
from collections.abc import Mapping
from itertools import pairwise
from pathlib import Path
from statistics import fmean, median
from typing import Any

from lib_train.config.run import RunConfig
from lib_train.errors import ProjectError
from lib_train.host.protocol import ModelSize
from lib_train.planning.objective import passes_of
from lib_train.store.json_files import read_json
from lib_train.store.runs import logs_below

_TAIL = 2**16  # bytes at a log's end that are read: some hundreds of steps
_LEAST = 5  # steps that are timed at least
_AS_FAST = ("lora", "locon")  # as each other; logs of before there were others do not name the kind
_PAUSE = 5  # times the usual step: longer is a preview, a save or a night between two sessions


def kind_of(config: RunConfig, size: ModelSize, device: str) -> dict[str, Any]:
    """What decides how long a step takes, as JSON values; runs of the same kind are as fast as each other."""
    training, dataset = config.training, config.dataset
    network = config.network.network_type + (" dora" if config.network.dora_wd else "")
    return {
        "machine": f"{platform.node()} {device}",
        "family": size.family,
        "unet_weights": size.weights["unet"],
        "resolution": list(dataset.size),
        "batch_size": training.train_batch_size,
        "accumulation": training.gradient_accumulation_steps,
        "trained": sorted(training.rates),
        "precision": training.mixed_precision,
        "checkpointing": training.gradient_checkpointing,
        "cached": dataset.caches_latents,
        **({} if network in _AS_FAST else {"network": network}),
        **({"passes": list(passes)} if any(passes := passes_of(training)) else {}),
    }


class Pace:
    """Seconds a step of each kind of run, from the logs below one root. What was read once is remembered."""

    def __init__(self, root: Path) -> None:
        self._root = root
        self._kinds: dict[Path, tuple[int, Any]] = {}
        self._seconds: dict[Path, tuple[tuple[int, int], float | None]] = {}

    def of(self, kind: Mapping[str, Any]) -> float | None:
        """Seconds a step of the newest run of this kind that was long enough to tell; None where there is none."""
        for log in logs_below(self._root):
            if self._kind(log.parent) == kind and (seconds := self._step(log)) is not None:
                return seconds
        return None

    def _kind(self, run: Path) -> Any:
        try:
            changed = (run / "run.json").stat().st_mtime_ns  # never, but a deleted run's name may be given again
            if self._kinds.get(run, (0, None))[0] != changed:
                self._kinds[run] = changed, read_json(run / "run.json").get("kind")
        except (OSError, ProjectError):
            return None
        return self._kinds[run][1]

    def _step(self, log: Path) -> float | None:
        try:
            stat = log.stat()
            state = stat.st_mtime_ns, stat.st_size
            if log not in self._seconds or self._seconds[log][0] != state:
                self._seconds[log] = state, _seconds_a_step(_times(log))
        except OSError:  # moved away meanwhile
            return None
        return self._seconds[log][1]


def _times(log: Path) -> list[tuple[int, float]]:
    """The newest steps of a log with the time of each."""
    with log.open("rb") as file:
        file.seek(max(0, log.stat().st_size - _TAIL))
        lines = file.read().splitlines()
    found = []
    for line in lines:
        try:
            event = json.loads(line)
            if event["event"] == "StepDone":
                found.append((int(event["step"]), float(event["time"])))
        except (ValueError, KeyError, TypeError):  # the first line may be half of one, the last be torn
            continue
    return found


def _seconds_a_step(times: list[tuple[int, float]]) -> float | None:
    """Mean time from one step to the next, without pauses.

    >>> _seconds_a_step([(1, 0.0), (2, 2.0), (3, 4.0), (4, 90.0), (5, 92.0), (6, 94.5), (7, 96.0)])
    2.0
    """
    taken = [after - before for (one, before), (next_, after) in pairwise(times) if next_ == one + 1]
    if not taken:
        return None
    usual = [seconds for seconds in taken if 0 <= seconds <= _PAUSE * median(taken)]
    return fmean(usual) if len(usual) >= _LEAST else None
