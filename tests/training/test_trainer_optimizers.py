"""Runs with optimizers that are more than a rate: they act, and go on from a state as though they had never stopped."""

from typing import Any

import pytest
import torch

from lib_train.training.events import CheckpointReady, StepDone
from tests.fakes import fake_assembly, hand_over

pytestmark = pytest.mark.filterwarnings("ignore::DeprecationWarning", "ignore::FutureWarning")  # of the packages
USUAL: dict[str, Any] = {"max_train_steps": 6, "text_encoder_lr": 1e-3, "text_encoder_stop": 0.7, "lr_warmup_steps": 0}
WAYS: dict[str, dict[str, Any]] = {
    "Adafactor": {"optimizer_type": "Adafactor", "lr_scheduler": "adafactor"},
    "Adafactor, warming up": {
        "optimizer_type": "Adafactor", "lr_scheduler": "adafactor", "optimizer_args": {"warmup_init": True}
    },
    "schedule-free AdamW": {"optimizer_type": "AdamWScheduleFree", "lr_warmup_steps": 2, "save_every_n_steps": 1},
    "schedule-free SGD": {"optimizer_type": "SGDScheduleFree", "learning_rate": 0.1, "save_every_n_steps": 1},
    "CAME": {"optimizer_type": "CAME", "lr_scheduler": "cosine"},
    "Prodigy with slices": {
        "optimizer_type": "Prodigy", "learning_rate": 1.0, "text_encoder_lr": 1.0,
        "optimizer_args": {"slice_p": 3, "beta3": 0.9, "growth_rate": 1.5},
    },
}  # fmt: skip


def run(assembly):
    """Losses, rates, and the last checkpoint."""
    losses, rates, saved = {}, {}, {}
    for event in assembly.trainer.events():
        if isinstance(event, StepDone):
            losses[event.step], rates[event.step] = event.loss, event.lr
        if isinstance(event, CheckpointReady):
            saved = {name: tensor.clone() for name, tensor in event.tensors.items()}
    return losses, rates, saved


@pytest.mark.parametrize("way", WAYS)
def test_run_goes_on_from_its_state_bit_for_bit(pictures, tmp_path, way):
    whole, first, second = (fake_assembly(pictures, **{**USUAL, **WAYS[way]}) for _ in range(3))
    losses, rates, saved = run(whole)
    hand_over(first, second, tmp_path)
    before = {name: tensor.clone() for name, tensor in second.network.tensors().items()}
    rest, rates_after, saved_after = run(second)
    assert rest == {step: loss for step, loss in losses.items() if step > 2}
    assert rates_after == {step: rate for step, rate in rates.items() if step > 2}
    assert saved_after.keys() == saved.keys()
    assert all(torch.equal(saved_after[name], saved[name]) for name in saved)
    assert not all(torch.equal(before[name], saved[name]) for name in saved)


def test_adafactors_own_rate_is_told_and_warms_up(pictures):
    own, warming = (run(fake_assembly(pictures, **{**USUAL, **WAYS[way]}))[1] for way in list(WAYS)[:2])
    assert all(1e-3 * 1e-3 < rates["unet"] < 1e-2 for rates in own.values())
    assert all(warming[step]["unet"] < own[step]["unet"] * 1e-3 for step in own)
    assert [rates["text_encoder"] > 0 for rates in own.values()] == [True] * 4 + [False] * 2


@pytest.mark.parametrize("way", ["schedule-free AdamW", "schedule-free SGD"])
def test_what_a_schedule_free_optimizer_averages_is_saved_and_saving_changes_no_step(pictures, way):
    often = {**USUAL, **WAYS[way]}
    one, other = fake_assembly(pictures, **often), fake_assembly(pictures, **{**often, "save_every_n_steps": None})
    (losses, rates, saved), (expected, *_) = run(one), run(other)
    assert losses == expected
    trained = {name: tensor.clone() for name, tensor in one.network.tensors().items()}
    assert not any(torch.equal(saved[name], trained[name]) for name in saved if "lora_up" in name)
    one.trainer.optimizer.eval()  # type: ignore[attr-defined]
    assert all(torch.equal(saved[name], tensor) for name, tensor in one.network.tensors().items())
    assert rates[1]["unet"] == (0 if way.endswith("AdamW") else 0.1)  # the first step of a warmup
    assert {rates[step]["unet"] for step in (3, 4, 5, 6)} == {one.trainer.optimizer.param_groups[0]["initial_lr"]}
