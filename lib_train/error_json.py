"""Errors as JSON values, with paths given from the root folder."""

import os
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from lib_train.errors import CaptionChanged, ConfigError, Problem, RunChanged, SelectionError, TrainToolsError
from lib_train.texts import changed, joined, with_texts


def error_json(error: BaseException, root: Path | None = None) -> dict[str, Any]:
    """Code and message of an error, one entry for each setting that it names, and what else it carries."""
    if not isinstance(error, TrainToolsError):
        fault = joined(": ", (type(error).__name__, str(error)))
        return with_texts({"code": "fault", "message": fault, "problems": [], "ours": True})
    problems = problems_json(error.problems, root) if isinstance(error, ConfigError) else []
    present: dict[str, Any] = {"present": error.present} if isinstance(error, CaptionChanged) else {}
    if isinstance(error, SelectionError):
        present = {"place": error.place}
    message = str(error)
    if isinstance(error, RunChanged):
        message = error.plain
        changes = [without_root(change, root) for change in error.changes]
        present = with_texts({"changed": changes, "step": error.step, "remedy": without_root(error.remedy, root)})
    facts = {"code": error.code, "message": without_root(message, root), "problems": problems, "ours": False}
    return with_texts(facts) | present


def problems_json(problems: Sequence[Problem], root: Path | None) -> list[dict[str, Any]]:
    """Setting, value and remedy of each problem."""
    return [
        with_texts({
            "setting": p.setting,
            "value": without_root(str(p.value), root),
            "remedy": without_root(p.remedy, root),
        })
        for p in problems
    ]  # fmt: skip


def without_root(text: str, root: Path | None) -> str:
    """The text with paths below ``root`` given relative to it: pages need not know where it lies."""
    for folder in (root.resolve(), root) if root else ():
        text = changed(text, lambda part, top=f"{folder}{os.sep}": part.replace(top, ""))  # type: ignore[misc]
    return text
