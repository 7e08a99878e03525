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
