"""A file that is written whole at first and grows about once a second."""

import time
from collections.abc import Callable
from pathlib import Path

from lib_train.files import write_whole

_SECONDS = 1.0
"""What a killed process had for no longer may be lost."""


class GrowingFile:
    """See the module. Where it cannot be written, as another program has it open, all of it waits: nothing is lost.

    Args:
        clock: seconds that only grow.
    """

    def __init__(self, path: Path, clock: Callable[[], float] = time.monotonic) -> None:
        self.path, self._clock = path, clock
        self._whole, self._size, self._tried = False, 0, clock()
        self._waiting: list[bytes] = []

    def begin(self, content: bytes) -> None:
        """Write it anew.

        Raises:
            OSError: it cannot be written now; ``write`` tries again.
        """
        self._whole, self._size, self._waiting = False, 0, [content]
        self.write()

    def add(self, content: bytes) -> None:
        """Add to it; within a second it is in the file, or with ``write``.

        Raises:
            OSError: as for ``begin``.
        """
        if content:
            self._waiting.append(content)
        if self._clock() - self._tried >= _SECONDS:
            self.write()

    def write(self) -> None:
        """Bring all that waits into the file.

        Raises:
            OSError: as for ``begin``.
        """
        self._tried = self._clock()
        if not self._waiting:
            return
        if self._whole:
            self._append()
        else:
            write_whole(self.path, *self._waiting, durable=False)
            self._whole = True
        self._size += sum(map(len, self._waiting))
        self._waiting = []

    def _append(self) -> None:
        with self.path.open("r+b") as file:
            file.seek(self._size)  # behind it lies at most what a full disk tore
            file.writelines(self._waiting)
            file.truncate()
