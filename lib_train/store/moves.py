"""Folders of projects and versions under another name, copied, or in the trash."""

import shutil
import time
from pathlib import Path

from lib_train.errors import ProjectError, reason
from lib_train.files import written
from lib_train.names import child
from lib_train.store.layout import below, checked_name, made
from lib_train.texts import say

_TRASH = ".trash"


def _free(folder: Path, name: str, what: str) -> Path:
    target = child(folder.parent, checked_name(name, what))
    if target.exists():
        raise ProjectError(
            say("{what} = {name!r}: there is one of this name already; choose another", what=what, name=name)
        )
    if not folder.is_dir():
        raise ProjectError(
            say(
                "{what} = {name!r}: there is none of this name in {parent}",
                what=what,
                name=folder.name,
                parent=folder.parent,
            )
        )
    return target


def moved(folder: Path, name: str, what: str) -> str:
    """Rename a folder; returns the new name as it is written.

    Args:
        what: "project" or "version", for the message.

    Raises:
        ProjectError: the name may not be used or is taken, there is no such folder, or it cannot be renamed.
    """
    target = _free(folder, name, what)
    try:
        folder.rename(target)
    except OSError as error:
        raise ProjectError(
            say("{folder}: cannot be renamed ({why}); close what uses it", folder=folder, why=reason(error))
        ) from error
    return target.name


def copied(folder: Path, name: str, what: str, parts: tuple[str, ...]) -> None:
    """Copy some parts of a folder under another name, whole or not at all.

    Args:
        what: "project" or "version", for the message.
        parts: relative paths of files and folders; those that are missing are left out.

    Raises:
        ProjectError: the name may not be used or is taken, there is no such folder, or the copy cannot be written.
    """
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
            say(
                "{target}: cannot be copied to ({why}); make room or check permissions",
                target=target,
                why=reason(error),
            )
        ) from error


def discarded(root: Path, folder: Path, name: str) -> Path:
    """Move a file or folder into the trash below the root; returns where it lies.

    Args:
        name: part of its name there, behind the date.

    Raises:
        ProjectError: it cannot be moved.
    """
    bin_ = made(below(root, _TRASH))
    stem = f"{time.strftime('%Y%m%d-%H%M%S')}-{name}"
    target, number = bin_ / stem, 2
    while target.exists():
        target, number = bin_ / f"{stem}-{number}", number + 1
    try:
        folder.rename(target)
    except OSError as error:
        raise ProjectError(
            say(
                "{folder}: cannot be moved to {trash} ({why}); close what uses it",
                folder=folder,
                trash=bin_,
                why=reason(error),
            )
        ) from error
    return target
