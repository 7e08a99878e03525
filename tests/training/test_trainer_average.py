"""Checkpoints of an average of the weights."""

from typing import Any

import pytest
import torch

from lib_train.optim.average import decay_after
from lib_train.training.events import CheckpointReady, StepDone
from tests.fakes import fake_assembly, hand_over
from tests.networks.kinds.ways import WAYS

LONG: dict[str, Any] = {"max_train_steps": 6, "text_encoder_lr": 1e-3, "learning_rate": 1e-2}


def copied(tensors):
    return {name: tensor.clone() for name, tensor in tensors.items()}


def run(assembly):
    """The weights after each step, and the checkpoints."""
    weights, ready = [copied(assembly.network.tensors())], []
    for event in assembly.trainer.events():
        if isinstance(event, StepDone):
            weights.append(copied(assembly.network.tensors()))
        if isinstance(event, CheckpointReady):
            both = copied(event.tensors), event.averaged and copied(event.averaged)
            ready.append(CheckpointReady(event.step, event.epoch, *both))
    return weights, ready


def same(one, other):
    return one.keys() == other.keys() and all(torch.equal(one[name], other[name]) for name in one)


def by_formula(weights, decay, every=1):
    found = {name: tensor.double() for name, tensor in weights[0].items()}
    for step, now in enumerate(weights[1:], 1):
        if step % every == 0:
            kept = decay_after(step, decay)
            found = {name: kept * found[name] + (1 - kept) * now[name].double() for name in found}
    return found


@pytest.mark.parametrize(("decay", "every"), [(0.999, 1), (0.2, 1), (0.999, 2)])
def test_average_beside_the_weights_is_that_of_the_formula_and_changes_no_weight(pictures, decay, every):
    settings = {**LONG, "save_every_n_steps": 3}
    plain, saved = run(fake_assembly(pictures, **settings))
    more = {"ema": "beside", "ema_decay": decay, "ema_update_step_interval": every}
    weights, ready = run(fake_assembly(pictures, **settings, **more))
    assert all(map(same, weights, plain))
    assert [(one.step, same(one.tensors, two.tensors)) for one, two in zip(ready, saved, strict=True)] == [
        (3, True), (6, True)
    ]  # fmt: skip
    assert [one.averaged for one in saved] == [None, None]
    for checkpoint in ready:
        expected = by_formula(weights[: checkpoint.step + 1], decay, every)
        assert checkpoint.averaged.keys() == expected.keys()
        for name, tensor in checkpoint.averaged.items():
            torch.testing.assert_close(tensor.double(), expected[name], rtol=1e-5, atol=1e-7)
        ups = [name for name in expected if "lora_up" in name]
        assert len(ups) > 3
        assert not any(torch.equal(checkpoint.averaged[name], checkpoint.tensors[name]) for name in ups)


def test_average_instead_of_the_weights_is_the_one_that_lies_beside_them(pictures):
    (*_, beside), (*_, instead) = (
        run(fake_assembly(pictures, **LONG, ema=ema))[1] for ema in ("beside", "instead")
    )  # fmt: skip
    assert same(instead.tensors, beside.averaged)
    assert instead.averaged is None


@pytest.mark.parametrize("optimizer", ["AdamW", "Adafactor"])  # one tensor for each part, and one for each parameter
def test_average_of_a_run_that_goes_on_is_that_of_the_run_that_never_stopped(pictures, tmp_path, optimizer):
    settings = {**LONG, "ema": "beside", "optimizer_type": optimizer, "text_encoder_stop": 0.5}
    whole, first, second = (fake_assembly(pictures, **settings) for _ in range(3))
    _, (*_, expected) = run(whole)
    hand_over(first, second, tmp_path)
    _, (*_, found) = run(second)
    assert same(found.tensors, expected.tensors)
    assert same(found.averaged, expected.averaged)


def test_state_without_an_average_begins_one(pictures):
    """Of a run that was begun by an earlier version, whose settings somebody changed."""
    first, second = fake_assembly(pictures, **LONG), fake_assembly(pictures, **LONG, ema="instead")
    events = first.trainer.events()
    while not (isinstance(event := next(events), StepDone) and event.step == 2):
        pass
    second.trainer.load_state(*first.trainer.state())
    (ready,) = second.trainer.save_now()
    assert isinstance(ready, CheckpointReady)
    assert same(copied(ready.tensors), first.network.tensors())


@pytest.mark.parametrize("way", ["DoRA", "LoKr, decomposed twice", "IA3"])
def test_average_of_any_kind_is_made_under_the_names_of_its_file(pictures, way):
    settings = {**LONG, "network": WAYS[way], "ema": "beside", "ema_decay": 0.3}
    _, (*_, ready) = run(fake_assembly(pictures, **settings))
    assert ready.averaged.keys() == ready.tensors.keys()
    differ = [name for name in ready.tensors if not torch.equal(ready.tensors[name], ready.averaged[name])]
    assert len(differ) >= len(ready.tensors) // 3


def test_average_is_of_updates_that_were_shortened(pictures):
    settings = {**LONG, "scale_weight_norms": 0.01, "ema": "beside"}
    weights, (*_, ready) = run(fake_assembly(pictures, **settings))
    for name, tensor in by_formula(weights, 0.999).items():
        torch.testing.assert_close(ready.averaged[name].double(), tensor, rtol=1e-5, atol=1e-7)
