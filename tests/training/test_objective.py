"""Each setting of noise and loss in runs on a model of a few layers."""

import math
from typing import Any

import pytest
import torch

from lib_train.diffusion.schedule import alphas_cumprod
from lib_train.training.events import StepDone
from tests.fake_model import FakeModel
from tests.fakes import fake_assembly

SNR = (alphas_cumprod() / (1 - alphas_cumprod())).tolist()
CHANGES_NUMBERS: list[dict[str, Any]] = [
    {"noise_offset": 0.3},
    {"noise_offset": 0.3, "noise_offset_random_strength": True},
    {"noise_offset": 0.3, "adaptive_noise_scale": 0.5},
    {"noise_offset": 0.3, "balanced_noise_offset": True},
    {"multires_noise_iterations": 6},
    {"multires_noise_iterations": 6, "multires_noise_discount": 0.8},
    {"ip_noise_gamma": 0.1},
    {"ip_noise_gamma": 0.1, "ip_noise_gamma_random_strength": True},
    {"timestep_shape": "logit_normal"},
    {"timestep_shape": "logit_normal", "timestep_mean": 2.0},
    {"timestep_shape": "logit_normal", "timestep_spread": 0.2},
    {"timestep_shape": "cosmap"},
    {"timestep_shape": "laplace", "timestep_spread": 0.5},
    {"timestep_shape": "beta", "timestep_alpha": 3.0},
    {"timestep_shift": 3.0},
    {"fixed_timesteps_in_batch": True},
    {"loss_type": "l1"},
    {"loss_type": "huber"},
    {"loss_type": "huber", "huber_c": 0.5},
    {"loss_type": "smooth_l1"},
    {"loss_type": "smooth_l1", "huber_schedule": "exponential"},
    {"loss_type": "smooth_l1", "huber_schedule": "constant"},
    {"loss_type": "smooth_l1", "huber_schedule": "constant", "huber_scale": 3.0},
    {"soft_min_snr_gamma": 5.0},
    {"p2_gamma": 1.0},
    {"debiased_estimation_loss": True},
    {"v_pred_like_loss": 0.5},
]


def steps_of(pictures, kind="epsilon", **settings):
    run = fake_assembly(pictures, FakeModel(kind), **settings)
    return [event for event in run.trainer.events() if isinstance(event, StepDone)]


def losses_of(pictures, kind="epsilon", **settings):
    return tuple(step.loss for step in steps_of(pictures, kind, **settings))


def test_every_setting_makes_a_run_of_its_own(pictures):
    found = [losses_of(pictures), *(losses_of(pictures, **settings) for settings in CHANGES_NUMBERS)]
    assert all(math.isfinite(loss) for losses in found for loss in losses)
    assert len(set(found)) == len(found)


@pytest.mark.parametrize(
    ("kind", "settings", "factor"),
    [
        ("epsilon", {"debiased_estimation_loss": True}, lambda snr: min(snr, 1000) ** -0.5),
        ("v", {"debiased_estimation_loss": True}, lambda snr: 1 / (min(snr, 1000) + 1)),
        ("v", {"scale_v_pred_loss_like_noise_pred": True}, lambda snr: snr / (snr + 1)),
        ("epsilon", {"scale_v_pred_loss_like_noise_pred": True}, lambda snr: 1),
        ("epsilon", {"v_pred_like_loss": 0.5}, lambda snr: 1 + 0.5 * (snr + 1) / snr),
        ("v", {"v_pred_like_loss": 0.5}, lambda snr: 1),
        ("epsilon", {"p2_gamma": 2.0}, lambda snr: (1 + snr) ** -2),
        ("v", {"soft_min_snr_gamma": 3.0}, lambda snr: snr * 3 / (snr + 3) / (snr + 1)),
        ("v", {"min_snr_gamma": 3.0, "scale_v_pred_loss_like_noise_pred": True},
         lambda snr: min(snr, 3) / (snr + 1) * snr / (snr + 1)),
    ],
)  # fmt: skip
def test_a_step_weighs_each_picture_by_its_timestep(pictures, kind, settings, factor):
    for step in steps_of(pictures, kind, gradient_accumulation_steps=2, **settings):
        weighed = [factor(SNR[timestep]) * loss for _, timestep, loss in step.pictures]
        assert step.loss == pytest.approx(sum(weighed) / len(weighed), rel=2e-3)  # SNR near t = 0 is rounded


def test_pictures_of_a_batch_share_a_timestep_where_that_is_set(pictures):
    told = steps_of(pictures, fixed_timesteps_in_batch=True, max_train_steps=6, dataset={"enable_bucket": False})
    drawn = [{timestep for _, timestep, _ in step.pictures} for step in told]
    assert [len(one) for one in drawn] == [1] * 6
    assert len(set.union(*drawn)) > 3


def test_shaped_timesteps_keep_to_their_range(pictures):
    settings = {"min_timestep": 600, "max_timestep": 610, "max_train_steps": 8}
    for shape in ("logit_normal", "cosmap", "laplace", "beta"):
        drawn = [t for step in steps_of(pictures, timestep_shape=shape, **settings) for _, t, _ in step.pictures]
        assert 600 <= min(drawn) <= max(drawn) < 610


@pytest.mark.parametrize("text_encoder_lr", [0.0, 1e-3])
def test_brackets_weigh_words_of_captions_where_that_is_set(pictures, text_encoder_lr):
    def losses(caption, weighted=True):
        for file in pictures.rglob("*.txt"):
            file.write_text(caption)
        return losses_of(pictures, text_encoder_lr=text_encoder_lr, weighted_captions=weighted)

    assert losses("(mochi:1.8), blue") != losses("(mochi:1.8), blue", weighted=False)
    assert losses("(mochi:1.8), blue") != losses("mochi, blue")
    assert losses("(mochi:1), blue") == losses("mochi, blue") == losses("mochi, blue", weighted=False)


def test_input_perturbation_leaves_the_target_as_it_is(pictures):
    plain, perturbed = (fake_assembly(pictures, ip_noise_gamma=gamma).trainer._loss.objective for gamma in (0.0, 0.2))
    latents = torch.ones(2, 4, 8, 8)
    one, other = (objective.draw(latents, torch.Generator().manual_seed(0)) for objective in (plain, perturbed))
    assert torch.equal(one.target, other.target)
    assert torch.equal(one.timesteps, other.timesteps)
    added = (other.noisy - one.noisy) / (1 - alphas_cumprod()[one.timesteps]).sqrt().view(2, 1, 1, 1)
    assert added.std().item() == pytest.approx(0.2, rel=0.1)
