"""Rates by block, in runs on a model with the blocks IN01, IN04 and IN07."""

from typing import Any

import pytest
import torch

from lib_train.checkpoints.resume import read_state, write_state
from lib_train.config.training import TrainingConfig
from lib_train.errors import ConfigError
from lib_train.layer_shapes import LayerShape
from lib_train.training.events import StepDone
from lib_train.training.rates import groups_of, rate_by_layer
from tests.fake_model import FakeModel
from tests.fakes import fake_assembly, hand_over

ONES = {"down_lr_weight": ",".join(["1"] * 12), "mid_lr_weight": "1", "up_lr_weight": "zeros+1"}
VARIED: dict[str, Any] = {
    "down_lr_weight": "linear", "mid_lr_weight": "0", "up_lr_weight": "zeros", "block_lr_zero_threshold": 0.1
}  # fmt: skip
IN04, IN07 = 4 / 11, 7 / 11  # and IN01 is below the threshold


def run_of(pictures, **settings):
    return fake_assembly(pictures, FakeModel(levels=3), **settings)


def finished(run):
    losses = [event.loss for event in run.trainer.events() if isinstance(event, StepDone)]
    return losses, {name: tensor.clone() for name, tensor in run.network.tensors().items()}


def test_rate_of_a_layer_is_its_parts_times_its_blocks():
    rate = rate_by_layer(TrainingConfig(unet_lr=1e-3, text_encoder_lr=1e-5, **VARIED), "sd1")
    for block, wanted in (("IN01", 0), ("IN07", 1e-3 * IN07), ("M00", 0), ("OUT11", 0)):
        assert rate(LayerShape("unet", block, "linear", (8, 8))) == pytest.approx(wanted)
    assert rate(LayerShape("text_encoder", "BASE", "linear", (8, 8))) == 1e-5
    frozen = rate_by_layer(TrainingConfig(unet_lr=0, text_encoder_lr=1e-5), "sd1")
    assert frozen(LayerShape("unet", "IN01", "linear", (8, 8))) == 0


def test_factors_of_1_change_no_bit(pictures):
    plain, ones = finished(run_of(pictures)), finished(run_of(pictures, **ONES))
    assert plain[0] == ones[0]
    assert all(torch.equal(plain[1][name], tensor) for name, tensor in ones[1].items())


def test_each_rate_has_its_group_and_blocks_at_0_have_no_layers(pictures):
    run = run_of(pictures, unet_lr=1e-3, text_encoder_lr=1e-4, **VARIED)
    blocks = {update.target.block for update in run.network.layers.values()}
    assert blocks == {"IN04", "IN07", "BASE"}
    groups = run.trainer.optimizer.param_groups
    assert [(g["part"], g["lr"]) for g in groups] == [
        ("unet", pytest.approx(1e-3 * IN07)), ("unet 2", pytest.approx(1e-3 * IN04)), ("text_encoder", 1e-4)
    ]  # fmt: skip
    assert sum(p.numel() for g in groups for p in g["params"]) == sum(
        p.numel() for update in run.network.layers.values() for p in update.parameters().values()
    )
    events = [event for event in run.trainer.events() if isinstance(event, StepDone)]
    assert events[0].lr == {"unet": pytest.approx(1e-3 * IN07), "text_encoder": 1e-4}


def test_a_layer_moves_at_its_own_rate(pictures):
    """AdamW's first step moves each weight by its rate, whatever its gradient is."""
    adam = {"optimizer_args": {"weight_decay": 0, "eps": 1e-30}, "max_train_steps": 1, "max_grad_norm": 0}
    run = run_of(pictures, unet_lr=1e-3, **adam, **VARIED)
    list(run.trainer.events())
    for update in run.network.layers.values():
        wanted = {"IN04": 1e-3 * IN04, "IN07": 1e-3 * IN07, "BASE": 1e-3}[update.target.block]
        moved = update.parameters()["lora_up.weight"].detach().abs()  # from 0
        assert moved.flatten().tolist() == pytest.approx([wanted] * moved.numel(), rel=1e-3)


@pytest.mark.parametrize("stop", [1, 3])
def test_run_with_groups_goes_on_from_its_state_bit_for_bit(pictures, tmp_path, stop):
    losses, weights = finished(run_of(pictures, **VARIED))
    first, second = run_of(pictures, **VARIED), run_of(pictures, **VARIED)
    events = first.trainer.events()
    while not (isinstance(event := next(events), StepDone) and event.step == stop):
        pass
    state = write_state(tmp_path, stop, *first.trainer.state())
    events.close()
    second.trainer.load_state(*read_state(state))
    rest, resumed = finished(second)
    assert rest == losses[stop:]
    assert all(torch.equal(resumed[name], weights[name]) for name in weights)


def test_settings_that_leave_every_layer_alone_are_refused(pictures):
    nothing = {"down_lr_weight": "zeros", "text_encoder_lr": 0}
    with pytest.raises(ConfigError, match="down_lr_weight = 'zeros': leaves every layer alone"):
        run_of(pictures, **nothing)
    with pytest.raises(ConfigError, match="block_dims"):
        run_of(pictures, network={"block_dims": [0] * 25}, text_encoder_lr=0)


def test_lists_of_another_familys_length_are_refused(pictures):
    with pytest.raises(ConfigError, match="SD1 has 25 such blocks"):
        run_of(pictures, network={"block_dims": [2] * 23})


def test_a_part_of_one_rate_is_one_group_with_its_name(pictures):
    run = run_of(pictures, unet_lr=1e-3, text_encoder_lr=1e-4)
    groups = groups_of(run.network, TrainingConfig(unet_lr=1e-3, text_encoder_lr=1e-4), "sd1")
    assert {name: group.rate for name, group in groups.items()} == {"unet": 1e-3, "text_encoder": 1e-4}
    for name, group in groups.items():
        assert all(ours is theirs for ours, theirs in zip(group.parameters, run.network.parameters(name), strict=True))


PLUS = {"unet_lr": 1e-3, "text_encoder_lr": 1e-4, "loraplus_lr_ratio": 16, "loraplus_unet_lr_ratio": 4}


def test_lora_plus_trains_the_up_matrices_faster(pictures):
    adam = {"optimizer_args": {"weight_decay": 0, "eps": 1e-30}, "max_train_steps": 1, "max_grad_norm": 0}
    run = run_of(pictures, **adam, **PLUS, down_lr_weight="linear")
    groups = [(group["part"], group["lr"]) for group in run.trainer.optimizer.param_groups]
    blocks = [1e-3 * n / 11 for n in (7, 4, 1)]
    wanted = [*blocks, *(4 * rate for rate in blocks), 1e-4, 1.6e-3]
    assert [rate for _, rate in groups] == pytest.approx(wanted)
    assert [name for name, _ in groups][::3] == ["unet", "unet 4", "text_encoder"]
    (told,) = (event for event in run.trainer.events() if isinstance(event, StepDone))
    assert told.lr == pytest.approx({"unet": blocks[0], "text_encoder": 1e-4})
    for update in run.network.layers.values():
        own = {"BASE": 1.6e-3, "IN01": 4 * blocks[2], "IN04": 4 * blocks[1], "IN07": 4 * blocks[0]}[update.target.block]
        moved = update.parameters()["lora_up.weight"].detach().abs().flatten()  # from 0
        assert moved.tolist() == pytest.approx([own] * moved.numel(), rel=1e-3)


def test_ratio_of_1_changes_no_bit(pictures):
    plain, ones = finished(run_of(pictures)), finished(run_of(pictures, loraplus_lr_ratio=1))
    assert plain[0] == ones[0]
    assert all(torch.equal(plain[1][name], tensor) for name, tensor in ones[1].items())


def test_norms_are_limited_after_each_step_and_told(pictures):
    run = run_of(pictures, scale_weight_norms=0.01, learning_rate=0.05, max_train_steps=3)
    for event in run.trainer.events():
        if isinstance(event, StepDone):
            found = [float(update.delta().detach().norm()) for update in run.network.layers.values()]
            assert max(found) <= 0.01 * 1.0001
            assert event.norms is not None
            assert event.norms[1:] == pytest.approx((sum(found) / len(found), max(found)), rel=1e-4)
            assert 0 < event.norms.shortened <= len(found)
            assert len(event.pictures) == 2
    assert next(e for e in run_of(pictures).trainer.events() if isinstance(e, StepDone)).norms is None


def test_limited_run_goes_on_from_its_state_bit_for_bit(pictures, tmp_path):
    settings = {"scale_weight_norms": 0.01, **PLUS}
    losses, weights = finished(run_of(pictures, **settings))
    first, second = run_of(pictures, **settings), run_of(pictures, **settings)
    hand_over(first, second, tmp_path)
    rest, resumed = finished(second)
    assert rest == losses[2:]
    assert all(torch.equal(resumed[name], weights[name]) for name in weights)
