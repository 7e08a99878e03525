"""What pages and routes are answered: JSON values, with paths told from the root."""

import os
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from lib_train.dataset.records import Scan
from lib_train.errors import ConfigError, Problem, TrainToolsError
from lib_train.training.report import Report


def told(error: BaseException, root: Path | None = None) -> dict[str, Any]:
    """An error as JSON values: its sentence, and one entry for each setting that it names."""
    if not isinstance(error, TrainToolsError):
        return {"message": f"{type(error).__name__}: {error}", "problems": [], "ours": True}
    problems = _problems(error.problems, root) if isinstance(error, ConfigError) else []
    return {"message": plainly(str(error), root), "problems": problems, "ours": False}


def answer_plan(report: Report, root: Path) -> dict[str, Any]:
    """What a run would do, in numbers and in words."""
    return {
        "pictures": report.pictures,
        "regularisation": report.regularisation,
        "uses": report.uses,
        "steps": report.plan.total_steps,
        "steps_per_epoch": report.plan.steps_per_epoch,
        "epochs": report.plan.epochs,
        "buckets": len(report.buckets),
        "saves": len(report.saves),
        "checkpoint_bytes": report.checkpoint_bytes,
        "memory_bytes": report.memory_bytes,
        "disk_bytes": report.disk_bytes,
        "problems": _problems(report.problems, root),
        "notes": [plainly(note, root) for note in report.notes],
        "text": plainly(str(report), root),
    }


def answer_pictures(found: Scan, root: Path) -> dict[str, Any]:
    """The pictures with their captions, and what is wrong with some."""
    pictures = [
        {"index": index, "name": p.path.name, "caption": p.caption, "width": p.width, "height": p.height,
         "repeats": p.repeats, "folder": p.folder, "reg": p.is_reg}
        for index, p in enumerate(found.pictures)
    ]  # fmt: skip
    return {"pictures": pictures, "problems": _problems(found.problems, root)}


def _problems(problems: Sequence[Problem], root: Path | None) -> list[dict[str, str]]:
    return [{"setting": p.setting, "value": plainly(str(p.value), root), "remedy": p.remedy} for p in problems]


def plainly(text: str, root: Path | None) -> str:
    """The text with paths below ``root`` told from there: pages need not know where it lies."""
    for folder in (root.resolve(), root) if root else ():
        text = text.replace(f"{folder}{os.sep}", "")
    return text
