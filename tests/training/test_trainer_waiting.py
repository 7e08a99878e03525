"""Nothing in a step waits for the device, and nothing of the thread's state leaks to whoever consumes the events."""

import json
import math
from dataclasses import replace

import pytest
import torch
from torch.utils._python_dispatch import TorchDispatchMode

from lib_train.errors import TrainingDiverged
from lib_train.training.events import CheckpointReady, RunFinished, StateReady, StepDone
from tests.fake_model import FakeModel
from tests.fakes import fake_assembly


class Reads(TorchDispatchMode):
    """Counts what would make the program wait for a GPU: numbers that are read back from tensors."""

    def __init__(self):
        super().__init__()
        self.count = 0

    def __torch_dispatch__(self, operation, types, args=(), kwargs=None):
        name = str(operation)
        self.count += any(part in name for part in ("_local_scalar_dense", "nonzero", "is_nonzero", "equal.default"))
        return operation(*args, **(kwargs or {}))


@pytest.fixture
def late(pictures):
    """A run that tells each loss one step late, as on a GPU, and saves after steps 3 and 4."""
    assembly = fake_assembly(pictures, text_encoder_lr=1e-3)
    assembly.trainer._lag = 1
    return assembly


def test_a_step_reads_nothing_back_from_the_device(late):
    events = late.trainer.events()
    while not isinstance(next(events), StepDone):
        pass
    with Reads() as reads:
        late.trainer._advance(3, 1, late.batches.epoch(1))
        assert reads.count == 0
        float(torch.ones(1))
        assert reads.count == 1


def test_late_losses_are_all_told_before_a_checkpoint_a_state_and_the_end(late, pictures):
    steps, kinds = [], []
    for event in late.trainer.events():
        kinds.append(type(event))
        if isinstance(event, StepDone):
            steps.append(event)
        if isinstance(event, CheckpointReady | StateReady | RunFinished):
            assert steps[-1].step == event.step
    at_once = fake_assembly(pictures, text_encoder_lr=1e-3)
    assert steps == [event for event in at_once.trainer.events() if isinstance(event, StepDone)]
    assert kinds.count(CheckpointReady) == kinds.count(StateReady) == 2


def test_a_stopped_run_settles_the_loss_that_was_on_its_way(late):
    events = late.trainer.events()
    while not isinstance(event := next(events), StepDone):
        pass
    events.close()
    assert event.step == 1
    assert [event.step for event in late.trainer.settle()] == [2]
    assert list(late.trainer.settle()) == []


def test_a_checkpoint_asked_for_is_of_the_present_weights_and_comes_after_the_loss_on_its_way(late, pictures):
    usual = fake_assembly(pictures, text_encoder_lr=1e-3)
    wanted, weights = {}, {}
    for event in usual.trainer.events():
        if isinstance(event, StepDone):
            wanted[event.step] = event
            weights[event.step] = {name: tensor.clone() for name, tensor in usual.network.tensors().items()}
    received = []
    for event in late.trainer.events():
        received.append(event)
        if isinstance(event, StepDone) and event.step == 1:
            received += late.trainer.save_now()
            assert all(torch.equal(tensor, weights[2][name]) for name, tensor in received[-1].tensors.items())
    assert [event for event in received if isinstance(event, StepDone)] == list(wanted.values())
    assert [(event.step, event.epoch) for event in received if isinstance(event, CheckpointReady)] == [
        (2, 1),
        (3, 1),
        (4, 2),
    ]
    assert all(torch.equal(tensor, weights[4][name]) for name, tensor in late.network.tensors().items())


def test_a_checkpoint_asked_for_is_never_of_bad_weights(late):
    events = late.trainer.events()
    while not isinstance(next(events), StepDone):
        pass
    late.network.parameters("unet")[0].data.fill_(math.nan)
    with pytest.raises(TrainingDiverged, match="weights became NaN or infinite by step 2"):
        list(late.trainer.save_now())


def test_a_loss_on_its_way_is_told_by_the_run_that_goes_on_from_the_state(late, pictures):
    events = late.trainer.events()
    while not isinstance(next(events), StepDone):
        pass
    tensors, facts = late.trainer.state()
    second = fake_assembly(pictures, text_encoder_lr=1e-3)
    second.trainer.load_state(tensors, facts)
    rest = [event for event in events if isinstance(event, StepDone)]
    assert [event.step for event in rest] == [2, 3, 4]
    assert [event for event in second.trainer.events() if isinstance(event, StepDone)] == rest


def test_a_loss_that_is_found_bad_one_step_late_still_names_its_own_step(late, monkeypatch):
    predict, calls = FakeModel.predict, []

    def spoiled(model, *args):
        calls.append(args)
        return predict(model, *args) * (math.nan if len(calls) == 2 else 1)

    monkeypatch.setattr(FakeModel, "predict", spoiled)
    received = []
    with pytest.raises(TrainingDiverged, match=r"nan at step 2 \(rates: unet 0.001, text_encoder 0.001\)"):
        received.extend(late.trainer.events())
    assert [event.step for event in received if isinstance(event, StepDone)] == [1]
    assert not any(isinstance(event, CheckpointReady) for event in received)


def test_weights_that_went_bad_are_not_kept_when_a_run_is_stopped(late):
    events = late.trainer.events()
    while not isinstance(next(events), StepDone):
        pass
    late.network.parameters("unet")[0].data.fill_(math.nan)
    events.close()
    with pytest.raises(TrainingDiverged, match="weights became NaN or infinite by step 2"):
        list(late.trainer.settle())


@pytest.mark.parametrize("precision", ["no", "bf16"])
def test_consumer_keeps_its_own_gradient_and_autocast_modes(pictures, precision):
    events = fake_assembly(pictures, mixed_precision=precision).trainer.events()
    with torch.no_grad():
        for event in events:
            assert not torch.is_grad_enabled()
            assert not torch.is_autocast_enabled("cpu")
            if isinstance(event, StepDone) and event.step == 2:
                break
    for _ in events:
        assert torch.is_grad_enabled()


@pytest.mark.parametrize("mode", [torch.no_grad, torch.inference_mode])
def test_a_consumer_that_records_no_gradients_trains_all_the_same(pictures, mode):
    usual, other = fake_assembly(pictures), fake_assembly(pictures)
    with mode():
        others = list(other.trainer.events())
    losses = [
        [event.loss for event in events if isinstance(event, StepDone)] for events in (others, usual.trainer.events())
    ]
    assert losses[0] == losses[1]


def test_steps_tell_the_loss_of_each_picture_at_its_timestep(pictures):
    assembly = fake_assembly(pictures, gradient_accumulation_steps=2, min_timestep=100, max_timestep=200)
    steps = [event for event in assembly.trainer.events() if isinstance(event, StepDone)]
    order = assembly.batches.epoch(1)
    assert [one.picture for one in steps[0].pictures] == [use.index for uses in order[:2] for use in uses]
    for step in steps:
        assert step.loss == pytest.approx(sum(one.loss for one in step.pictures) / len(step.pictures), rel=1e-5)
        assert all(100 <= one.timestep < 200 for one in step.pictures)


def test_a_resumed_run_tells_of_the_pictures_whose_loss_was_on_its_way(late, pictures):
    usual = fake_assembly(pictures, text_encoder_lr=1e-3)
    wanted = [event for event in usual.trainer.events() if isinstance(event, StepDone)]
    events = late.trainer.events()
    while not isinstance(next(events), StepDone):
        pass
    tensors, facts = late.trainer.state()
    kept = {name: tensor.clone() for name, tensor in tensors.items()}, json.loads(json.dumps(facts))
    events.close()
    again = fake_assembly(pictures, text_encoder_lr=1e-3)
    again.trainer.load_state(*kept)
    assert list(again.trainer.settle()) == [wanted[1]]
    older = {**kept[1], "pending": [one[:3] for one in kept[1]["pending"]]}
    again.trainer.load_state(kept[0], older)
    assert list(again.trainer.settle()) == [replace(wanted[1], pictures=())]
