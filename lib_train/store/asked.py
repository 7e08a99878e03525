"""What other processes ask of a run: a file for each wish, taken by the process that trains it."""

from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path

from lib_train.errors import FileError, reason
from lib_train.store.layout import made
from lib_train.store.runs import Run
from lib_train.texts import say

WISHES = ("save", "sample", "pause", "continue", "stop", "stop-after-epoch")


def ask(run: Run, wish: str) -> None:
    """Leave one of ``WISHES`` for whoever trains the run.

    Raises:
        FileError: the run's folder cannot be written to.
    """
    try:
        (made(_folder(run)) / wish).touch()
    except OSError as error:
        raise FileError(
            say("{path}: cannot be written ({why}); check permissions", path=_folder(run), why=reason(error))
        ) from error


def taken(run: Run, wishes: Sequence[str] = WISHES) -> list[str]:
    """Those of these wishes that were left, which then are no more. Where there are none it costs one look."""
    folder = _folder(run)
    if not folder.is_dir():
        return []
    found = [wish for wish in wishes if (folder / wish).exists()]
    for wish in found:
        (folder / wish).unlink(missing_ok=True)
    with suppress(OSError):
        folder.rmdir()
    return found


def _folder(run: Run) -> Path:
    return run.folder / "asked"
