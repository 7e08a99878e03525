import json
from dataclasses import replace
from types import SimpleNamespace

import pytest
from PIL import Image
from safetensors import safe_open
from safetensors.torch import load_file

from lib_train.app.service import Service
from lib_train.errors import HostBusyError
from lib_train.jobs.training_run import TrainingRun
from lib_train.jobs.wishes import Wishes
from lib_train.training.events import StepDone
from tests.fake_model import FakeModel
from tests.other_process import other_process


def test_error_of_ours_keeps_its_traceback_in_the_runs_folder(service, config, monkeypatch):
    monkeypatch.setattr(FakeModel, "predict", lambda *args: 1 / 0)
    with pytest.raises(ZeroDivisionError):
        service.train("p", "v1", config)
    run = service.root / "p" / "versions" / "v1" / "runs" / "r001"
    assert "ZeroDivisionError" in (run / "error.txt").read_text()
    with service.host.borrow(service.host.find(config.base_model)):
        pass  # the device was given back


def test_listener_is_told_of_everything_a_person_waits_for(service, config):
    preview = replace(config.preview, preview_prompts=("a",), preview_weights=(0.0, 1.0))
    outcome = service.train("p", "v1", replace(config, preview=preview))
    heard = service.listener
    assert [work[0] for work in heard.works if work[1] == work[2]] == ["pictures", "latents", "previews"]
    assert [event.step for event in heard.events if isinstance(event, StepDone)] == list(range(1, 5))
    assert [path for path in heard.paths if path.suffix == ".safetensors"] == list(outcome.checkpoints)
    assert outcome.grids[0] in heard.paths
    assert heard.over


def test_stopped_run_saves_a_state_and_resumes_to_the_same_file(service, config):
    wishes = Wishes()
    wishes.stop.set()
    first = service.train("p", "v1", config, wishes)
    assert not first.finished
    second = service.resume("p", "v1")
    assert second.finished
    whole = service.train("p", "v1", config)
    one, other = (outcome.checkpoints[-1].read_bytes() for outcome in (second, whole))
    header = 8 + int.from_bytes(one[:8], "little")
    assert one[header:] == other[8 + int.from_bytes(other[:8], "little") :]


def test_run_of_another_process_is_not_touched_until_that_one_is_gone(service, config):
    wishes = Wishes()
    wishes.stop.set()
    run = service.train("p", "v1", config, wishes).run
    process = other_process(run.folder / "lock")
    assert process.stdout
    with process.stdout:
        with pytest.raises(HostBusyError, match=f"r001 is held by process {process.pid} on "):
            service.resume("p", "v1")
        with pytest.raises(HostBusyError, match=f"r001 is in use by process {process.pid} on "):
            run.version.delete()
        assert not run.error()
        process.kill()
        process.wait()
    assert service.resume("p", "v1").finished
    assert not (run.folder / "lock").exists()


def test_second_run_finds_its_caches_and_makes_its_own_files(service, config, monkeypatch):
    first = service.train("p", "v1", config)

    def refused(self, pixels):
        raise AssertionError("pictures were encoded again")

    monkeypatch.setattr(FakeModel, "encode_images", refused)
    second = service.train("p", "v1", config)
    assert set(first.checkpoints).isdisjoint(second.checkpoints)
    assert all(path.exists() for path in first.checkpoints + second.checkpoints)
    metadata = json.loads((service.root / "p" / "versions" / "v1" / "version.json").read_text())
    assert metadata["training"]["max_train_steps"] == 4


ORDERS = {
    "backwards": lambda sinks: sinks[::-1],
    "slowest first": lambda sinks: sinks[-1:] + sinks[:-1],
    "writer of checkpoints last": lambda sinks: sinks[1:] + sinks[:1],
    "odd places first": lambda sinks: sinks[1::2] + sinks[::2],
}


@pytest.mark.parametrize("order", ORDERS)
def test_sinks_in_any_order_leave_the_same_files_and_the_same_log(service, config, monkeypatch, order):
    preview = replace(config.preview, preview_prompts=("a",), preview_weights=(1.0,), preview_seeds=(1,),
                      preview_steps=(1,), preview_every_n_steps=1, preview_after_training=False)  # fmt: skip
    training = replace(config.training, max_train_steps=3, save_every_n_steps=1, save_state_every_n_steps=2)
    config, made = replace(config, preview=preview, training=training), TrainingRun._sinks
    monkeypatch.setattr("lib_train.jobs.drawing.time", SimpleNamespace(strftime=lambda form: "now"))
    plain = left_behind(service.train("p", "v1", config).run)
    monkeypatch.setattr(TrainingRun, "_sinks", lambda run, states: ORDERS[order](made(run, states)))
    elsewhere = Service(service.host, service.root.with_name("elsewhere"))
    files, log = left_behind(elsewhere.train("p", "v1", config).run)
    assert files.keys() == plain[0].keys()
    assert [name for name in files if files[name] != plain[0][name]] == []
    assert log == plain[1]


def left_behind(run):
    """Names of all files, weights of checkpoints and states, pixels of pictures, and the log without its clock."""
    folder, found = run.version.folder, dict[str, object]()
    for path in sorted(folder.rglob("*")):
        name = str(path.relative_to(folder))
        if path.suffix == ".safetensors":
            found[name] = {key: tensor.tolist() for key, tensor in load_file(path).items()}
        elif path.suffix == ".png":
            found[name] = Image.open(path).tobytes()
        else:
            found[name] = None
    return found, [{key: value for key, value in event.items() if key != "time"} for event in run.events()]


def test_measurements_are_in_the_log_the_curves_and_the_files_metadata(service, config):
    training = replace(config.training, validation_split=0.4, validate_every_n_steps=2, validation_seed=3)
    outcome = service.train("p", "v1", replace(config, training=training))
    curves = outcome.run.curves(0)
    assert list(curves["val_on"].steps) == list(curves["val_off"].steps) == [2, 4]
    assert curves["val_off"].values[0] == curves["val_off"].values[1] != curves["val_on"].values[1]
    assert {"val_on 100", "val_on 900"} <= curves.keys()
    with safe_open(outcome.checkpoints[-1], "pt") as file:
        found = file.metadata()
    assert {key: found[f"ss_{key}"] for key in ("num_train_images", "num_validation_images", "validation_split",
                                                "validation_seed", "validate_every_n_steps")} == {
        "num_train_images": "4", "num_validation_images": "1", "validation_split": "0.4", "validation_seed": "3",
        "validate_every_n_steps": "2",
    }  # fmt: skip
