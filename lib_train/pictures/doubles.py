"""Which picture is there already, byte for byte, under whatever name."""

import os
from collections.abc import Iterable, Iterator, Sequence
from contextlib import suppress
from pathlib import Path
from typing import IO

from lib_train.names import is_picture, out_of_sight

_BLOCK = 1 << 16


class Doubles:
    """The pictures in the folders of some folders, looked for by their size when the first is asked for."""

    def __init__(self, folders: Sequence[Path]) -> None:
        self._folders = folders
        self._sizes: dict[int, list[Path]] | None = None

    def add(self, path: Path, content: IO[bytes]) -> Path | None:
        """Remember a new picture; returns another one of the same content, where there is any."""
        if self._sizes is None:
            self._sizes = {}
            for there, size in _pictures_in(self._folders):
                self._sizes.setdefault(size, []).append(there)
        known = self._sizes.setdefault(content.seek(0, os.SEEK_END), [])
        found = next((one for one in known if one != path and same(one, content)), None)
        if path not in known:
            known.append(path)
        return found


def same(path: Path, content: IO[bytes]) -> bool:
    """Whether a file holds just this; false where it cannot be read, as a folder or a link to nothing cannot."""
    content.seek(0)
    try:
        with path.open("rb") as file:
            while block := content.read(_BLOCK):
                if file.read(len(block)) != block:
                    return False
            return not file.read(1)
    except OSError:
        return False


def _pictures_in(folders: Iterable[Path]) -> Iterator[tuple[Path, int]]:
    """Pictures with their sizes in bytes."""
    for folder in folders:
        for inner in _entries(folder):
            for entry in _entries(Path(inner.path)) if not out_of_sight(inner.name) else ():
                with suppress(OSError):
                    if is_picture(entry.name) and entry.is_file():
                        yield Path(entry.path), entry.stat().st_size


def _entries(folder: Path) -> list["os.DirEntry[str]"]:
    try:
        with os.scandir(folder) as found:
            return list(found)
    except OSError:
        return []
