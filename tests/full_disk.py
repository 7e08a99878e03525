"""A disk that becomes full, as a program meets it: what makes files, folders and names, or syncs them, fails."""

import errno
import os
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from itertools import count
from pathlib import Path
from typing import Any

import pytest

from lib_train.errors import TrainToolsError

_MAKING = {"os.mkdir", "os.rename", "os.link", "os.symlink"}
_fsync = os.fsync
_disks: "list[FullDisk]" = []
_hooked: list[bool] = []


class FullDisk:
    """The folder ``root``, which takes ``room`` further writes.

    Args:
        lasting: whether all others fail too, or the next one alone.
    """

    def __init__(self, root: Path, room: int, lasting: bool) -> None:
        self.room, self._root, self._lasting, self.reached = room, f"{root}{os.sep}", lasting, False

    def write(self, path: object) -> None:
        """Count a write to a path."""
        if path is not None and not os.fsdecode(path).startswith(self._root):  # type: ignore[arg-type]
            return
        self.room -= 1
        if self.room == -1 or (self.room < 0 and self._lasting):
            self.reached = True
            raise OSError(errno.ENOSPC, "No space left on device")


@contextmanager
def full_disk(monkeypatch: pytest.MonkeyPatch, root: Path, room: int, lasting: bool) -> Iterator[FullDisk]:
    """While entered, the disk is so. It can be freed again by leaving."""
    if not _hooked:
        sys.addaudithook(_audited)
        _hooked.append(True)
    disk = FullDisk(root, room, lasting)
    with monkeypatch.context() as patch:
        patch.setattr(os, "fsync", _synced)
        _disks.append(disk)
        try:
            yield disk
        finally:
            _disks.remove(disk)


def _synced(handle: int) -> None:
    for disk in _disks:
        disk.write(None)
    _fsync(handle)


def _audited(event: str, args: tuple[object, ...]) -> None:
    if not _disks:
        return
    target: Any = None
    if event == "open":
        path, _, flags = args
        if isinstance(flags, int) and flags & (os.O_WRONLY | os.O_RDWR | os.O_CREAT):
            target = path
    elif event in _MAKING:
        target = args[0 if event == "os.mkdir" else 1]
    if isinstance(target, (str, bytes, os.PathLike)):
        for disk in _disks:
            disk.write(target)


def at_each_write(
    monkeypatch: pytest.MonkeyPatch, folder: Path, prepare: Callable[[Path], None], job: Callable[[Path], Any]
) -> Iterator[tuple[Path, Any]]:
    """Do a job in fresh folders, each time with one write more that succeeds; yields folder and answer or error.

    The disk is free again then. The last time nothing failed.
    """
    for lasting in (False, True):
        for room in count():
            root = folder / f"{room}-{lasting}"
            root.mkdir()
            prepare(root)
            with full_disk(monkeypatch, root, room, lasting) as disk:
                try:
                    answer = job(root)
                except TrainToolsError as error:
                    answer = error
            yield root, answer
            if not disk.reached:
                break
        assert room > 3, "nothing was written"
