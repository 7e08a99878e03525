"""What pages and routes are answered: JSON values, with paths told from the root."""

from pathlib import Path
from typing import Any

from lib_train.config.codec import config_of, settings_in, to_json
from lib_train.config.known_presets import Presets, preset_named
from lib_train.config.presets import Preset, differences
from lib_train.config.run import RunConfig
from lib_train.config.wording import worded
from lib_train.error_json import problems_json, without_root
from lib_train.names import composed
from lib_train.pictures.doctor.worst import Worst
from lib_train.pictures.entry import Entry
from lib_train.pictures.records import Fit
from lib_train.planning.report import Report
from lib_train.store.settings import Kept
from lib_train.texts import with_texts


def answer_plan(report: Report, root: Path) -> dict[str, Any]:
    """What a run would do, in numbers and in words."""
    facts = {
        "pictures": report.pictures,
        "regularisation": report.regularisation,
        "uses": report.uses,
        "repeats": list(report.repeats),
        "steps": report.plan.total_steps,
        "steps_per_epoch": report.plan.steps_per_epoch,
        "epochs": report.plan.epochs,
        "base_model": report.base_model,
        "family": report.family,
        "side": report.side,
        "resolution": list(report.resolution),
        "buckets": len(report.buckets),
        "saves": len(report.saves),
        "checkpoint_bytes": report.checkpoint_bytes,
        "memory_bytes": report.memory_bytes,
        "disk_bytes": report.disk_bytes,
        "seconds": report.seconds,
        "seconds_are": report.seconds_are,
        "problems": problems_json(report.problems, root),
        "unused": [with_texts({"setting": name, "reason": reason}) for name, reason in (*report.unused, *report.idle)],
        "notes": [without_root(note, root) for note in (*report.notes, *(one.text for one in report.advice))],
        "worst": report.worst.line if report.worst else "",
        "doctor": _worst(report.worst),
        "advice": [
            with_texts({"code": one.code, "text": one.text, "changes": dict(one.changes)}) for one in report.advice
        ],
        "text": without_root(str(report), root),
    }
    return with_texts(facts)


def _worst(worst: Worst | None) -> dict[str, Any] | None:
    if worst is None:
        return None
    finding = worst.finding
    facts = {"text": finding.text, "severity": finding.severity, "filter": finding.filter, "more": worst.more}
    return with_texts(facts)


def answer_settings(kept: Kept, root: Path) -> dict[str, Any]:
    """A version's settings: values by name, raw ones that cannot be used, what is wrong."""
    return {
        "revision": kept.revision,
        "values": settings_in(to_json(kept.config)),
        "drafts": dict(kept.drafts),
        "problems": problems_json(kept.problems, root),
    }


def answer_words(preset: Preset) -> tuple[str, dict[str, str]]:
    """What it is good for and its reasons, as plain text: they have no values, and are the keys of their words."""
    return preset.about[:], {name: reason[:] for name, reason in preset.reasons.items()}


def answer_preset(config: RunConfig, own: Presets) -> dict[str, Any]:
    """The preset that was taken, what it is good for, and what of the settings is not as it has it.

    Args:
        own: the person's own presets.
    """
    preset = preset_named(config.preset, own)
    wanted = settings_in(to_json(config_of(preset.settings if preset else {})))
    differs = [{"setting": one.setting, "preset": worded(one.preset), "now": worded(one.now),
                "value": wanted[one.setting]} for one in differences(config, preset)]  # fmt: skip
    about, reasons = answer_words(preset) if preset else ("", {})
    return {"preset": config.preset, "about": about, "reasons": reasons, "differs": differs}


def answer_entry(entry: Entry) -> dict[str, Any]:
    """A picture in a list."""
    facts = {
        "id": entry.id, "name": entry.path.name, "folder": entry.folder, "width": entry.width, "height": entry.height,
        "repeats": entry.repeats, "reg": entry.is_reg, "left_out": entry.left_out, "bytes": entry.bytes,
        "animated": entry.animated, "transparent": entry.transparent, "sharpness": round(entry.sharpness, 1),
        "stamp": entry.stamp, "tokens": entry.tokens, "caption": composed(entry.line),
        "problem": entry.problem or entry.caption_problem,
    }  # fmt: skip
    return with_texts(facts)


def answer_picture(fit: Fit, cropped_by_chance: bool) -> dict[str, Any]:
    """A picture's bucket, and which part of it is trained, as shares of its sides from the left and top."""
    (width, height), (across, down) = fit.bucket, fit.resized
    kept = width / across, height / down
    crop = None if cropped_by_chance else [(1 - kept[0]) / 2, (1 - kept[1]) / 2, *kept]
    return {"bucket": [width, height], "crop": crop}
