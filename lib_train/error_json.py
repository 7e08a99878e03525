"""Errors as JSON values, with paths given from the root folder."""

import os
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from lib_train.errors import CaptionChanged, ConfigError, Problem, RunChanged, TrainToolsError


def error_json(error: BaseException, root: Path | None = None) -> dict[str, Any]:
    """Code and message of an error, one entry for each setting that it names, and what else it carries."""
    if not isinstance(error, TrainToolsError):
        return {"code": "fault", "message": f"{type(error).__name__}: {error}", "problems": [], "ours": True}
    problems = problems_json(error.problems, root) if isinstance(error, ConfigError) else []
    present: dict[str, Any] = {"present": error.present} if isinstance(error, CaptionChanged) else {}
    message = str(error)
    if isinstance(error, RunChanged):
        message = error.plain
        changed = [without_root(change, root) for change in error.changes]
        present = {"changed": changed, "step": error.step, "remedy": without_root(error.remedy, root)}
    message = without_root(message, root)
    return {"code": error.code, "message": message, "problems": problems, "ours": False, **present}


def problems_json(problems: Sequence[Problem], root: Path | None) -> list[dict[str, str]]:
    """Setting, value and remedy of each problem."""
    return [{"setting": p.setting, "value": without_root(str(p.value), root), "remedy": p.remedy} for p in problems]


def without_root(text: str, root: Path | None) -> str:
    """The text with paths below ``root`` given relative to it: pages need not know where it lies."""
    for folder in (root.resolve(), root) if root else ():
        text = text.replace(f"{folder}{os.sep}", "")
    return text
