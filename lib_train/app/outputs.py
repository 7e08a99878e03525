"""Pictures that the host keeps in its folders: seen by day, and taken into a version."""

from collections import Counter
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from lib_train.errors import ConfigError, Problem, ProjectError
from lib_train.host.protocol import Host
from lib_train.pictures.images import open_picture, smaller
from lib_train.pictures.outputs import Output, Outputs
from lib_train.pictures.thumbnails import webp
from lib_train.texts import say

Begin = Callable[[str, str, Sequence[Path], str, int, bool], dict[str, Any]]
"""Begins to copy files into a version; see ``Imports.begin``."""


class HostOutputs:
    """Of one host.

    Args:
        root: of the projects, whose pictures are no outputs.
    """

    def __init__(self, host: Host, root: Path, begin: Begin) -> None:
        self._host, self._root, self._begin, self._outputs = host, root, begin, Outputs()

    def listed(self, day: str = "", offset: int = 0, limit: int = 60) -> dict[str, Any]:
        """A part of the pictures, newest first, and how many there are of each day.

        Args:
            day: only of this one, such as 2024-05-01.
        """
        found = self._found()
        shown = [one for one in found if one.day == day] if day else found
        return {
            "folders": [folder.name for folder in self._host.output_folders()],
            "days": [{"day": one, "pictures": count} for one, count in _days(found).items()],
            "total": len(shown),
            "pictures": [_answer(one) for one in shown[offset : offset + limit]],
        }

    def image(self, path: str, side: int) -> bytes:
        """A picture as a WebP file of at most ``side`` pixels.

        Raises:
            TrainToolsError: there is no such picture, or it is damaged.
        """
        found = self._by_name().get(path)
        if found is None:
            raise ProjectError(say("{name}: is no picture in the host's output folders", name=path))
        return webp(smaller(open_picture(found, least=2 * side), side))

    def start(
        self, project: str, version: str, paths: Sequence[str], name: str, repeats: int, prompts: bool
    ) -> dict[str, Any]:
        """Begin to copy pictures into a version; see ``Imports.start``.

        Raises:
            ConfigError: there are none, or one is no picture in the host's output folders: nothing is copied.
            TrainToolsError: as there.
        """
        known = self._by_name()
        wrong = [path for path in paths if path not in known]
        if wrong or not paths:
            remedy = say("is no picture in the host's output folders; reload the list and choose again")
            raise ConfigError([Problem("paths", path, remedy) for path in wrong or [""]])
        chosen = [known[path] for path in dict.fromkeys(paths)]
        return self._begin(project, version, chosen, name, repeats, prompts)

    def _found(self) -> list[Output]:
        return self._outputs.listed(self._host.output_folders(), self._root.resolve())

    def _by_name(self) -> dict[str, Path]:
        return {one.name: one.path for one in self._found()}


def _days(found: Sequence[Output]) -> Counter[str]:
    return Counter(one.day for one in found)


def _answer(one: Output) -> dict[str, Any]:
    return {"path": one.name, "name": one.path.name, "day": one.day, "time": one.time}
