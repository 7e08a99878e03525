"""Pictures that a host keeps in its folders, by day, newest first. Opens none of them."""

import os
import time
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import NamedTuple

from lib_train.names import is_picture, out_of_sight

_MOST = 200_000
_SETTLED_SECONDS = 5.0
"""A folder that was changed since may change again within one tick of its clock."""


class Output(NamedTuple):
    """A picture file."""

    path: Path
    name: str
    """Its own name, behind the output folder's number and the folders between: ``0/2024-05-01/00001-7.png``."""
    time: float
    """When it was written, in seconds since 1970."""
    day: str
    """The same as a date, where this machine is: ``2024-05-01``."""


class _Listed(NamedTuple):
    changed: int
    folders: list[str]
    files: list[tuple[str, float, str]]


class Outputs:
    """Lists folders; of one that has not changed it remembers what lies in it."""

    def __init__(self) -> None:
        self._known: dict[str, _Listed] = {}

    def listed(self, folders: Iterable[Path], without: Path) -> list[Output]:
        """The pictures in some folders and those below them, newest first. Links are not followed.

        Args:
            without: a folder that is left out, resolved.
        """
        known, self._known = self._known, {}
        found: list[Output] = []
        for number, folder in enumerate(_apart(folders, without)):
            for place, listed in self._walked(str(folder), str(without), known):
                inner = Path(place).relative_to(folder).as_posix()
                above = f"{number}" if inner == "." else f"{number}/{inner}"
                found += [Output(Path(place, name), f"{above}/{name}", when, day) for name, when, day in listed.files]
                if len(found) > _MOST:
                    break
        return sorted(found, key=lambda one: (-one.time, one.name))

    def _walked(self, folder: str, without: str, known: dict[str, _Listed]) -> Iterator[tuple[str, _Listed]]:
        stack = [folder]
        while stack:
            place = stack.pop()
            try:
                listed = _listed(place, known.get(place))
            except OSError:
                continue
            self._known[place] = listed
            yield place, listed
            stack += [inner for name in listed.folders if (inner := os.path.join(place, name)) != without]


def _apart(folders: Iterable[Path], without: Path) -> list[Path]:
    """Each folder once, without those that lie in another."""
    found = list(dict.fromkeys(folder.resolve() for folder in folders))
    return [one for one in found if not any(other in one.parents for other in (*found, without)) and one != without]


def _listed(place: str, known: _Listed | None) -> _Listed:
    changed = os.stat(place).st_mtime_ns
    if known and known.changed == changed and time.time() - changed / 1e9 > _SETTLED_SECONDS:
        return known
    folders, files = [], []
    with os.scandir(place) as entries:
        for entry in entries:
            if out_of_sight(entry.name) or not entry.name.isprintable():
                continue
            if entry.is_dir(follow_symlinks=False):
                folders.append(entry.name)
            elif is_picture(entry.name) and entry.is_file(follow_symlinks=False):
                when = entry.stat().st_mtime
                files.append((entry.name, when, time.strftime("%Y-%m-%d", time.localtime(when))))
    return _Listed(changed, folders, files)
