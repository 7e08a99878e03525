"""Figures of a version's checkpoints in its figures.json: of which file, measured how, and what was found."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from lib_train.store.json_files import changed_alone, read_json, write_json
from lib_train.store.projects import Version

FIGURES = "figures.json"
"""Name of the file in its version."""
_SCHEMA = 1


@dataclass(frozen=True, kw_only=True)
class Judged:
    """What was measured of one checkpoint file."""

    content: str
    """A mark of the file's content."""
    measured: str
    """Another one for other pictures, captions, base models or ways to measure."""
    figures: Mapping[str, float]
    bands: Mapping[str, list[float]]
    """The same by band of timesteps, lowest first."""
    blocks: Mapping[str, list[float]] = field(default_factory=dict)
    """By block: norm of the update, its share of the weights' norm, and its stable rank."""
    previews: str = ""
    """A mark of the previews that were compared with the training pictures; empty is none."""
    copies: list[dict[str, Any]] = field(default_factory=list)
    """Of each preview: "preview", the "picture" that is nearest, its "distance", and "share"; see ``Near``."""
    seconds: float = 0.0


def judged_in(version: Version) -> dict[str, Judged]:
    """By name of the file; none of those that this version of the program cannot read.

    Raises:
        ProjectError: the file is no JSON object.
    """
    kept = read_json(version.inside(FIGURES))
    found = kept.get("checkpoints")
    if kept.get("schema") != _SCHEMA or not isinstance(found, dict):
        return {}
    return {name: one for name, facts in found.items() if (one := _read(facts))}


def _read(facts: object) -> Judged | None:
    if not isinstance(facts, dict):
        return None
    try:
        one = Judged(**facts)
        values = [*one.figures.values(), *(value for band in one.bands.values() for value in band), one.seconds]
        copies = all({"preview", "picture", "share"} <= row.keys() for row in one.copies)
        sound = copies and all(isinstance(value, int | float) for value in values)
    except (TypeError, AttributeError):
        return None
    return one if sound and isinstance(one.content, str) and isinstance(one.measured, str) else None


def keep_judged(version: Version, path: Path, judged: Judged) -> None:
    """Write what was measured of one checkpoint; others stay, but for those whose files are gone.

    Raises:
        HostBusyError: another process writes them for long.
        ProjectError: the file cannot be written.
    """
    file = version.inside(FIGURES)
    with changed_alone(file):
        there = {one.name for one in version.checkpoints()}
        kept = {name: asdict(one) for name, one in judged_in(version).items() if name in there}
        write_json(file, {"schema": _SCHEMA, "checkpoints": {**kept, path.name: asdict(judged)}})
