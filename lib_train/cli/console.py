"""Exit codes, lines for the person in front, and streams that may be gone."""

import errno
import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from typing import Any

from lib_train.cli.language import here
from lib_train.texts import say

OK, OUR_FAULT, BAD_INPUT, STOPPED = 0, 1, 2, 130
STATE_ALONE = say("what is saved is the state of the run, from which it is resumed; it is no LoRA file")
"""Of a training that was stopped."""


def print_line(text: str) -> None:
    """A line for the person in front, in their language."""
    sys.stdout.write(here(text) + "\n")
    sys.stdout.flush()


class Stream:
    """A stream that keeps accepting output when its reader left or its disk is full, and records the loss.

    Everything but writing is the stream's own.
    """

    def __init__(self, stream: Any) -> None:
        self._stream = stream
        self.lost: OSError | None = None
        """Why something could not be written; a reader that left is no reason."""

    def __getattr__(self, name: str) -> Any:
        return getattr(self._stream, name)

    def write(self, text: str) -> int:
        with self._lossy():
            self._stream.write(text)
        return len(text)

    def flush(self) -> None:
        with self._lossy():
            self._stream.flush()

    @contextmanager
    def _lossy(self) -> Iterator[None]:
        try:
            yield
        except ValueError:  # closed by somebody else
            pass
        except OSError as error:
            if error.errno not in (errno.EPIPE, errno.EINVAL):  # Windows says the second of a pipe that is gone
                self.lost = self.lost or error
            self._turn_away()

    def _turn_away(self) -> None:
        """Discard the rest of the buffer, on which the interpreter would fail at exit."""
        if self._stream not in (sys.__stdout__, sys.__stderr__):
            return
        with suppress(OSError, ValueError):
            nowhere = os.open(os.devnull, os.O_WRONLY)
            os.dup2(nowhere, self._stream.fileno())
            os.close(nowhere)


@contextmanager
def streams() -> Iterator[Stream]:
    """Standard output and error that can be written to whatever becomes of them; yields the former.

    Letters that a console does not have become question marks.
    """
    _keep_numbers_of_closed_streams()
    before = sys.stdout, sys.stderr
    with open(os.devnull, "w", encoding="utf-8") as nowhere:
        out, error = (Stream(stream or nowhere) for stream in before)
        for stream in (out, error):
            if hasattr(stream, "reconfigure"):
                stream.reconfigure(errors="replace")
        sys.stdout, sys.stderr = out, error  # type: ignore[assignment]
        try:
            yield out
        finally:
            out.flush()
            error.flush()
            sys.stdout, sys.stderr = before


def _keep_numbers_of_closed_streams() -> None:
    """Or the first file that is opened gets the number of standard output, and whatever a library prints."""
    for number in (0, 1, 2):
        try:
            os.fstat(number)
        except OSError:
            os.open(os.devnull, os.O_RDWR)  # takes the lowest number that is free
