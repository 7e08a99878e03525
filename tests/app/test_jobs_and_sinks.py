import json
import weakref
from contextlib import contextmanager
from dataclasses import replace
from types import SimpleNamespace

import pytest
import torch
from safetensors.torch import load_file

from lib_train.app.listing import runs_of_version
from lib_train.app.service import Service
from lib_train.checkpoints.resume import latest_state
from lib_train.config.codec import from_json
from lib_train.errors import BaseModelChanged, HostBusyError, OutOfMemory
from lib_train.host.standalone.host import StandaloneHost
from lib_train.host.standalone.model import StandaloneModel
from lib_train.jobs import sinks
from lib_train.jobs.running import told_in_words
from lib_train.jobs.sinks import StateWriter
from lib_train.jobs.wishes import Wishes
from lib_train.store.runs import new_run
from lib_train.training.events import StateReady, StepDone
from tests.fakes import FakeHost, FakeModel, fake_assembly
from tests.other_process import other_process


class Notes:
    """A listener that keeps everything."""

    def __init__(self):
        self.lines, self.works, self.events, self.paths, self.over = [], [], [], [], False

    def said(self, text):
        self.lines.append(text)

    def working(self, what, done, total):
        self.works.append((what, done, total))

    def trained(self, event, plan):
        self.events.append(event)

    def resumed(self, losses):
        self.works.append(("resume", len(losses), None))

    def paused(self, on):
        self.works.append(("pause", on, None))

    def wrote(self, path):
        self.paths.append(path)

    def ended(self):
        self.over = True


@pytest.fixture
def config(pictures):
    found, _ = from_json({
        "train_data_dir": [str(pictures)], "resolution": 64,
        "min_bucket_reso": 64, "network_dim": 2, "train_batch_size": 2, "max_train_steps": 4, "save_every_n_steps": 2,
    })  # fmt: skip
    return found


@pytest.fixture
def base_model(tmp_path):
    (tmp_path / "A.safetensors").touch()
    return tmp_path / "A.safetensors"


@pytest.fixture
def service(tmp_path, base_model):
    return Service(FakeHost(base_model), tmp_path / "out", Notes())


def test_running_out_of_memory_is_answered_with_what_lowers_it():
    kept = []
    with pytest.raises(OutOfMemory, match="lower train_batch_size or resolution, set gradient_checkpointing"):
        with told_in_words(kept.append):
            raise RuntimeError("CUDA out of memory. Tried to allocate 2 GiB")
    assert "Traceback" in kept[0]


class Lending(StandaloneHost):
    """Looks, when it gets its model back, whether what the failed step held is gone."""

    held: list[object] = []
    back: list[bool] = []

    @contextmanager
    def borrow(self, ref):
        try:
            with super().borrow(ref) as model:
                yield model
        finally:
            self.back.append(all(one() is None for one in self.held))


def out_of_memory(*args):
    activations = torch.ones(3)
    Lending.held.append(weakref.ref(activations))
    raise torch.cuda.OutOfMemoryError("CUDA out of memory. Tried to allocate 2 GiB")


@pytest.mark.parametrize(
    ("act", "fails", "told"),
    [
        (lambda service, config: service.train("p", "v1", config), "predict", "lower train_batch_size .* resume"),
        (
            lambda service, config: service.preview(
                service.train("p", "v1", config).checkpoints[-1:], config, service.version("p", "v1")
            ),
            "decode_latents",
            "lower preview_width and preview_height",
        ),
    ],
    ids=["training", "preview"],
)
def test_running_out_of_memory_gives_it_back_and_leaves_the_model_usable(
    tmp_path, checkpoints, config, monkeypatch, act, fails, told
):
    monkeypatch.setattr(Lending, "held", [])
    monkeypatch.setattr(Lending, "back", [])
    service = Service(Lending(device="cpu"), tmp_path / "out", Notes())
    config = replace(
        config,
        base_model=str(checkpoints["sd1"]),
        training=replace(config.training, max_train_steps=1),
        preview=replace(config.preview, preview_prompts=("a",), preview_steps=(1,), preview_after_training=False),
    )
    with monkeypatch.context() as broken:
        broken.setattr(StandaloneModel, fails, out_of_memory)
        with pytest.raises(OutOfMemory, match=f"Tried to allocate 2 GiB.*: {told}"):
            act(service, config)
    assert len(Lending.held) == 1
    assert all(Lending.back)
    assert service.train("p", "v1", config).finished


def test_error_of_ours_keeps_its_traceback_in_the_runs_folder(service, config, monkeypatch):
    monkeypatch.setattr(FakeModel, "predict", lambda *args: 1 / 0)
    with pytest.raises(ZeroDivisionError):
        service.train("p", "v1", config)
    run = service.root / "p" / "versions" / "v1" / "runs" / "r001"
    assert "ZeroDivisionError" in (run / "error.txt").read_text()
    with service.host.borrow(service.host.find(config.base_model)):
        pass  # the device was given back


def test_failing_preview_is_reported_and_training_goes_on(service, config, monkeypatch):
    def failing(self, model, requests):
        raise RuntimeError("no picture today")
        yield

    monkeypatch.setattr(FakeHost, "render", failing)
    preview = replace(config.preview, preview_prompts=("a",), preview_every_n_steps=2, preview_after_training=False)
    outcome = service.train("p", "v1", replace(config, preview=preview))
    assert outcome.finished
    assert len(outcome.checkpoints) == 3  # two by epoch and steps, and the last
    assert "no preview of step 2: no picture today" in service.listener.lines


def test_listener_is_told_of_everything_a_person_waits_for(service, config):
    preview = replace(config.preview, preview_prompts=("a",), preview_weights=(0.0, 1.0))
    outcome = service.train("p", "v1", replace(config, preview=preview))
    heard = service.listener
    assert [work[0] for work in heard.works if work[1] == work[2]] == ["pictures", "latents", "previews"]
    assert [event.step for event in heard.events if isinstance(event, StepDone)] == list(range(1, 5))
    assert [path for path in heard.paths if path.suffix == ".safetensors"] == list(outcome.checkpoints)
    assert outcome.grids[0] in heard.paths
    assert heard.over


STEPS = 4


class HostWithAWish:
    """A host on which something happens between two steps."""

    def __init__(self, host, wish):
        self.asked = []

        def between_steps(done, total):
            if total != STEPS:  # pictures being encoded
                return True
            self.asked.append((done, total))
            return wish(done)

        host.between_steps = between_steps


def test_host_is_asked_after_each_step_and_can_stop_the_run(service, config):
    host = HostWithAWish(service.host, lambda done: done < 3)
    outcome = service.train("p", "v1", config)
    assert not outcome.finished
    assert host.asked == [(1, 4), (2, 4), (3, 4)]
    assert latest_state(outcome.run.state_folder).name == "step-00000003"


def test_host_can_stop_a_run_while_pictures_are_encoded(service, config, monkeypatch):
    monkeypatch.setattr(service.host, "between_steps", lambda done, total: total == STEPS)
    outcome = service.train("p", "v1", config)
    assert not outcome.finished
    assert not [event for event in outcome.run.events() if event["event"] == "StepDone"]
    monkeypatch.undo()
    assert service.resume("p", "v1").finished


@pytest.mark.parametrize("when", ["between two steps", "in a step"])
def test_run_whose_base_model_changes_keeps_its_state_and_says_so(service, config, monkeypatch, when):
    gone, predict = [], FakeModel.predict

    def wish(done):
        if gone or (done == 2 and when == "between two steps"):
            raise BaseModelChanged("the checkpoint was changed: put it back and resume the run")
        return True

    def moved(model, *args):
        if len(host.asked) == 2:
            gone.append(True)
            raise RuntimeError("Expected all tensors to be on the same device")
        return predict(model, *args)

    host = HostWithAWish(service.host, wish)
    monkeypatch.setattr(FakeModel, "predict", moved)
    with pytest.raises(BaseModelChanged, match="put it back"):
        service.train("p", "v1", config)
    state = latest_state(service.root / "p" / "versions" / "v1" / "runs" / "r001" / "state")
    assert state.name == "step-00000002"
    monkeypatch.undo()
    service.host.between_steps = lambda done, total: True
    assert service.resume("p", "v1").finished


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

    monkeypatch.setattr(FakeModel, "encode_images", refused)
    second = service.train("p", "v1", config)
    assert set(first.checkpoints).isdisjoint(second.checkpoints)
    assert all(path.exists() for path in first.checkpoints + second.checkpoints)
    metadata = json.loads((service.root / "p" / "versions" / "v1" / "version.json").read_text())
    assert metadata["training"]["max_train_steps"] == 4


def test_state_is_due_after_minutes_and_never_costs_more_than_a_hundredth_of_the_time(pictures, tmp_path, monkeypatch):
    now, cost = [0.0], 0.5

    def slow(folder, *asked):
        now[0] += cost
        return folder

    monkeypatch.setattr(sinks, "write_state", slow)
    run = SimpleNamespace(state_folder=tmp_path)
    states = StateWriter(SimpleNamespace(run=run, made=None), fake_assembly(pictures).trainer, lambda: now[0])

    def seconds_until_due():
        begun = now[0]
        while not states.due():
            now[0] += 1
        return now[0] - begun

    assert seconds_until_due() == 180
    states.write()
    assert seconds_until_due() == 180
    cost = 7.5
    states.write()
    assert seconds_until_due() == 750
    now[0] += 100
    states(StateReady(1))  # the plan's own count too
    assert seconds_until_due() == 750


def test_states_between_those_of_the_plan_change_no_number(tmp_path, pictures, monkeypatch):
    (tmp_path / "A.safetensors").write_bytes(b"A")
    service = Service(FakeHost(tmp_path / "A.safetensors"), tmp_path / "out")
    settings = {"train_data_dir": [str(pictures)], "resolution": 64, "min_bucket_reso": 64, "network_dropout": 0.1,
                "max_train_steps": 12, "save_every_n_epochs": None, "save_precision": "float"}  # fmt: skip
    config, _ = from_json(settings)
    plain = service.train("p", "v1", config)
    written, write = [], sinks.write_state
    monkeypatch.setattr(sinks, "_LEAST_SECONDS", 0.0)
    monkeypatch.setattr(sinks, "_LEAST_TIMES", 0)

    def noted(folder, step, *rest):
        written.append(step)
        return write(folder, step, *rest)

    monkeypatch.setattr(sinks, "write_state", noted)
    often = service.train("p", "v1", config)
    assert set(written) == set(range(1, 13))
    first, second = (load_file(outcome.checkpoints[-1]) for outcome in (plain, often))
    assert first.keys() == second.keys()
    assert all(torch.equal(first[name], second[name]) for name in first)
    assert losses(plain.run) == losses(often.run)


def test_checkpoint_with_weights_beyond_fp16_is_written_in_float_and_the_run_goes_on(service, config, monkeypatch):
    write = sinks.write_network

    def large(path, tensors, *rest):
        first = next(name for name in tensors if name.endswith("lora_up.weight"))
        names.add(first)
        return write(path, {**tensors, first: tensors[first] + 70_000}, *rest)

    names = set()
    monkeypatch.setattr(sinks, "write_network", large)
    outcome = service.train("p", "v1", config)
    assert outcome.finished
    (name,) = names
    for path in outcome.checkpoints:
        tensors = load_file(path)
        assert {tensor.dtype for tensor in tensors.values()} == {torch.float32}
        assert tensors[name].isfinite().all()
        told = f"note: {path.name} is written in float, as fp16 cannot hold weights as large as in {name}: "
        assert any(line.startswith(told + "set save_precision = bf16 or float;") for line in service.listener.lines)


def losses(run):
    return [event["loss"] for event in run.events() if event["event"] == "StepDone"]


def test_run_tells_how_far_its_log_and_how_far_its_state_go(service):
    version = service.version("p", "v1")
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
