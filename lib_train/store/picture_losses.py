"""How well a run learned each of its pictures, of its log."""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from functools import lru_cache
from typing import Any

from lib_train.store.runs import Run

Shown = tuple[str, str, bool]
"""A picture in a run: name of its folder, its own name, whether it is one of regularisation."""
_BAND = 50
"""Timesteps that are compared with each other: the loss falls by half within a few hundred."""


def picture_losses(run: Run) -> Mapping[Shown, float]:
    """The loss of each picture beside the mean of all at the same timesteps, over the second half of the run's steps.

    1 is a picture like the others; one that is never learned stays above. Empty where the log tells of none.
    """
    try:
        stat = (run.folder / "events.jsonl").stat()
    except OSError:
        return {}
    return _of_log(run, stat.st_ino, stat.st_mtime_ns, stat.st_size)


@lru_cache(maxsize=8)
def _of_log(run: Run, inode: int, changed: int, size: int) -> Mapping[Shown, float]:
    """Everything behind ``run`` is part of the key alone."""
    rows = run.pictures()
    found = relative_losses(run.events())
    return {(str(row[0]), str(row[1]), bool(row[2])): found[place] for place, row in enumerate(rows) if place in found}


def relative_losses(events: Iterable[Mapping[str, Any]]) -> dict[int, float]:
    """The same by the picture's place in the scan, of a log's lines.

    >>> step = {"event": "StepDone", "step": 1, "pictures": [[0, 10, 0.25], [1, 20, 0.75], [0, 900, 4.0]]}
    >>> relative_losses([step])
    {0: 0.75, 1: 1.5}
    """
    steps = [event for event in events if event.get("event") == "StepDone" and event.get("pictures")]
    late = [part for event in steps[len(steps) // 2 :] for part in event["pictures"]]
    bands: dict[int, list[float]] = defaultdict(list)
    for _, timestep, loss in late:
        bands[timestep // _BAND].append(loss)
    means = {band: sum(losses) / len(losses) for band, losses in bands.items()}
    each: dict[int, list[float]] = defaultdict(list)
    for picture, timestep, loss in late:
        if means[timestep // _BAND] > 0:
            each[picture].append(loss / means[timestep // _BAND])
    return {picture: sum(parts) / len(parts) for picture, parts in sorted(each.items())}
