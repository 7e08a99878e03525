import weakref
from collections.abc import Callable
from contextlib import contextmanager
from dataclasses import replace
from typing import Any

import pytest
import torch

from lib_train.app.service import Service
from lib_train.checkpoints.resume import latest_state
from lib_train.errors import BaseModelChanged, OutOfMemory
from lib_train.host.standalone.host import StandaloneHost
from lib_train.host.standalone.model import StandaloneModel
from lib_train.jobs.running import reporting_errors
from tests.fake_model import FakeModel
from tests.fakes import Notes


def test_running_out_of_memory_is_answered_with_what_lowers_it():
    kept: list[Any] = []
    with pytest.raises(OutOfMemory, match="lower train_batch_size or resolution, set gradient_checkpointing"):
        with reporting_errors(kept.append):
            raise RuntimeError("CUDA out of memory. Tried to allocate 2 GiB")
    assert "Traceback" in kept[0]


class Lending(StandaloneHost):
    """Looks, when it gets its model back, whether what the failed step held is gone."""

    held: list[Callable[[], object]] = []
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


STEPS = 4


class HostWithAWish:
    """A host on which something happens between two steps."""

    def __init__(self, host, wish):
        self.asked: list[Any] = []

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
    assert latest_state(outcome.run.state_folder) == outcome.run.state_folder / "step-00000003"


def test_host_can_stop_a_run_while_pictures_are_encoded(service, config, monkeypatch):
    monkeypatch.setattr(service.host, "between_steps", lambda done, total: total == STEPS)
    outcome = service.train("p", "v1", config)
    assert not outcome.finished
    assert not [event for event in outcome.run.events() if event["event"] == "StepDone"]
    monkeypatch.undo()
    assert service.resume("p", "v1").finished


@pytest.mark.parametrize("when", ["between two steps", "in a step"])
def test_run_whose_base_model_changes_keeps_its_state_and_says_so(service, config, monkeypatch, when):
    gone: list[Any] = []
    predict = FakeModel.predict

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
    states = service.root / "p" / "versions" / "v1" / "runs" / "r001" / "state"
    assert latest_state(states) == states / "step-00000002"
    monkeypatch.undo()
    service.host.between_steps = lambda done, total: True
    assert service.resume("p", "v1").finished
