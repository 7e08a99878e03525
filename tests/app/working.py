"""Waiting for work on pictures."""

import time


def ended(session, number, project="p", version="v1"):
    """What came of it."""
    for _ in range(1000):
        if (found := session.works.one(project, version, number))["ended"]:
            return found
        time.sleep(0.01)
    raise AssertionError("the work does not end")
