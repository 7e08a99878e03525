"""A run that goes on from a state on disk, with everything varying that can vary, is the run that never stopped."""

from typing import Any

import pytest
import torch
import torch.nn.functional as F
from torch import nn

from lib_train.checkpoints.resume import read_state, write_state
from lib_train.errors import ModelFileError
from lib_train.training.events import CheckpointReady, EpochStarted, RunFinished, RunStarted, StepDone
from tests.fake_model import WIDTH, FakeModel
from tests.fakes import fake_assembly, hand_over
from tests.networks.kinds.ways import WAYS

TOTAL = 7
VARIED: dict[str, Any] = {
    "dataset": {
        "flip_aug": True,
        "shuffle_caption": True,
        "caption_dropout_rate": 0.3,
        "caption_tag_dropout_rate": 0.2,
    },
    "network": {"network_dropout": 0.2, "rank_dropout": 0.2, "module_dropout": 0.2, "conv_dim": 2},
    "train_batch_size": 1,
    "gradient_accumulation_steps": 2,
    "text_encoder_lr": 1e-3,
    "lr_scheduler": "cosine",
    "lr_warmup_steps": 2,
    "noise_offset": 0.1,
    "min_snr_gamma": 5,
    "max_train_steps": TOTAL,
}


def finished(assembly):
    losses = {event.step: event.loss for event in assembly.trainer.events() if isinstance(event, StepDone)}
    return losses, {name: tensor.clone() for name, tensor in assembly.network.tensors().items()}


@pytest.fixture(scope="module")
def uninterrupted(tmp_path_factory):
    from PIL import Image

    inner = tmp_path_factory.mktemp("data") / "2_thing"
    inner.mkdir()
    for index in range(3):
        Image.new("RGB", (64, 64), (80 * index, 120, 200 - 60 * index)).save(inner / f"{index}.png")
        (inner / f"{index}.txt").write_text(f"thing, number {index}, blue, round")
    assembly = fake_assembly(inner.parent, **VARIED)
    assert assembly.plan.steps_per_epoch == 3
    return inner.parent, *finished(assembly)


@pytest.mark.parametrize("stop", range(1, TOTAL))
def test_run_resumed_after_any_step_equals_the_uninterrupted_one_bit_for_bit(uninterrupted, stop, tmp_path):
    folder, losses, weights = uninterrupted
    first = fake_assembly(folder, **VARIED)
    events = first.trainer.events()
    while not (isinstance(event := next(events), StepDone) and event.step == stop):
        pass
    state = write_state(tmp_path, stop, *first.trainer.state())
    events.close()

    second = fake_assembly(folder, **VARIED)
    second.trainer.load_state(*read_state(state))
    rest, resumed = finished(second)
    assert rest == {step: loss for step, loss in losses.items() if step > stop}
    assert resumed.keys() == weights.keys()
    assert all(torch.equal(resumed[name], weights[name]) for name in weights)


def test_resumed_run_begins_with_the_step_after_the_state(pictures):
    first = fake_assembly(pictures)  # three steps an epoch
    events = first.trainer.events()
    while not (isinstance(event := next(events), StepDone) and event.step == 2):
        pass
    second = fake_assembly(pictures)
    second.trainer.load_state(*first.trainer.state())
    events_after = list(second.trainer.events())
    assert events_after[:2] == [RunStarted(4, first_step=3), EpochStarted(1)]
    assert isinstance(events_after[2], StepDone)
    assert events_after[2].step == 3


def test_a_state_of_the_last_step_has_nothing_left_but_to_keep_its_weights(pictures):
    first, second = fake_assembly(pictures), fake_assembly(pictures)
    list(first.trainer.events())
    second.trainer.load_state(*first.trainer.state())
    started, ready, over = second.trainer.events()
    assert isinstance(ready, CheckpointReady)
    assert (started, ready.step, over) == (RunStarted(4, first_step=5), 4, RunFinished(4))
    assert ready.tensors.keys() == first.network.tensors().keys()
    assert all(torch.equal(ready.tensors[name], tensor) for name, tensor in first.network.tensors().items())


def test_training_on_leaves_a_state_that_was_loaded_as_it_was(pictures):
    first, second = fake_assembly(pictures), fake_assembly(pictures)
    events = first.trainer.events()
    while not isinstance(next(events), StepDone):
        pass
    tensors, facts = first.trainer.state()
    before = {name: tensor.clone() for name, tensor in tensors.items()}
    second.trainer.load_state(tensors, facts)
    list(second.trainer.events())
    assert all(torch.equal(tensors[name], before[name]) for name in tensors)


def test_state_of_another_network_is_refused(pictures):
    state = fake_assembly(pictures, network={"network_dim": 4}).trainer.state()
    with pytest.raises(ModelFileError, match=r"lora_\w+\.lora_(down|up)\.weight"):
        fake_assembly(pictures).trainer.load_state(*state)


def with_norms():
    """A fake model with a norm in its U-Net and one in its text encoder."""
    model = FakeModel()
    resnet, layer = model.unet.down_blocks[0].resnets[0], model.text_encoders[0].encoder["layers"][0]
    resnet.norm1, layer.layer_norm1 = (
        nn.GroupNorm(2, WIDTH).requires_grad_(False),
        nn.LayerNorm(WIDTH).requires_grad_(False),
    )
    resnet.forward = lambda x: x + F.silu(resnet.conv1(resnet.norm1(x)))
    layer.forward = lambda x: x + torch.tanh(layer.mlp["fc1"](layer.layer_norm1(x)))
    return model


KINDS: dict[str, dict[str, Any]] = {
    **{way: WAYS[way] for way in ("DoRA", "LoHa (Tucker)", "LoKr, decomposed twice", "LoKr with DoRA", "Full", "IA3")},
    "norms": {"train_norm": True},
    "Full with norms": {"network_type": "full", "train_norm": True},
}


@pytest.mark.parametrize("kind", KINDS)
def test_run_of_any_kind_goes_on_from_its_state_bit_for_bit(pictures, tmp_path, kind):
    network = {"conv_dim": 2, "rank_dropout": 0.2, "module_dropout": 0.2, **KINDS[kind]}
    settings: dict[str, Any] = {"network": network, "train_batch_size": 2, "text_encoder_lr": 1e-3}
    whole, first, second = (fake_assembly(pictures, with_norms(), **settings) for _ in range(3))
    losses, weights = finished(whole)
    hand_over(first, second, tmp_path)
    before = {name: tensor.clone() for name, tensor in second.network.tensors().items()}
    rest, resumed = finished(second)
    assert rest == {step: loss for step, loss in losses.items() if step > 2}
    assert resumed.keys() == weights.keys()
    assert all(torch.equal(resumed[name], weights[name]) for name in weights)
    norms = [name for name in weights if name.endswith(("w_norm", "b_norm"))]
    assert len(norms) == (4 if network.get("train_norm") else 0)
    assert not any(torch.equal(before[name], weights[name]) for name in norms)  # they were trained further


def test_run_with_fewer_ranks_at_high_noise_goes_on_from_its_state_bit_for_bit(pictures, tmp_path):
    settings: dict[str, Any] = {
        "network": {"network_dim": 8, "tlora": True, "rank_dropout": 0.2}, "train_batch_size": 2
    }  # fmt: skip
    losses, weights = finished(fake_assembly(pictures, **settings))
    plain, _ = finished(fake_assembly(pictures, **{**settings, "network": {"network_dim": 8, "rank_dropout": 0.2}}))
    assert losses[1] == plain[1]  # of a fresh network every rank gives 0
    assert losses[4] != plain[4]
    first, second = fake_assembly(pictures, **settings), fake_assembly(pictures, **settings)
    hand_over(first, second, tmp_path)
    rest, resumed = finished(second)
    assert rest == {step: loss for step, loss in losses.items() if step > 2}
    assert all(torch.equal(resumed[name], weights[name]) for name in weights)
