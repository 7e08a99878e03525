"""Which previews a version has, and what each tells of its making. Reads a file once, until it changes."""

from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from stat import S_ISREG
from threading import Lock
from typing import NamedTuple

from lib_train.previews.told import Told, told_by
from lib_train.store.layout import folders_in, scanned
from lib_train.store.projects import Version

_OLDER, _OLDER_PICTURES = "trains", "images"
"""Where the older extension has its pictures: trains/<training>/<checkpoint>/images/<day>/."""


class Picture(NamedTuple):
    """A preview that tells how it was made."""

    path: str
    training: str
    """Folder of the older extension's training; empty for ours."""
    told: Told
    column: str
    """See ``Told.column``."""
    time: int
    """When it was made, in nanoseconds."""


_Mark = tuple[int, int]
_Kept = dict[str, tuple[_Mark, Picture | None]]


class ToldPictures:
    """Knows the previews of versions for as long as the program runs."""

    def __init__(self) -> None:
        self._known: dict[Path, _Kept] = {}
        self._lock = Lock()

    def of(self, version: Version) -> tuple[list[Picture], int]:
        """Pictures, oldest first, and how many tell nothing that can be compared.

        Raises:
            ProjectError: a folder cannot be read.
        """
        with self._lock:
            before = self._known.get(version.folder, {})
        now: _Kept = {}
        for path, training, mark in _files(version):
            kept = before.get(path)
            now[path] = kept if kept and kept[0] == mark else (mark, _read(path, training, mark[0]))
        with self._lock:
            self._known[version.folder] = now
        found = [picture for _, picture in now.values() if picture]
        found.sort(key=lambda one: (one.time, one.path))
        return found, len(now) - len(found)


def _read(path: str, training: str, time: int) -> Picture | None:
    told = told_by(Path(path))
    return Picture(path, training, told, told.column, time) if told else None


def _files(version: Version) -> Iterator[tuple[str, str, _Mark]]:
    previews = version.inside("previews")
    for name in folders_in(previews):
        yield from _pngs(previews / name, "")
    older = version.inside(_OLDER)
    for training in folders_in(older):
        for checkpoint in folders_in(older / training):
            images = older / training / checkpoint / _OLDER_PICTURES
            for folder in (images, *(images / day for day in folders_in(images))):
                yield from _pngs(folder, training)


def _pngs(folder: Path, training: str) -> Iterator[tuple[str, str, _Mark]]:
    for one in scanned(folder):
        if not one.name.endswith(".png"):
            continue
        with suppress(OSError):  # deleted meanwhile, or a dead link
            stat = one.stat()
            if S_ISREG(stat.st_mode):
                yield one.path, training, (stat.st_mtime_ns, stat.st_size)
