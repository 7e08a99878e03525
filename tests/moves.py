"""What moves in a session, for tests that look at it from outside."""

from typing import Any

from lib_train.app.session import Session


def now_of(session: Session, project: str = "", version: str = "") -> dict[str, Any]:
    """The job, what is around it, and the version's runs, in one layer."""
    found = session.now(project, version)
    return {**found["job"], **found}
