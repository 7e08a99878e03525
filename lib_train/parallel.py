"""The same work on many things, in several threads that hold up nobody."""

import os
import threading
from collections import deque
from collections.abc import Callable, Generator, Sequence
from queue import SimpleQueue
from typing import TypeVar

_T = TypeVar("_T")
_R = TypeVar("_R")
_MOST = 4


def worked(
    work: Callable[[_T], _R], things: Sequence[_T], threads: int | None = None
) -> Generator[tuple[_T, _R], None, None]:
    """Each thing with what ``work`` makes of it, as they get ready.

    Unlike a pool of ``concurrent.futures``, its threads let the process end, and what has not begun is left when the
    iterator is closed.

    Args:
        threads: None takes as many as there are cores, at most four.

    Raises:
        Exception: whatever ``work`` raises.
    """
    left, done, ended = deque(things), SimpleQueue[tuple[_T, _R | None, BaseException | None]](), threading.Event()

    def run() -> None:
        while not ended.is_set():
            try:
                thing = left.popleft()
            except IndexError:
                return
            try:
                done.put((thing, work(thing), None))
            except BaseException as error:
                ended.set()
                done.put((thing, None, error))

    count = min(threads or min(_MOST, os.cpu_count() or 1), len(things))
    crew = [threading.Thread(target=run, daemon=True) for _ in range(count)]
    for thread in crew:
        thread.start()
    try:
        for _ in things:
            thing, result, error = done.get()
            if error is not None:
                raise error
            yield thing, result  # type: ignore[misc]
    finally:
        ended.set()
        for thread in crew:
            thread.join()
