"""A run remembers what it was made from, and says what has changed before it goes on."""

import shutil
import time

import pytest

from lib_train.app.session import Session
from lib_train.checkpoints.resume import latest_state, read_state
from lib_train.config.codec import from_json
from lib_train.error_json import error_json
from lib_train.errors import ConfigError, ModelFileError, ProjectError, RunChanged
from tests.fakes import FakeHost
from tests.jobs.stopping import SETTINGS, draw, refused, stopped, weights
from tests.moves import now_of


def test_message_names_the_ways_out(service, data):
    stopped(service, data)
    (data / "1_cat" / "1.png").unlink()
    message = (
        r"resume = 'r001': what the run was made from has changed:\n  pictures removed: 1 \(1_cat/1.png\)\n"
        r"put it back; or go on after step 7 with what is there now: --resume r001 --with_changes; or start a new run"
    )
    with pytest.raises(RunChanged, match=message):
        service.resume("p", "v1")


def test_run_goes_on_with_changes_from_the_same_step_and_remembers_them(service, data):
    run = stopped(service, data)
    before = (run.version.folder / "checkpoints" / "p-v1-r001-000002.safetensors").read_bytes()
    for index in range(6, 10):
        draw(data / "1_cat", index, (index, 0, 200), "more")
    outcome = service.resume("p", "v1", with_changes=True)
    assert outcome.finished
    steps = [event["step"] for event in run.events() if event["event"] == "StepDone"]
    assert steps == list(range(1, 21))  # 4 epochs of 5 batches
    (changed,) = run.settings()["changes"]
    assert changed["step"] == 7
    assert "pictures added: 4 (1_cat/6.png, 1_cat/7.png, 1_cat/8.png, 1_cat/9.png)" in changed["changes"]
    assert any("changed: pictures added: 4" in line for line in service.listener.lines)
    names = [path.name for path in outcome.checkpoints]
    assert names == [f"p-v1-r001{end}.safetensors" for end in ("-000002", "-000002-step00000010", "")]
    assert outcome.checkpoints[0].read_bytes() == before  # the one of step 6, which the new plan names alike


def test_run_that_was_told_to_go_on_with_changes_needs_not_be_told_again(service, data, host):
    run = stopped(service, data)
    (data / "1_cat" / "0.txt").write_text("a dog")
    host.between_steps = lambda done, total: (done, total) != (9, 12)
    assert not service.resume("p", "v1", with_changes=True).finished
    host.between_steps = lambda done, total: True
    assert service.resume("p", "v1").finished
    assert len(run.settings()["changes"]) == 1


@pytest.mark.parametrize("left", [2, 4])
def test_plan_that_became_shorter_than_the_steps_done_ends_with_the_weights_of_now(service, data, left):
    run = stopped(service, data, after=11)
    trained = {name.removeprefix("network."): tensor.tolist()
               for name, tensor in read_state(latest_state(run.state_folder))[0].items()  # type: ignore[arg-type]
               if name.startswith("network.")}  # fmt: skip
    for index in range(left, 6):
        (data / "1_cat" / f"{index}.png").unlink()
    refused(service)
    outcome = service.resume("p", "v1", with_changes=True)
    assert outcome.finished
    assert weights(run) == trained
    assert outcome.checkpoints[-1].name == "p-v1-r001.safetensors"
    assert list(run.events())[-1]["step"] == 11
    assert any(f"the plan has {2 * left} steps and 11 are done" in line for line in service.listener.lines)
    with pytest.raises(ProjectError, match="the run is finished"):
        service.resume("p", "v1")


def test_data_that_moved_elsewhere_is_no_change(service, data, tmp_path):
    whole = service.train("p", "v0", from_json({**SETTINGS, "train_data_dir": [str(data)]})[0]).run
    run = stopped(service, data)
    moved = tmp_path / "elsewhere" / "pictures"
    shutil.copytree(data, moved)
    shutil.rmtree(data)
    outcome = service.resume("p", "v1", places={"train_data_dir": str(moved)})
    assert outcome.finished
    assert weights(run) == weights(whole)
    assert run.settings()["config"]["dataset"]["train_data_dir"] == [str(moved)]


def test_only_places_may_be_others_in_a_resumed_run(service, data):
    stopped(service, data)
    for name in ("network_dim", "prediction_type"):
        with pytest.raises(ConfigError, match=rf"a resumed run keeps its settings: .* \(given: {name}\)"):
            service.resume("p", "v1", places={name: "v", "vae": ""})


def test_base_model_that_is_gone_is_named_before_anything_is_written(service, data, host, tmp_path):
    run = stopped(service, data)
    log = (run.folder / "events.jsonl").read_text()
    host.loaded.unlink()
    with pytest.raises(ModelFileError, match=r"A\.safetensors: cannot be read"):
        service.resume("p", "v1")
    assert (run.folder / "events.jsonl").read_text() == log


def test_tab_is_told_at_once_what_has_changed_and_can_go_on_with_it(service, data, host):
    stopped(service, data)
    session = Session(host, service.root)
    (data / "1_cat" / "0.txt").write_text("a dog")
    with pytest.raises(RunChanged) as caught:
        session.resume("p", "v1")
    answer = error_json(caught.value, service.root)
    assert (answer["changed"], answer["step"]) == (["captions changed: 1 (1_cat/0.png)"], 7)
    assert answer["message"] == (
        "resume = 'r001': what the run was made from has changed: captions changed: 1 (1_cat/0.png); put it back, "
        "go on after step 7 with the changes, or start a new run"
    )
    assert str(caught.value).endswith("--resume r001 --with_changes; or start a new run")
    assert now_of(session)["phase"] == "idle"
    session.resume("p", "v1", with_changes=True)
    end = time.monotonic() + 200
    while session.busy and time.monotonic() < end:
        time.sleep(0.02)
    assert now_of(session)["phase"] == "finished"


@pytest.mark.parametrize("seeds", [[1, 7], [-1, 7]])
def test_run_that_was_killed_in_its_last_previews_says_what_is_left_to_do(service, data, host, monkeypatch, seeds):
    def killed(model, requests):
        for number, picture in enumerate(FakeHost.render(host, model, requests)):
            if number == 3:
                raise KeyboardInterrupt
            yield picture

    previews = {"preview_prompts": ["a"], "preview_seeds": seeds, "preview_weights": [0, 1]}
    monkeypatch.setattr(host, "render", killed)
    with pytest.raises(KeyboardInterrupt):
        service.train("p", "v1", from_json({**SETTINGS, "train_data_dir": [str(data)], **previews})[0])
    monkeypatch.undo()
    message = (
        r"resume = 'r001': the run is finished; 3 of its 6 previews are missing: make them with train-tools preview "
    )
    with pytest.raises(ProjectError, match=message + r'--output ".*out" --project "p" --version "v1", or in the tab'):
        service.resume("p", "v1")
    version = service.version("p", "v1")
    service.preview(version.checkpoints(), version.settings()[0], version)
    with pytest.raises(ProjectError, match="the run is finished; start a new one"):
        service.resume("p", "v1")


def test_run_that_ended_before_its_first_state_says_so(service, data, monkeypatch):
    def killed(done, total):
        raise KeyboardInterrupt

    service.host.between_steps = killed
    with pytest.raises(KeyboardInterrupt):
        service.train("p", "v1", from_json({**SETTINGS, "train_data_dir": [str(data)]})[0])
    with pytest.raises(ProjectError, match="r001': ended before its first state was saved; start it anew"):
        service.resume("p", "v1")
