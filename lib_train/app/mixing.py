"""Checkpoints of a version mixed into a further one: the weighted sum of what they add to each layer."""

from collections.abc import Mapping, Sequence
from itertools import count
from pathlib import Path
from typing import Any

from lib_train.app.lora_files import LoraFiles
from lib_train.app.tool_runs import ToolRuns, Wish
from lib_train.app.versions import Versions
from lib_train.errors import ConfigError, Problem
from lib_train.store.layout import shortened
from lib_train.store.projects import Version
from lib_train.store.runs import paths_of
from lib_train.texts import say

_MIX = "mix"
_SHARE = ":"


class Mixing:
    """Mixes by the tool merge, as work of a version."""

    def __init__(self, versions: Versions, files: LoraFiles, tools: ToolRuns) -> None:
        self._versions, self._files, self._tools = versions, files, tools

    def start(
        self, project: str, version: str, checkpoints: Sequence[str], settings: Mapping[str, Any], name: str = ""
    ) -> dict[str, Any]:
        """Begin to mix; see ``ToolRuns.start``.

        Args:
            checkpoints: as for ``named_in``, each with a weight as ``parted`` reads it, or none.
            settings: further ones of the tool merge, by name.
            name: of the new file; empty is a free one.

        Raises:
            TrainToolsError: something of it cannot be used, or another tool works.
        """
        there = self._versions.existing(project, version)
        names, weights = zip(*map(parted, checkpoints), strict=True) if checkpoints else ((), ())
        files = [self._files.name_of(path) for path in named_in(there, names)]
        told = settings_of(weights_of(weights), settings)
        wish = Wish(files=files, settings=told, place="version", name=name or free_name(there))
        return self._tools.start(project, version, "merge", wish)


def parted(text: str) -> tuple[str, float | None]:
    """A checkpoint's name with its weight, None where none is given.

    >>> parted("mochi-v1-r001-000002:0.5"), parted("mochi-v1-r001")
    (('mochi-v1-r001-000002', 0.5), ('mochi-v1-r001', None))
    """
    name, sign, weight = text.rpartition(_SHARE)
    try:
        return (name, float(weight)) if sign else (text, None)
    except ValueError:
        return text, None


def weights_of(given: Sequence[float | None]) -> tuple[float, ...]:
    """The weights of checkpoints; equal shares of 1 where none is given.

    Raises:
        ConfigError: some are given and some are not.
    """
    if all(one is None for one in given):
        return (1 / len(given),) * len(given)
    if None in given:
        text = ", ".join("" if one is None else f"{one:g}" for one in given)
        raise ConfigError([Problem("weights", text, say("give each checkpoint a weight, such as NAME:0.5, or none"))])
    return tuple(one for one in given if one is not None)


def named_in(version: Version, names: Sequence[str]) -> list[Path]:
    """Checkpoints by file name, with or without its ending, or by an end of it that no other has, such as "000002".

    Raises:
        ConfigError: there are fewer than two; or there is none of a name, or there are several.
    """
    known = paths_of(version)
    if len(names) < 2:
        raise ConfigError([Problem("checkpoints", ", ".join(names), say("name two or more to mix"))])
    return [_named(known, name) for name in names]


def _named(known: Sequence[Path], name: str) -> Path:
    same = [path for path in known if name in (path.name, path.stem)]
    found = same or [path for path in known if name and path.stem.endswith(f"-{name}")]
    if len(found) == 1 or same:
        return found[0]
    listed = ", ".join(path.stem for path in (found or known)[:10]) or say("none")
    remedy = say("names {count} checkpoints of this version; choose one of {known}", count=len(found), known=listed)
    raise ConfigError([Problem("checkpoints", name, remedy)])


def free_name(version: Version) -> str:
    """Name without ending that no checkpoint of the version has, such as mochi-v1-mix1."""
    taken = {path.stem for path in version.checkpoints()}
    start = shortened(f"{version.project.name}-{version.name}", len(_MIX) + 5)
    return next(name for number in count(1) if (name := f"{start}-{_MIX}{number}") not in taken)


def settings_of(weights: Sequence[float], more: Mapping[str, Any]) -> dict[str, Any]:
    """Settings of the tool merge for a mix, by name.

    Raises:
        ConfigError: weights are given twice.
    """
    if "weights" in more:
        raise ConfigError([Problem("weights", more["weights"], say("write them behind the names, such as NAME:0.5"))])
    return {**more, "weights": ",".join(f"{one!r}" for one in weights)}
