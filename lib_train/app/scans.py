"""What lies in picture folders, remembered until something there changes."""

from collections.abc import Sequence
from functools import lru_cache, partial
from pathlib import Path
from typing import Any

from lib_train.config.dataset import DatasetConfig
from lib_train.marks import Mark, glance_at, mark_of
from lib_train.pictures.facts import facts_of
from lib_train.pictures.folders import Folders
from lib_train.pictures.images import Look, look_at
from lib_train.pictures.records import Scan
from lib_train.pictures.scan import Walked, as_scan, folders_of, walk
from lib_train.vocabulary import PICTURES

_LOOKS = 20_000  # pictures that are remembered


class Scans:
    """Remembers the folders that were asked for last."""

    def __init__(self) -> None:
        self._newest: tuple[Any, Walked] = None, Walked((), (), ())

    def scan(self, config: DatasetConfig) -> Scan:
        """What lies in the settings' folders; it is read again when a file there changed."""
        folders, endings = folders_of(config), config.caption_extension
        state = endings, *(_state_of(one, endings) for one in folders)
        known, walked = self._newest
        if state != known:
            walked = walk(folders, endings, look=lambda path: facts_of(partial(looked_at, path)))
            self._newest = state, walked
        return as_scan(walked, config)


def _state_of(folders: Folders, endings: Sequence[str]) -> list[Any]:
    """What changes with any change of the pictures, of their captions or of what is said of the folders."""
    ends = tuple(ending.lower() for ending in (*PICTURES, *endings))
    state: list[Any] = [folders.problems, folders.notes]
    for subset in folders.subsets:
        files = [str(file) for file in subset.files if file.name.lower().endswith(ends)]
        state.append((str(subset.folder), files, [_glance_at(file) for file in files]))
    return state


def _glance_at(file: str) -> Mark | None:
    try:
        return glance_at(file)
    except OSError:  # a dead link
        return None


def looked_at(path: Path) -> Look:
    """Size and kind of a picture file; read anew when the file changed."""
    try:
        return _remembered(path, mark_of(path))
    except OSError:
        return look_at(path)  # says what is wrong


@lru_cache(maxsize=_LOOKS)
def _remembered(path: Path, mark: Mark) -> Look:
    """``mark`` is part of the key: another file of the same name is looked at anew."""
    return look_at(path)
