"""Folders of projects and versions under another name, copied, or in the trash."""

import shutil
import time
from pathlib import Path

from lib_train.errors import ProjectError, reason
from lib_train.files import written
from lib_train.names import child
from lib_train.store.layout import below, checked_name, made

_TRASH = ".trash"


def _free(folder: Path, name: str, what: str) -> Path:
    target = child(folder.parent, checked_name(name, what))
    if target.exists():
        raise ProjectError(f"{what} = {name!r}: there is one of this name already; choose another")
    if not folder.is_dir():
        raise ProjectError(f"{what} = {folder.name!r}: there is none of this name in {folder.parent}")
    return target


def moved(folder: Path, name: str, what: str) -> str:
    """Rename a folder; returns the new name, which must be free."""
    target = _free(folder, name, what)
    try:
        folder.rename(target)
    except OSError as error:
        raise ProjectError(f"{folder}: cannot be renamed ({error.strerror}); close what uses it") from error
    return target.name


def copied(folder: Path, name: str, what: str, parts: tuple[str, ...]) -> None:
    """Copy some parts of a folder under another name, whole or not at all."""
    target = _free(folder, name, what)
    try:
        with written(target, replace=False) as partial:
            for part in parts:
                there = partial / part
                there.parent.mkdir(parents=True, exist_ok=True)
                if (folder / part).is_dir():
                    shutil.copytree(folder / part, there)
                elif (folder / part).exists():
                    shutil.copy2(folder / part, there)
    except OSError as error:
        raise ProjectError(
            f"{target}: cannot be copied to ({reason(error)}); make room or check permissions"
        ) from error


def discarded(root: Path, folder: Path, name: str) -> Path:
    """Move a file or folder into the trash below the root; returns where it lies."""
    bin_ = made(below(root, _TRASH))
    stem = f"{time.strftime('%Y%m%d-%H%M%S')}-{name}"
    target, number = bin_ / stem, 2
    while target.exists():
        target, number = bin_ / f"{stem}-{number}", number + 1
    try:
        folder.rename(target)
    except OSError as error:
        raise ProjectError(f"{folder}: cannot be moved to {bin_} ({error.strerror}); close what uses it") from error
    return target
