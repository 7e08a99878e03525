import json
import shutil
import threading
import time
from types import SimpleNamespace

import pytest

from lib_train.app.session import Session
from lib_train.errors import ConfigError, FileError, HostBusyError, ModelFileError
from lib_train.host.standalone.host import StandaloneHost
from lib_train.jobs.training_run import TrainingRun
from lib_train.models.embedded import CHECKPOINT
from tests.fake_model import FakeModel
from tests.fakes import FakeHost
from tests.moves import ended, now_of, until


def test_run_tells_its_steps_losses_and_files(session, settings):
    session.train("p", "v1", settings)
    now = ended(session)
    curves = now["series"]
    assert [step for step, _ in curves["loss"]] == [1, 2, 3, 4]
    assert session.now(since=3)["series"] == {name: curve[3:] for name, curve in curves.items()}
    assert (now["step"], now["total_steps"]) == (4, 4)
    assert now["runs"] == [
        {"name": "r001", "step": 4, "finished": True, "resumable": False, "state_step": 4, "error": "", "held": ""}
    ]
    found = session.checkpoints("p", "v1")
    assert [c["step"] for c in found] == [4, 2]
    assert found[1]["loss"] == pytest.approx(sum(loss for _, loss in curves["loss"][:2]) / 2)
    assert json.dumps(now)
    assert session.series("p", "v1", "r001") == curves


def test_second_job_is_refused_while_one_goes_on_and_stop_saves(session, settings, monkeypatch):
    going, predict = threading.Event(), FakeModel.predict

    def slow(*args):
        going.set()
        time.sleep(0.1)
        return predict(*args)

    monkeypatch.setattr(FakeModel, "predict", slow)
    session.train("p", "v1", {**settings, "max_train_steps": "400", "save_every_n_steps": ""})
    assert going.wait(30)
    with pytest.raises(HostBusyError, match="a job is going on"):
        session.train("p", "v1", settings)
    session.stop()
    now = ended(session, "stopped")
    assert now["runs"][0]["resumable"]
    assert "can be resumed; it is no LoRA file" in now["messages"][-1]
    session.stop()  # with nothing going on
    session.resume("p", "v1")
    assert going.wait(30)
    session.stop()
    assert ended(session, "stopped")["runs"][0]["name"] == "r001"


def test_faults_of_settings_come_at_once_and_those_of_a_run_in_its_status(session, settings, tmp_path):
    with pytest.raises(ConfigError) as caught:
        session.train("p", "v1", {**settings, "network_dim": "0", "learning_rate": "fast"})
    assert {problem.setting for problem in caught.value.problems} == {"network_dim", "learning_rate"}
    assert not session.busy
    session.train("p", "v1", {**settings, "train_data_dir": str(tmp_path / "nowhere")})
    now = ended(session, "failed")
    assert "nowhere" in now["error"]["message"]
    assert not now["error"]["ours"]


def test_fault_of_our_own_shows_in_the_status_too(session, settings, monkeypatch):
    monkeypatch.setattr(FakeModel, "predict", lambda *args: 1 / 0)
    monkeypatch.setattr(threading, "excepthook", lambda args: None)
    session.train("p", "v1", settings)
    now = ended(session, "failed")
    assert now["error"]["message"].startswith("ZeroDivisionError")
    assert "ZeroDivisionError" in now["runs"][0]["error"]


def test_checkpoint_that_was_deleted_in_a_run_is_left_out_of_its_last_previews(session, settings, monkeypatch):
    def between_steps(done, total):
        if (done, total) == (3, 4):
            session.delete_checkpoint("p", "v1", "p-v1-r001-step00000002.safetensors")
        return True

    session.host.between_steps = between_steps
    session.train("p", "v1", {**settings, "preview_prompts": "a", "preview_weights": "1"})
    ended(session)
    assert [len(one["previews"]) for one in session.checkpoints("p", "v1")] == [1]


def test_a_queued_training_runs_with_the_settings_of_its_adding_and_leaves_newer_ones(session, settings, monkeypatch):
    begun, gate = threading.Event(), threading.Event()
    train = session._service.train

    def slow(*args, **kwargs):
        begun.set()
        gate.wait(100)
        return train(*args, **kwargs)

    monkeypatch.setattr(session._service, "train", slow)
    session.train("p", "v1", settings)
    assert begun.wait(100)
    session.add("p", "v1", {**settings, "max_train_steps": "3"})
    session.add("q", "v1", settings)
    session.add("p", "gone", settings)
    assert [job["steps"] for job in now_of(session)["queue"]["waiting"]] == [3, 4, 4]
    session.kept.keep("p", "v1", {"max_train_steps": "9"})  # as the page does when somebody types
    (session.root / "p" / "versions" / "gone").rename(session.root / "p" / "versions" / "other")
    gate.set()
    until(lambda: not session.busy)
    ended = now_of(session)["queue"]["ended"]
    assert [one["phase"] for one in ended] == ["finished", "finished", "finished", "failed"]
    assert "was deleted or renamed while it waited" in ended[-1]["text"]
    runs = {run["name"]: run for run in now_of(session, "p", "v1")["runs"]}
    assert [runs[name]["step"] for name in ("r001", "r002")] == [4, 3]
    assert now_of(session, "q", "v1")["runs"][0]["finished"]
    assert session.settings("p", "v1").training.max_train_steps == 9


def test_a_failed_run_keeps_its_error_though_the_next_one_went_well(session, settings, monkeypatch):
    fault, gate, prepare = [RuntimeError("out of memory")], threading.Event(), TrainingRun.run

    def failing(*args):
        if fault:
            gate.wait(100)
            raise fault.pop()
        return prepare(*args)

    monkeypatch.setattr(TrainingRun, "run", failing)
    session.train("p", "v1", settings)
    session.add("q", "v1", settings)
    gate.set()
    until(lambda: not session.busy)
    assert now_of(session)["phase"] == "finished"
    assert "out of memory" in now_of(session, "p", "v1")["runs"][0]["error"]
    assert "out of memory" in now_of(session)["queue"]["ended"][0]["text"]


@pytest.fixture
def alone(tmp_path):
    """A session over checkpoints that are files."""
    return Session(StandaloneHost(device="cpu"), tmp_path / "out")


def test_what_cannot_be_trained_is_refused_at_once_and_the_base_model_of_now_is_kept(alone, settings):
    with pytest.raises(FileError, match="nowhere"):
        alone.add("p", "v1", {**settings, "base_model": "nowhere"})
    kept, run = [], SimpleNamespace(version=alone._service.version("p", "v1"))

    def train(project, version, config, wishes, keep, **job):
        kept.append(config.base_model)
        return SimpleNamespace(over=True, checkpoints=(), run=run)

    alone._service.train = train
    alone.add("p", "v1", {**settings, "base_model": ""})  # nothing goes on: it begins
    until(lambda: not alone.busy)
    assert kept == [str(CHECKPOINT)]


def test_a_base_model_that_is_not_there_is_refused_before_a_job_begins(alone, settings):
    with pytest.raises(ModelFileError, match="there is no such file"):
        alone.train("p", "v1", {**settings, "base_model": "nowhere"})
    assert now_of(alone)["phase"] == "idle"


@pytest.mark.parametrize("other", ["base model", "content", "vae"])
def test_training_that_waits_is_not_begun_on_another_base_model_or_vae(tmp_path, pictures, other):
    for name in ("A", "B", "vae"):
        (tmp_path / f"{name}.safetensors").write_bytes(name.encode())
    host = FakeHost(tmp_path / "A.safetensors")
    session, going = Session(host, tmp_path / "out"), threading.Event()
    host.between_steps = lambda done, total: going.wait(100)
    settings = {"train_data_dir": str(pictures), "resolution": "64", "min_bucket_reso": "64", "max_bucket_reso": "64",
                "max_train_steps": "1"}  # fmt: skip
    session.train("p", "v1", settings)
    session.add("p", "v2", settings)
    if other == "vae":
        host.vae = tmp_path / "vae.safetensors"
    elif other == "content":
        host.loaded.write_bytes(b"another")
    else:
        host.loaded = tmp_path / "B.safetensors"
    going.set()
    until(lambda: not session.busy)
    queue = session.queue.snapshot()
    assert [job["version"] for job in queue["waiting"]] == ["v2"]
    reason = "is loaded; choose it" if other == "base model" else "was added to the queue on A.safetensors (content"
    assert reason in queue["held"]


@pytest.mark.parametrize("change", ["caption", "picture", "nothing"])
def test_a_training_that_waited_says_when_its_pictures_are_others_now(session, settings, pictures, change):
    session.keep_queue_settings({"paused": True})
    session.add("p", "v1", settings)
    if change == "caption":
        (pictures / "2_mochi" / "0.txt").write_text("another")
    elif change == "picture":
        (pictures / "2_mochi" / "1.png").unlink()
    session.queue.go_on()
    now = ended(session)
    told = any("pictures or captions have changed while it waited" in line for line in now["messages"])
    assert told == (change != "nothing")


def test_a_training_whose_pictures_are_gone_fails_and_the_next_one_goes_on(session, settings, pictures):
    session.keep_queue_settings({"paused": True})
    session.add("p", "v1", settings)
    other = pictures.with_name("others")
    shutil.copytree(pictures, other)
    session.add("q", "v1", {**settings, "train_data_dir": str(other)})
    shutil.rmtree(pictures)
    session.queue.go_on()
    until(lambda: not session.busy)
    found = now_of(session)["queue"]["ended"]
    assert [(one["project"], one["phase"]) for one in found] == [("p", "failed"), ("q", "finished")]
    assert "data" in found[0]["text"]
