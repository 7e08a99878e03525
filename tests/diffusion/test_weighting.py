import pytest
import torch

from lib_train.diffusion import weighting
from lib_train.diffusion.prediction import PREDICTIONS
from lib_train.diffusion.schedule import alphas_cumprod, signal_to_noise, with_zero_terminal_snr

EPSILON, V = PREDICTIONS["epsilon"], PREDICTIONS["v"]
TIMESTEPS = [0, 100, 500, 999]
BARS = alphas_cumprod()[TIMESTEPS]
# apply_debiased_estimation, scale_v_prediction_loss_like_noise_prediction and add_v_prediction_like_loss (0.5) of
# sd-scripts, commit 48d368f, at TIMESTEPS.
SD_SCRIPTS = {
    "debiased": ([0.0316228, 0.343931, 1.61828, 14.6146], weighting.debiased(EPSILON, BARS)),
    "debiased v": ([0.000999001, 0.105777, 0.723667, 0.99534], weighting.debiased(V, BARS)),
    "v like noise": ([0.999001, 0.894223, 0.276333, 0.0046601], weighting.v_like_noise(BARS)),
    "with v loss": ([1.5005, 1.55914, 2.80941, 108.294], weighting.with_v_loss(BARS, 0.5)),
}
EVERY = {
    "soft": lambda kind, bars: weighting.soft_min_snr(kind, bars, 5.0),
    "p2": lambda kind, bars: weighting.p2(kind, bars, 1.0),
    "debiased": weighting.debiased,
    "v like noise": lambda kind, bars: weighting.v_like_noise(bars),
    "with v loss": lambda kind, bars: weighting.with_v_loss(bars, 0.5),
}


@pytest.mark.parametrize("name", SD_SCRIPTS)
def test_factors_are_those_of_sd_scripts(name):
    expected, found = SD_SCRIPTS[name]
    assert found.tolist() == pytest.approx(expected, rel=2e-4)


def test_a_squared_error_of_the_prediction_is_the_gain_times_that_of_the_latents():
    chance = torch.Generator().manual_seed(0)
    latents, noise, error = (torch.randn(4, 1, 1, 1, generator=chance, dtype=torch.float64) for _ in range(3))
    bars = BARS.double()
    for kind in (EPSILON, V):
        signal, rest = bars.sqrt().view(4, 1, 1, 1), (1 - bars).sqrt().view(4, 1, 1, 1)
        noisy = signal * latents + rest * noise
        other_noise = (noisy - signal * (latents + error)) / rest  # what goes with the wrong latents
        wrong = other_noise if kind is EPSILON else signal * other_noise - rest * (latents + error)
        ratio = (wrong - kind.target(latents, noise, bars)).square() / error.square()
        torch.testing.assert_close(ratio.flatten(), kind.gain(signal_to_noise(bars)), rtol=1e-9, atol=0)


def test_soft_min_snr_goes_from_snr_to_gamma_without_a_corner_and_is_k_diffusions_at_gamma_1():
    snr = signal_to_noise(BARS)
    assert weighting.soft_min_snr(EPSILON, BARS, 5.0).tolist() == pytest.approx((5 / (snr + 5)).tolist(), rel=1e-5)
    soft, hard = (
        weight * V.gain(snr) for weight in (weighting.soft_min_snr(V, BARS, 5.0), V.min_snr_weight(BARS, 5.0))
    )
    assert all(soft < hard)
    assert soft[3].item() == pytest.approx(hard[3].item(), rel=2e-3)  # much noise: snr
    variance = 1 / snr
    theirs = variance / (variance + 1) ** 2  # k_diffusion/layers.py, _weighting_soft_min_snr with sigma_data 1
    assert weighting.soft_min_snr(V, BARS, 1.0).tolist() == pytest.approx(theirs.tolist(), rel=1e-4)


def test_p2_weighs_by_a_power_of_the_signal_to_noise_ratio():
    snr = signal_to_noise(BARS)
    assert weighting.p2(EPSILON, BARS, 0.5).tolist() == pytest.approx(((1 + snr) ** -0.5).tolist(), rel=1e-5)
    assert weighting.p2(V, BARS, 2.0).tolist() == pytest.approx(((2 + snr) ** -2).tolist(), rel=1e-5)


@pytest.mark.parametrize("name", EVERY)
@pytest.mark.parametrize("kind", PREDICTIONS)
def test_every_factor_is_finite_with_zero_terminal_snr_and_without_noise(name, kind):
    bars = with_zero_terminal_snr(alphas_cumprod())
    bars[0] = 1.0
    found = EVERY[name](PREDICTIONS[kind], bars)
    assert found.shape == (1000,)
    assert torch.isfinite(found).all()
    assert (found >= 0).all()


def test_pure_noise_counts_as_the_timestep_before_it_where_its_factor_is_infinite():
    bars = with_zero_terminal_snr(alphas_cumprod())
    for found in (weighting.debiased(EPSILON, bars), weighting.with_v_loss(bars, 1.0)):
        assert found[-1] == found[-2] > found[-3]


def test_pictures_weigh_by_their_own_weight_and_by_their_timestep():
    table = torch.arange(1000.0)
    weights, timesteps = torch.tensor([1.0, 0.5]), torch.tensor([3, 10])
    assert weighting.ByTimestep(table)(weights, timesteps).tolist() == [3.0, 5.0]
    assert weighting.unweighted(weights, timesteps) is weights
