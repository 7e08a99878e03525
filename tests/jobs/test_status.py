import pytest

from lib_train.jobs.status import Status
from lib_train.training.events import RunStarted, StepDone, Validated
from lib_train.training.plan import TrainPlan


class Seconds:
    """A clock that is set by hand."""

    now = 0.0

    def __call__(self):
        return self.now


@pytest.fixture
def half_way():
    """A status with five steps of two seconds each behind it, of ten; and its clock."""
    clock = Seconds()
    status = Status(clock=clock)
    status.begin("train", "p", "v1")
    status.trained(RunStarted(10, 1), PLAN)
    for step in range(1, 6):
        clock.now += 2
        status.trained(StepDone(step, 1, 0.1, {}), PLAN)
    return status, clock


PLAN = TrainPlan(batches_per_epoch=10, steps_per_epoch=10, total_steps=10, epochs=1, text_steps=1,
                 save_every_n_epochs=None, save_every_n_steps=None, save_state_every_n_steps=None)  # fmt: skip


def test_speed_and_time_left_are_those_of_the_steps_without_the_pictures_between_them(half_way):
    status, clock = half_way
    for done in (1, 2):
        clock.now += 60
        status.working("previews", done, 2)
    clock.now += 2
    status.trained(StepDone(6, 1, 0.1, {}), PLAN)
    job = status.job()
    assert (job["steps_per_second"], job["seconds_left"]) == (pytest.approx(0.5), pytest.approx(8))


def test_measurements_are_curves_and_their_time_does_not_count(half_way):
    status, clock = half_way
    clock.now += 60
    status.trained(Validated(5, 1, {100: 0.1, 300: 0.3}, {100: 0.25, 300: 0.35}), PLAN)
    clock.now += 2
    status.trained(StepDone(6, 1, 0.1, {}), PLAN)
    job, curves = status.job_and_curves(0)
    assert job["steps_per_second"] == pytest.approx(0.5)
    assert [list(curves[name].values) for name in ("val_on", "val_off", "val_on 300")] == [[0.2], [0.3], [0.3]]
    assert list(curves["val_on"].steps) == [5]


def test_speed_and_time_left_do_not_count_a_pause_with_pictures_in_it(half_way):
    status, clock = half_way
    status.paused(True)
    clock.now += 600
    assert status.job()["phase"] == "paused"
    assert "seconds_left" not in status.job()
    status.paused(False)
    status.working("previews", 1, 1)
    status.paused(True)
    clock.now += 600
    status.paused(False)
    clock.now += 2
    status.trained(StepDone(6, 1, 0.1, {}), PLAN)
    job = status.job()
    assert (job["phase"], job["steps_per_second"], job["seconds_left"]) == (
        "training", pytest.approx(0.5), pytest.approx(8)
    )  # fmt: skip


def test_time_left_of_work_is_that_of_what_is_missing_at_its_pace():
    clock = Seconds()
    status = Status(clock=clock)
    status.begin("regularise", "p", "v1")
    status.working("regularisation", 4, 10)
    assert "seconds_left" not in status.job()
    for done in (5, 6):
        clock.now += 3
        status.working("regularisation", done, 10)
    clock.now += 1
    assert status.job()["seconds_left"] == pytest.approx(12)
    status.working("tags", 0, 10)
    assert "seconds_left" not in status.job()


def test_how_prompts_name_the_network_in_training_is_told_until_the_job_ends():
    status = Status()
    status.begin("train", "p", "v1")
    assert "live" not in status.job()
    status.offered("@training")
    assert status.job()["live"] == "@training"
    status.end("stopped")
    assert "live" not in status.job()
