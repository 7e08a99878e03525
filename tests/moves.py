"""What moves in a session, for tests that look at it from outside."""

import time
from typing import Any

from lib_train.app.session import Session


def now_of(session: Session, project: str = "", version: str = "") -> dict[str, Any]:
    """The job, what is around it, and the version's runs, in one layer."""
    found = session.now(project, version)
    return {**found["job"], **found}


def ended(session: Session, phase: str = "finished") -> dict[str, Any]:
    """``now_of`` version v1 of project p, once its job has ended in this phase."""
    deadline = time.monotonic() + 120
    while session.busy and time.monotonic() < deadline:
        time.sleep(0.05)
    now = now_of(session, "p", "v1")
    assert now["phase"] == phase, now
    return now
