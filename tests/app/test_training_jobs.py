import json
import threading
import time

import pytest

from lib_train.errors import ConfigError, HostBusyError
from tests.fake_model import FakeModel
from tests.moves import ended


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
    assert "can be resumed" in now["messages"][-1]
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
