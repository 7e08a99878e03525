"""What pages and routes are answered: JSON values, with paths told from the root."""

import os
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from lib_train.config.codec import settings_in, to_json
from lib_train.config.presets import PRESETS, differences
from lib_train.config.run import RunConfig
from lib_train.config.shown import shown_all
from lib_train.config.wording import worded
from lib_train.errors import CaptionChanged, ConfigError, Problem, RunChanged, TrainToolsError
from lib_train.pictures.records import Fit, Picture, Scan
from lib_train.planning.report import Report
from lib_train.store.settings import Kept


def told(error: BaseException, root: Path | None = None) -> dict[str, Any]:
    """An error as JSON values: its sentence, and one entry for each setting that it names."""
    if not isinstance(error, TrainToolsError):
        return {"message": f"{type(error).__name__}: {error}", "problems": [], "ours": True}
    problems = _problems(error.problems, root) if isinstance(error, ConfigError) else []
    present: dict[str, Any] = {"present": error.present} if isinstance(error, CaptionChanged) else {}
    message = str(error)
    if isinstance(error, RunChanged):
        message = error.plain
        changed = [plainly(change, root) for change in error.changes]
        present = {"changed": changed, "step": error.step, "remedy": plainly(error.remedy, root)}
    return {"message": plainly(message, root), "problems": problems, "ours": False, **present}


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
        "seconds": report.seconds,
        "problems": _problems(report.problems, root),
        "notes": [plainly(note, root) for note in report.notes],
        "text": plainly(str(report), root),
    }


def answer_settings(kept: Kept, root: Path) -> dict[str, Any]:
    """A version's settings: values and what inputs show, by name, raw values that cannot be used, what is wrong."""
    return {
        "revision": kept.revision,
        "values": settings_in(to_json(kept.config)),
        "shown": shown_all(kept.config, kept.drafts) | {"preset": kept.config.preset},
        "drafts": dict(kept.drafts),
        "problems": _problems(kept.problems, root),
    }


def answer_preset(config: RunConfig) -> dict[str, Any]:
    """The preset that was taken, what it is good for, and what of the settings is not as it has it."""
    about = PRESETS[config.preset].about if config.preset in PRESETS else ""
    differs = [{"setting": one.setting, "preset": worded(one.preset), "now": worded(one.now)}
               for one in differences(config)]  # fmt: skip
    return {"preset": config.preset, "about": about, "differs": differs}


def answer_pictures(found: Scan, root: Path) -> dict[str, Any]:
    """The pictures with their captions, and what is wrong with some."""
    pictures = [{"index": index, "caption": p.caption, **_facts(p)} for index, p in enumerate(found.pictures)]
    return {"pictures": pictures, "problems": _problems(found.problems, root)}


def answer_picture(picture: Picture, fit: Fit, cropped_by_chance: bool) -> dict[str, Any]:
    """One picture: size, bucket, and which part of it is trained, as shares of its sides from the left and top."""
    (width, height), (across, down) = fit.bucket, fit.resized
    kept = width / across, height / down
    crop = None if cropped_by_chance else [(1 - kept[0]) / 2, (1 - kept[1]) / 2, *kept]
    return {**_facts(picture), "bucket": [width, height], "crop": crop}


def _facts(picture: Picture) -> dict[str, Any]:
    return {
        "name": picture.path.name, "width": picture.width, "height": picture.height, "repeats": picture.repeats,
        "folder": picture.folder, "reg": picture.is_reg,
    }  # fmt: skip


def _problems(problems: Sequence[Problem], root: Path | None) -> list[dict[str, str]]:
    return [{"setting": p.setting, "value": plainly(str(p.value), root), "remedy": p.remedy} for p in problems]


def plainly(text: str, root: Path | None) -> str:
    """The text with paths below ``root`` told from there: pages need not know where it lies."""
    for folder in (root.resolve(), root) if root else ():
        text = text.replace(f"{folder}{os.sep}", "")
    return text
