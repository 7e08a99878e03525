import os

from lib_train.app.listing import runs_of_version, sample_of
from lib_train.store.projects import open_project
from lib_train.store.runs import new_run


def test_run_tells_how_far_its_log_and_how_far_its_state_go(tmp_path):
    version = open_project(tmp_path, "p").version("v1")
    run = new_run(version, {})
    assert (run.state_step(), run.can_resume()) == (None, False)
    for step in (1, 2, 3):
        run.log({"event": "StepDone", "step": step, "loss": 0.1})
    (run.state_folder / ".step-00000003.x.partial").mkdir()
    (told,) = runs_of_version(version)
    assert (told["step"], told["state_step"], told["resumable"], told["held"]) == (3, None, False, "")
    for step in (1, 2):
        (run.state_folder / f"step-{step:08d}").mkdir()
    with run.held():
        (told,) = runs_of_version(version)
        assert "this process on " in told["held"]
    assert (told["step"], told["state_step"], told["resumable"]) == (3, 2, True)


def test_a_picture_that_was_made_for_a_sheet_stands_for_a_checkpoint_only_where_there_is_no_other(tmp_path):
    version = open_project(tmp_path, "p").version("v1")
    for time, name in enumerate(("m-p1-s1-w1", "m-sheet_dog-s1-w1")):
        path = version.part("previews", "m") / f"{name}.png"
        path.write_bytes(b"x")
        os.utime(path, (time, time))
    shown = sample_of(version, "m")
    assert shown is not None
    assert shown.name == "m-p1-s1-w1.png"
    shown.unlink()
    assert sample_of(version, "m") == path
    path.unlink()
    assert sample_of(version, "m") is None
