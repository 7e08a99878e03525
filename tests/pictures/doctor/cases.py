"""Sets of pictures as they are known, for the doctor's checks."""

import random
from pathlib import Path
from typing import Any

from lib_train.config.dataset import DatasetConfig
from lib_train.pictures.doctor.case import Case, Finding
from lib_train.pictures.doctor.examine import examine
from lib_train.pictures.entry import Entry


def entry(number: int, caption: str | None = "mochi, hat", name: str = "", **facts: Any) -> Entry:
    """A sound picture of 512 x 512 pixels that looks like no other.

    Args:
        caption: None is a picture without a caption file.
    """
    folder = facts.pop("folder", "10_mochi")
    path = Path("/set") / ("reg" if facts.get("is_reg") else "train") / folder / (name or f"{number:02}.png")
    known: dict[str, Any] = {
        "repeats": 10, "width": 512, "height": 512, "content": f"{number:032x}", "sharpness": 500.0,
        "likeness": random.Random(number).getrandbits(64), "caption": "mochi" if caption is None else caption,
        "caption_file": None if caption is None else path.with_suffix(".txt"),
    }  # fmt: skip
    return Entry(id=number, path=path, folder=folder, **(known | facts))


def several(count: int, **facts: Any) -> list[Entry]:
    """Sound pictures with ids from 100 on, those of the class from 200 on."""
    return [entry((200 if facts.get("is_reg") else 100) + number, **facts) for number in range(count)]


def found(*entries: Entry, config: DatasetConfig | None = None, **case: Any) -> dict[str, Finding]:
    """What the doctor finds, by its code, the worst first."""
    findings = examine(Case(entries=entries, config=config or DatasetConfig(), **case))
    assert len({one.code for one in findings}) == len(findings)
    return {one.code: one for one in findings}
