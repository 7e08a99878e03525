"""A run ends by itself when the loss of a fixed batch has come to rest; its own numbers do not notice the measuring."""

from statistics import fmean
from typing import Any

import pytest
import torch

from lib_train.checkpoints.resume import read_state, write_state
from lib_train.diffusion.noise import generator_of
from lib_train.training.events import FixedLoss, StepDone
from lib_train.training.settled import has_settled
from tests.fakes import fake_assembly, hand_over

VARIED: dict[str, Any] = {
    "dataset": {"flip_aug": True, "shuffle_caption": True, "caption_dropout_rate": 0.5, "random_crop": True},
    "network": {"network_dropout": 0.3, "network_dim": 4},
    "text_encoder_lr": 1e-3, "min_snr_gamma": 5, "max_train_steps": 6,
}  # fmt: skip


def told(assembly):
    events = list(assembly.trainer.events())
    losses = [(one.step, one.loss, one.pictures) for one in events if isinstance(one, StepDone)]
    fixed = [(one.step, one.loss) for one in events if isinstance(one, FixedLoss)]
    return losses, fixed, {name: one.clone() for name, one in assembly.network.tensors().items()}


def test_a_run_is_bit_equal_whether_the_fixed_batch_is_measured_or_not(pictures):
    plain, none, weights = told(fake_assembly(pictures, **VARIED))
    same, fixed, others = told(fake_assembly(pictures, **VARIED, stop_when_learned=2))
    assert none == []
    assert same == plain
    assert [step for step, _ in fixed] == [2, 4, 6]
    assert all(torch.equal(weights[name], others[name]) for name in weights)


def test_the_fixed_loss_is_the_mean_error_of_the_same_pictures_noise_and_timesteps(pictures):
    assembly = fake_assembly(pictures, stop_when_learned=1, max_train_steps=2, learning_rate=0.0, unet_lr=1e-9)
    fixed = [one.loss for one in assembly.trainer.events() if isinstance(one, FixedLoss)]
    assert fixed[0] == pytest.approx(fixed[1], rel=1e-4)
    assert assembly.trainer.fixed
    batches, loss = assembly.trainer.fixed._measuring._batches, assembly.trainer._loss
    found = []
    with assembly.network.attached():
        for place, uses in enumerate(batches.epoch(0)):
            batch = batches.batch(uses, 0)
            for timestep in (100, 300, 500, 700, 900):
                chance = generator_of(assembly.config.training.seed, "validation", place, timestep)
                found.append((timestep, loss.plain(batch, timestep, chance).tolist()))
    bands = {one: fmean(value for band, some in found if band == one for value in some) for one, _ in found}
    assert fixed[1] == pytest.approx(fmean(bands.values()), rel=1e-6)


def test_a_resumed_run_measures_the_same_and_has_learned_at_the_same_step(pictures, tmp_path, monkeypatch):
    monkeypatch.setattr("lib_train.training.fixed_batch.has_settled", lambda steps, losses: len(steps) >= 3)
    settings = {**VARIED, "stop_when_learned": 1}
    whole = fake_assembly(pictures, **settings)
    _, fixed, weights = told(whole)
    first, second = fake_assembly(pictures, **settings), fake_assembly(pictures, **settings)
    hand_over(first, second, tmp_path)
    _, rest, others = told(second)
    assert rest == fixed[2:]
    assert all(torch.equal(weights[name], others[name]) for name in weights)
    assert [one.trainer.fixed and one.trainer.fixed.learned_at for one in (whole, second)] == [3, 3]


def test_it_has_learned_in_the_epoch_in_which_the_published_rule_says_so(pictures):
    assembly = fake_assembly(pictures, stop_when_learned=1, max_train_steps=4)
    trainer = assembly.trainer
    fixed = trainer.fixed
    assert fixed
    fixed._steps, fixed._losses = list(range(1, 800)), [1 / (1 + step / 50) for step in range(1, 800)]
    assert has_settled(fixed._steps, fixed._losses)
    assert not fixed.learned_in(trainer.plan, trainer.step)
    fixed.learned_at = 4
    list(trainer.events())
    assert fixed.learned_in(trainer.plan, trainer.step)
    fixed.learned_at = 1
    assert trainer.plan.epoch_of(1) != trainer.plan.epoch_of(4)
    assert not fixed.learned_in(trainer.plan, trainer.step)


def test_without_the_setting_a_state_holds_nothing_of_it(pictures, tmp_path):
    assembly = fake_assembly(pictures)
    list(assembly.trainer.events())
    assert "fixed" not in assembly.trainer.state()[1]
    measured = fake_assembly(pictures, stop_when_learned=2)
    list(measured.trainer.events())
    path = write_state(tmp_path, 4, *measured.trainer.state())
    assert read_state(path)[1]["fixed"]["steps"] == [2, 4]
