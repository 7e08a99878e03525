import json
from dataclasses import replace
from threading import Event as Flag

import pytest
import tqdm

from lib_train.app.jobs import told_in_words
from lib_train.app.service import Service
from lib_train.config.codec import from_json
from lib_train.errors import OutOfMemory
from lib_train.host.standalone import StandaloneHost
from lib_train.host.standalone_model import StandaloneModel


@pytest.fixture
def config(pictures, checkpoints):
    found, _ = from_json({
        "base_model": str(checkpoints["sd1"]), "train_data_dir": [str(pictures)], "resolution": 64,
        "min_bucket_reso": 64, "network_dim": 2, "train_batch_size": 2, "max_train_steps": 4, "save_every_n_steps": 2,
    })  # fmt: skip
    return found


@pytest.fixture
def service(tmp_path):
    return Service(StandaloneHost(device="cpu"), tmp_path / "out", watch=False)


def test_running_out_of_memory_is_answered_with_what_lowers_it():
    kept = []
    with pytest.raises(OutOfMemory, match="lower train_batch_size or resolution, set gradient_checkpointing"):
        with told_in_words(kept.append):
            raise RuntimeError("CUDA out of memory. Tried to allocate 2 GiB")
    assert "Traceback" in kept[0]


def test_error_of_ours_keeps_its_traceback_in_the_runs_folder(service, config, monkeypatch):
    monkeypatch.setattr(StandaloneModel, "predict", lambda *args: 1 / 0)
    with pytest.raises(ZeroDivisionError):
        service.train("p", "v1", config)
    run = service.root / "p" / "versions" / "v1" / "runs" / "r001"
    assert "ZeroDivisionError" in (run / "error.txt").read_text()
    with service.host.borrow(service.host.find(config.base_model)):
        pass  # the device was given back


def test_failing_preview_is_reported_and_training_goes_on(service, config, monkeypatch, capsys):
    def failing(self, model, requests):
        raise RuntimeError("no picture today")
        yield

    monkeypatch.setattr(StandaloneHost, "render", failing)
    preview = replace(config.preview, preview_prompts=("a",), preview_every_n_steps=2, preview_after_training=False)
    outcome = service.train("p", "v1", replace(config, preview=preview))
    assert outcome.finished
    assert len(outcome.checkpoints) == 3  # two by epoch and steps, and the last
    assert "no preview of step 2: no picture today" in capsys.readouterr().err


def test_stopped_run_saves_a_state_and_resumes_to_the_same_file(service, config):
    stop = Flag()
    stop.set()
    first = service.train("p", "v1", config, stop)
    assert not first.finished
    second = service.resume("p", "v1")
    assert second.finished
    whole = service.train("p", "v1", config)
    one, other = (outcome.checkpoints[-1].read_bytes() for outcome in (second, whole))
    header = 8 + int.from_bytes(one[:8], "little")
    assert one[header:] == other[8 + int.from_bytes(other[:8], "little") :]


def test_log_has_every_step_once_and_the_checkpoints(service, config):
    outcome = service.train("p", "v1", config)
    events = list(outcome.run.events())
    assert [e["step"] for e in events if e["event"] == "StepDone"] == [1, 2, 3, 4]
    assert [e["file"] for e in events if e["event"] == "CheckpointSaved"] == [p.name for p in outcome.checkpoints]
    assert outcome.run.finished()


def test_second_run_finds_its_caches_and_makes_its_own_files(service, config, monkeypatch):
    first = service.train("p", "v1", config)

    def refused(self, pixels):
        raise AssertionError("pictures were encoded again")

    monkeypatch.setattr(StandaloneModel, "encode_images", refused)
    second = service.train("p", "v1", config)
    assert set(first.checkpoints).isdisjoint(second.checkpoints)
    assert all(path.exists() for path in first.checkpoints + second.checkpoints)
    metadata = json.loads((service.root / "p" / "versions" / "v1" / "version.json").read_text())
    assert metadata["training"]["max_train_steps"] == 4


def test_scanning_pictures_shows_how_far_it_is(service, config, monkeypatch):
    shown = []

    class Bar(tqdm.tqdm):
        def update(self, n=1):
            shown.append((self.desc, self.total))
            return super().update(n)

    monkeypatch.setattr(tqdm, "tqdm", Bar)
    Service(service.host, service.root).plan(config)
    assert [(what.rstrip(": "), total) for what, total in shown] == [("pictures", 3)] * 3
