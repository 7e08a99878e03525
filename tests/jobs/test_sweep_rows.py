import pytest

from lib_train.jobs.sweep_rows import rows_of
from lib_train.store.projects import open_project
from lib_train.store.queue import Ended, Job, Jobs
from lib_train.store.runs import new_run
from lib_train.store.sweeps import new_sweep

NOTE = "s001: seed=1"


@pytest.fixture
def sweep(tmp_path):
    version = open_project(tmp_path, "p").version("v1")
    runs = [{"key": "k", "name": "seed=1", "note": NOTE, "changes": {"seed": 1}, "steps": 4}]
    return new_sweep(version, lambda name: {"axes": [], "config": {}, "runs": runs})


def begun(sweep):
    return new_run(sweep.version, {"config": {}, "note": NOTE, "sweep": "s001"})


def step(number, time, loss):
    return {"event": "StepDone", "time": time, "step": number, "loss": loss, "lr": {}}


JOB = Job(kind="train", key="k")


@pytest.mark.parametrize(
    ("jobs", "state", "why"),
    [
        (Jobs(), "missing", ""), (Jobs(waiting=(JOB,)), "waiting", ""), (Jobs(running=JOB), "running", ""),
        (Jobs(ended=(Ended(JOB, "failed", "no pictures", 1.0),)), "failed", "no pictures"),
        (Jobs(ended=(Ended(JOB, "stopped", "", 1.0),)), "missing", ""),
        (Jobs(waiting=(Job(kind="tag"),)), "missing", ""),
    ],
)  # fmt: skip
def test_a_run_that_has_not_begun_is_what_the_queue_says(sweep, jobs, state, why):
    (row,) = rows_of(sweep, jobs)
    assert (row.state, row.why, row.run, row.steps, row.loss, row.seconds) == (state, why, None, 4, None, None)


def test_time_between_two_sessions_of_a_run_does_not_count(sweep):
    run = begun(sweep)
    run.log({"event": "RunStarted", "time": 100.0, "first_step": 1})
    run.log(step(1, 102.0, 0.5))
    run.log({"event": "RunStarted", "time": 9000.0, "first_step": 2})
    run.log(step(2, 9001.0, 0.25))
    (row,) = rows_of(sweep, Jobs())
    assert (row.seconds, row.step, row.state) == (3.0, 2, "stopped")


def test_loss_is_the_mean_before_the_last_checkpoint_and_validation_the_last(sweep):
    run = begun(sweep)
    (sweep.version.part("checkpoints") / "a.safetensors").touch()
    for number, loss in enumerate((0.5, 0.25, 0.75), 1):
        run.log(step(number, float(number), loss))
    run.log({"event": "Validated", "time": 3.5, "step": 3, "on": {"100": 0.5, "500": 1.0}, "off": {"100": 2.0}})
    run.log({"event": "CheckpointSaved", "step": 3, "epoch": 1, "file": "a.safetensors"})
    run.log({"event": "RunFinished", "time": 4.0, "step": 3})
    (row,) = rows_of(sweep, Jobs(waiting=(JOB,)))
    assert (row.loss, row.val_on, row.val_off, row.state) == (0.5, 0.75, 2.0, "finished")
    assert [path.name for path in row.checkpoints] == ["a.safetensors"]


def test_a_run_that_failed_tells_the_last_line_of_its_error(sweep):
    begun(sweep).keep_error("Traceback\n  somewhere\nValueError: no")
    (row,) = rows_of(sweep, Jobs())
    assert (row.state, row.why) == ("failed", "ValueError: no")
