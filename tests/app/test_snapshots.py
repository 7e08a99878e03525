import threading

import pytest

from lib_train.smoothing import Smoothed
from tests.moves import ended


def test_curve_of_a_resumed_run_shows_its_earlier_steps_too(session, settings, monkeypatch):
    steps_of_curve = []

    def between_steps(done, total):
        if total == 4:  # not pictures being encoded
            steps_of_curve.append([*session.status.job_and_curves(0)[1]["loss"].steps])
        return total != 4 or done != 2

    session.host.between_steps = between_steps
    session.train("p", "v1", settings)
    loss = ended(session, "stopped")["loss"]
    session.resume("p", "v1")
    now = ended(session)
    assert steps_of_curve == [[1], [1, 2], [1, 2, 3], [1, 2, 3, 4]]
    assert now["series"] == session.series("p", "v1", "r001")
    losses = [loss for _, loss in now["series"]["loss"]]
    assert loss == Smoothed(losses[:2]).value
    assert now["loss"] == Smoothed(losses).value


@pytest.mark.parametrize("asked", ["now", "jobs"])
def test_job_that_ends_meanwhile_is_not_told_as_over_and_still_at_work(session, settings, monkeypatch, asked):
    may_end, ended_now = threading.Event(), threading.Event()
    name = {"now": "job_and_curves", "jobs": "job"}[asked]
    looked, hand_on = getattr(session.status, name), session.queue._hand_on

    def looked_before_its_end(*since):
        found = looked(*since)
        may_end.set()
        ended_now.wait(0.5)  # where nothing keeps it from ending
        return found

    def handed_on():
        hand_on()
        ended_now.set()

    monkeypatch.setattr(session.status, name, looked_before_its_end)
    monkeypatch.setattr(session.queue, "_hand_on", handed_on)
    session.host.between_steps = lambda done, total: may_end.wait(60)
    session.train("p", "v1", settings)
    found = getattr(session, asked)()
    assert (found["busy"], found["job"]["phase"] in ("finished", "failed")) in ((True, False), (False, True))
    assert ended_now.wait(60)


def test_checkpoints_are_told_as_others_when_one_is_deleted_or_something_is_decided_of_it(session, settings):
    session.train("p", "v1", settings)
    ended(session)
    seen = [session.now("p", "v1")["checkpoints"]]
    session.comparison.choose("p", "v1", "p-v1-r001.safetensors", {"verdict": "starred"})
    seen.append(session.now("p", "v1")["checkpoints"])
    (session.root / "p/versions/v1/checkpoints/p-v1-r001.safetensors").unlink()  # by another program
    seen.append(session.now("p", "v1")["checkpoints"])
    assert session.now("p", "v1")["checkpoints"] == seen[-1]
    assert len(set(seen)) == 3
