"""A job that is killed at one of its calls of the system."""

import os
import signal
from collections.abc import Callable
from typing import Any


def killed_at(name: str, calls: int, job: Callable[[], object]) -> bool:
    """Do a job in a process of its own that is killed instead of the next call of ``os.<name>`` after so many.

    Returns:
        Whether it was killed; it may have ended before.
    """
    child = os.fork()
    if not child:
        _run(name, calls, job)
    code = os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
    assert code in (0, -signal.SIGKILL)
    return code != 0


def _run(name: str, calls: int, job: Callable[[], object]) -> None:
    real, left = getattr(os, name), calls

    def counted(*args: Any, **how: Any) -> Any:
        nonlocal left
        left -= 1
        if left < 0:
            os.kill(os.getpid(), signal.SIGKILL)
        return real(*args, **how)

    setattr(os, name, counted)
    try:
        job()
        os._exit(0)
    finally:
        os._exit(1)
