"""What moves in a session, for tests that look at it from outside."""

import time
from collections.abc import Callable
from typing import Any

from lib_train.app.session import Session


def now_of(session: Session, project: str = "", version: str = "") -> dict[str, Any]:
    """The job, what is around it, and the version's runs, in one layer."""
    found = session.now(project, version)
    return {**found["job"], **found}


def ended(session: Session, phase: str = "finished") -> dict[str, Any]:
    """``now_of`` version v1 of project p, once its job has ended in this phase."""
    until(lambda: not session.busy)
    now = now_of(session, "p", "v1")
    assert now["phase"] == phase, now
    return now


def until(true: Callable[[], object]) -> None:
    """Wait until it is true, for two minutes at most."""
    deadline = time.monotonic() + 120
    while not true():
        assert time.monotonic() < deadline, "it did not come to pass"
        time.sleep(0.01)
