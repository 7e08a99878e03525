"""What lies in a version, as a page lists it. Reads files, changes none."""

from contextlib import suppress
from dataclasses import asdict
from functools import lru_cache
from pathlib import Path
from typing import Any

from lib_train.store.choices import Choice, choices_of
from lib_train.store.layout import SHEET, oldest_first
from lib_train.store.projects import Version
from lib_train.store.runs import Run, checkpoints_of, runs_of
from lib_train.texts import with_texts


def listed(version: Version) -> list[dict[str, Any]]:
    """Checkpoints, newest first: name, path, run, step, epoch, loss, bytes, previews, verdict, note."""
    choices = choices_of(version)
    return [
        {
            "name": one.path.name,
            "path": str(one.path),
            "run": one.run or "",
            "step": one.step,
            "epoch": one.epoch,
            "loss": one.loss,
            "bytes": one.path.stat().st_size,
            "previews": [str(picture) for picture in previews_of(version, one.path.stem)],
            **asdict(choices.get(one.path.name, Choice())),
        }
        for one in checkpoints_of(version)
    ]


def previews_of(version: Version, stem: str) -> list[Path]:
    """Preview pictures of a checkpoint, in the order in which they were made."""
    folder = version.folder / "previews" / stem
    return oldest_first(folder.glob("*.png")) if folder.is_dir() else []


def sample_of(version: Version, stem: str) -> Path | None:
    """The newest preview of a checkpoint; one that was made for a sheet, of another prompt, where there is no other."""
    made = previews_of(version, stem)
    found = [path for path in made if f"-{SHEET}" not in path.stem] or made
    return found[-1] if found else None


def grids_of(version: Version) -> list[Path]:
    """Comparison sheets, newest first."""
    folder = version.folder / "previews"
    return oldest_first([*folder.glob("grid-*.png"), *folder.glob(f"{SHEET}-*.png")])[::-1]


def runs_of_version(version: Version) -> list[dict[str, Any]]:
    """Runs, newest first: name, last step, whether finished, whether it can be resumed and after which step, why it
    ended, and the process that trains it."""
    return [with_texts({**_run_json(run, _stamp(run)), "held": run.holder()}) for run in reversed(runs_of(version))]


def _stamp(run: Run) -> tuple[object, ...]:
    """Another one as soon as one of the run's files changes."""
    found: list[object] = []
    folder = run.folder
    for name in ("events.jsonl", "state", "error.txt"):
        with suppress(OSError):
            stat = (folder / name).stat()
            found.append((name, stat.st_ino, stat.st_mtime_ns, stat.st_size))
    return tuple(found)


@lru_cache(maxsize=1000)
def _run_json(run: Run, stamp: tuple[object, ...]) -> dict[str, Any]:
    """``stamp`` is part of the key alone."""
    newest = run.newest()
    return {
        "name": run.name,
        "step": newest.step,
        "finished": newest.finished,
        "resumable": run.can_resume(),
        "state_step": run.state_step(),
        "error": run.error().strip(),
    }
