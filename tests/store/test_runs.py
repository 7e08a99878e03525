import os
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from lib_train.errors import ProjectError
from lib_train.store.projects import open_project, version_named
from lib_train.store.runs import Checkpoint, Run, checkpoints_of, new_run, paths_of, run_named, runs_of


@pytest.fixture
def version(tmp_path):
    return open_project(tmp_path, "mochi").version("v1")


def run_with(version, *, state=False, finished=False):
    run = new_run(version, {"config": {}})
    if state:
        (run.state_folder / "step-00000001").mkdir()
    if finished:
        run.log({"event": "RunFinished", "step": 1})
    return run


def test_checkpoint_names_are_unique_across_runs(version):
    runs = [new_run(version, {"config": {}}) for _ in range(2)]
    assert [run.name for run in runs_of(version)] == ["r001", "r002"]
    names = {
        run.checkpoint_path(step, 2, last=last, ends_epoch=ends).name
        for run in runs
        for step, last, ends in ((8, False, True), (9, False, False), (10, True, True))
    }
    assert names == {f"mochi-v1-r00{r}{end}.safetensors" for r in (1, 2) for end in ("-000002", "-step00000009", "")}


def test_runs_that_start_at_once_get_different_names(version):
    with ThreadPoolExecutor(8) as threads:
        runs = list(threads.map(lambda number: new_run(version, {"config": {"n": number}}), range(24)))
    assert len({run.name for run in runs}) == 24
    assert sorted(run.settings()["config"]["n"] for run in runs) == list(range(24))


@pytest.mark.parametrize("left", ["mochi-v1-r001.safetensors", "mochi-v1-r001-000002.safetensors"])
def test_name_of_a_run_that_left_checkpoints_is_not_given_again(version, left):
    (version.part("checkpoints") / left).touch()
    assert new_run(version, {"config": {}}).name == "r002"


def test_settings_of_a_run_are_those_it_was_made_with(version):
    run = new_run(version, {"config": {"a": 1}})
    assert run.settings()["config"] == {"a": 1}
    assert run.settings()["started_at"] > 1.7e9
    with pytest.raises(ProjectError, match=r"r009: holds no run\.json"):
        Run(version, "r009").settings()
    for left in ('{"config": 3}', '{"started_at": 1}'):
        (run.folder / "run.json").write_text(left)
        with pytest.raises(ProjectError, match=r"r001/run\.json: holds no settings of a run; put it back"):
            run.settings()


def test_newest_run_that_can_go_on_is_taken_when_none_is_named(version):
    run_with(version, state=True)
    stopped = run_with(version, state=True)
    run_with(version)
    finished = run_with(version, state=True, finished=True)
    assert [run.can_resume() for run in runs_of(version)] == [True, True, False, False]
    assert run_named(version, "") == stopped
    assert run_named(version, "r004") == finished
    with pytest.raises(ProjectError, match=r"run = 'r9': .* has no such run \(it has r001, r002, r003, r004\)"):
        run_named(version, "r9")
    with pytest.raises(ProjectError, match="run = '../r1': use letters"):
        run_named(version, "../r1")


def test_newest_run_is_taken_when_none_can_go_on(version):
    with pytest.raises(ProjectError, match=r"has no such run \(it has none\)"):
        run_named(version, "")
    run_with(version)
    newest = run_with(version, finished=True)
    assert run_named(version, "") == newest


def test_run_that_goes_on_forgets_what_it_does_again_and_why_it_ended(version):
    run = new_run(version, {"config": {}})
    for step in (1, 2, 3):
        run.log({"event": "StepDone", "step": step})
    run.keep_error("no memory\n")
    with (run.folder / "events.jsonl").open("a") as file:
        file.write('{"event": "Ste')
    assert [event["step"] for event in run.events()] == [1, 2, 3]
    assert run.error() == "no memory\n"
    run.go_on_after(2)
    run.log({"event": "StepDone", "step": 3, "loss": 0.5})
    assert [event["step"] for event in run.events()] == [1, 2, 3]
    assert run.error() == ""


def test_error_that_cannot_be_written_down_does_not_hide_itself(version):
    Run(version, "r404").keep_error("what really happened")
    assert Run(version, "r404").error() == ""


def test_checkpoints_tell_run_step_epoch_and_mean_loss(version):
    run = new_run(version, {"config": {}})
    for step in range(1, 151):
        run.log({"event": "StepDone", "step": step, "loss": float(step)})
        if epoch := {50: 1, 150: 3}.get(step):
            path = run.checkpoint_path(step, epoch, last=step == 150, ends_epoch=True)
            path.touch()
            run.log({"event": "CheckpointSaved", "step": step, "epoch": epoch, "file": path.name})
    stranger = version.part("checkpoints") / "other.safetensors"
    stranger.touch()
    found = {checkpoint.path.name: checkpoint for checkpoint in checkpoints_of(version)}
    assert list(found) == ["mochi-v1-r001.safetensors", "mochi-v1-r001-000001.safetensors", "other.safetensors"]
    early, late = found["mochi-v1-r001-000001.safetensors"], found["mochi-v1-r001.safetensors"]
    assert (early.run, early.step, early.epoch, early.loss) == ("r001", 50, 1, 25.5)
    assert (late.run, late.step, late.epoch, late.loss) == ("r001", 150, 3, 100.5)
    assert found["other.safetensors"] == Checkpoint(path=stranger)


def test_order_of_checkpoints_is_that_of_runs_and_steps_also_where_a_copy_lost_the_files_times(version):
    paths: list[Path] = []
    for _ in range(2):
        run = new_run(version, {"config": {}})
        for step in (20, 3, 100):
            path = run.checkpoint_path(step, 1, last=False, ends_epoch=False)
            path.touch()
            os.utime(path, (1, 1))
            run.log({"event": "CheckpointSaved", "step": step, "epoch": 1, "file": path.name})
        paths = [run.checkpoint_path(step, 1, last=False, ends_epoch=False) for step in (100, 20, 3)] + paths
    assert paths_of(version) == paths


def test_checkpoint_whose_losses_are_not_logged_has_none(version):
    run = new_run(version, {"config": {}})
    path = run.checkpoint_path(1, 1, last=True, ends_epoch=True)
    path.touch()
    run.log({"event": "CheckpointSaved", "step": 1, "epoch": 1, "file": path.name})
    assert checkpoints_of(version)[0].loss is None


def test_names_that_no_checkpoint_can_bear_are_told_before_the_run(tmp_path):
    name = "n" * 200
    (tmp_path / name / "versions" / name).mkdir(parents=True)
    with pytest.raises(ProjectError, match="these names are too long for a file that bears both; rename one"):
        new_run(version_named(tmp_path, name, name), {})
    assert runs_of(version_named(tmp_path, name, name)) == []


def test_runs_folder_that_is_a_link_out_of_the_root_is_refused(version, tmp_path_factory):
    (version.folder / "runs").symlink_to(tmp_path_factory.mktemp("elsewhere"))
    with pytest.raises(ProjectError, match="lies outside of"):
        new_run(version, {})


def test_version_deleted_while_its_checkpoints_are_read_is_not_there_again(version, monkeypatch):
    run = run_with(version)
    run.log({"event": "CheckpointSaved", "file": "a.safetensors"})
    events = list(run.events())
    monkeypatch.setattr(Run, "events", lambda run: events)
    version.project.delete()
    assert run.checkpoints() == ()
    assert not version.project.folder.exists()
