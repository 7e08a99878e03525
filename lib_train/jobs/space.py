"""Disk space for a run's files."""

from pathlib import Path

from lib_train.errors import FileError, Problem
from lib_train.files import free_bytes
from lib_train.store.layout import ELSEWHERE
from lib_train.texts import joined, say

SETTING = "disk"
""""Setting" under which missing disk space is reported; several settings contribute to it."""


def space_problems(folder: Path, needed: int) -> list[Problem]:
    """The problem when ``needed`` bytes do not fit on the disk of a folder; empty when they do."""
    free = free_bytes(folder)
    if free is None or free >= needed:
        return []
    remedy = say("{needed} are needed and {free} free; make room, save less often, or {elsewhere}",
                 needed=_mib(needed), free=_mib(free), elsewhere=ELSEWHERE)  # fmt: skip
    return [Problem(SETTING, str(folder), remedy)]


def require_space(folder: Path, needed: int) -> None:
    """Check that ``needed`` bytes fit on the disk of a folder.

    Raises:
        FileError: they do not.
    """
    for problem in space_problems(folder, needed):
        raise FileError(joined(": ", (folder, problem.remedy)))


def _mib(count: int) -> str:
    return f"{count / 2**20:.0f} MiB"
