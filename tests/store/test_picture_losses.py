import pytest

from lib_train.store.picture_losses import picture_losses, relative_losses
from lib_train.store.projects import open_project
from lib_train.store.runs import new_run


def step(number, *pictures):
    return {"event": "StepDone", "step": number, "pictures": [list(one) for one in pictures]}


def test_pictures_are_compared_at_the_same_timesteps():
    """The first is drawn at noisy timesteps, where every loss is high, and is learned as well as the second."""
    events = [step(1, (0, 900, 9.0), (1, 910, 9.0)), step(2, (0, 5, 0.2), (1, 10, 0.1)), step(3, (0, 20, 0.3))]
    found = relative_losses(events[:1])
    assert found == {0: 1.0, 1: 1.0}
    found = relative_losses([*events[:1], *events[1:2] * 3])
    assert found[0] == pytest.approx(4 / 3)
    assert found[1] == pytest.approx(2 / 3)


def test_only_the_later_half_of_the_steps_counts():
    early, late = step(1, (0, 5, 9.0), (1, 5, 1.0)), step(2, (0, 5, 1.0), (1, 5, 1.0))
    assert relative_losses([early, late]) == {0: 1.0, 1: 1.0}


def test_logs_of_earlier_versions_tell_nothing(tmp_path):
    assert relative_losses([{"event": "StepDone", "step": 1, "loss": 0.1}, {"event": "RunFinished"}]) == {}
    run = new_run(open_project(tmp_path, "p").version("v1"), {"config": {}})
    assert picture_losses(run) == {}


def test_losses_are_of_pictures_by_folder_and_name(tmp_path):
    run = new_run(open_project(tmp_path, "p").version("v1"), {"config": {}})
    run.keep_pictures([["2_mochi", "a.png", False, 2, "x", "y"], ["2_mochi", "a.png", True, 2, "x", "y"]])
    run.log(step(1, (0, 5, 3.0), (1, 5, 1.0)))
    assert picture_losses(run) == {("2_mochi", "a.png", False): 1.5, ("2_mochi", "a.png", True): 0.5}
    run.log(step(2, (0, 5, 1.0), (1, 5, 1.0)))
    assert picture_losses(run)[("2_mochi", "a.png", False)] == 1.0  # the log has grown
