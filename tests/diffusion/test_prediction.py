import pytest
import torch

from lib_train.diffusion.prediction import PREDICTIONS
from lib_train.diffusion.schedule import add_noise, alphas_cumprod

TIMESTEPS = [0, 100, 500, 999]


@pytest.fixture
def tensors():
    chance = torch.Generator().manual_seed(0)
    return torch.randn(4, 4, 8, 8, generator=chance), torch.randn(4, 4, 8, 8, generator=chance)


def test_epsilon_target_is_the_noise(tensors):
    latents, noise = tensors
    assert torch.equal(PREDICTIONS["epsilon"].target(latents, noise, alphas_cumprod()[TIMESTEPS]), noise)


def test_latents_and_noise_follow_from_noisy_latents_and_v(tensors):
    latents, noise = tensors
    bars = alphas_cumprod()[TIMESTEPS]
    noisy, v = add_noise(latents, noise, bars), PREDICTIONS["v"].target(latents, noise, bars)
    signal, rest = bars.sqrt()[:, None, None, None], (1 - bars).sqrt()[:, None, None, None]
    torch.testing.assert_close(signal * noisy - rest * v, latents, atol=1e-5, rtol=1e-5)
    torch.testing.assert_close(rest * noisy + signal * v, noise, atol=1e-5, rtol=1e-5)


def test_v_target_equals_that_of_diffusers(tensors):
    from diffusers import DDPMScheduler

    latents, noise = tensors
    theirs = DDPMScheduler(beta_start=0.00085, beta_end=0.012, beta_schedule="scaled_linear")
    expected = theirs.get_velocity(latents, noise, torch.tensor(TIMESTEPS))
    ours = PREDICTIONS["v"].target(latents, noise, alphas_cumprod()[TIMESTEPS])
    torch.testing.assert_close(ours, expected, atol=1e-5, rtol=1e-4)


# SNR 8.4539 at t = 100 and 0.38185 at t = 500: min(snr, 5) / snr, and / (snr + 1) for v.
@pytest.mark.parametrize(
    ("kind", "expected"),
    [
        ("epsilon", [5 / 8.4539, 1.0]),
        ("v", [5 / 9.4539, 0.38185 / 1.38185]),
    ],
)
def test_min_snr_weight_is_that_of_sd_scripts(kind, expected):
    weights = PREDICTIONS[kind].min_snr_weight(alphas_cumprod()[[100, 500]], 5.0)
    assert weights.tolist() == pytest.approx(expected, rel=1e-4)


@pytest.mark.parametrize(("kind", "expected"), [("epsilon", [1.0, 1.0, 0.0]), ("v", [0.0, 1e-6, 0.0])])
def test_min_snr_weight_is_a_number_at_pure_noise_and_without_any(kind, expected):
    """At cumulative alphas of 0, nearly 0, and 1: the limits of min(snr, 5) / snr, and of min(snr, 5) / (snr + 1)."""
    weights = PREDICTIONS[kind].min_snr_weight(torch.tensor([0.0, 1e-6, 1.0]), 5.0)
    assert weights.tolist() == pytest.approx(expected, abs=1e-7)


@pytest.mark.parametrize("kind", PREDICTIONS)
def test_targets_at_pure_noise_are_finite(tensors, kind):
    latents, noise = tensors
    target = PREDICTIONS[kind].target(latents, noise, torch.zeros(4))
    assert torch.equal(target, noise if kind == "epsilon" else -latents)
