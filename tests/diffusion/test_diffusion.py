import pytest
import torch

from lib_train.diffusion.loss import picture_losses
from lib_train.diffusion.noise import generator_of, training_noise, training_timesteps
from lib_train.diffusion.prediction import PREDICTIONS
from lib_train.diffusion.schedule import add_noise, alphas_cumprod, signal_to_noise


@pytest.mark.parametrize(
    ("t", "bar", "snr"),
    [
        (0, 0.999150, 1175.44), (1, 0.998296, 585.86), (100, 0.894223, 8.4539), (250, 0.673792, 2.0655),
        (500, 0.276332, 0.38185), (750, 0.056170, 0.05951), (999, 0.004660, 0.00468),
    ],
)  # fmt: skip
def test_schedule_has_the_values_that_sd_scripts_trains_with(t, bar, snr):
    """Numbers read off kohya's sd-scripts, commit 48d368fa."""
    bars = alphas_cumprod()
    assert bars.dtype == torch.float32
    assert float(bars[t]) == pytest.approx(bar, abs=1e-6)
    assert float(signal_to_noise(bars)[t]) == pytest.approx(snr, rel=2e-3)


def test_noisy_latents_and_both_targets_fit_together():
    bars = alphas_cumprod()[torch.tensor([10, 900])]
    latents, noise = torch.randn(2, 2, 4, 8, 8, generator=torch.Generator().manual_seed(0)).unbind(0)
    noisy = add_noise(latents, noise, bars)
    v = PREDICTIONS["v"].target(latents, noise, bars)
    wide = bars[:, None, None, None]
    assert torch.allclose(wide.sqrt() * noisy - (1 - wide).sqrt() * v, latents, atol=1e-5)
    assert PREDICTIONS["epsilon"].target(latents, noise, bars) is noise


@pytest.mark.parametrize(("kind", "low", "high"), [("epsilon", 1.0, 0.2), ("v", 0.5, 5 / 26)])
def test_min_snr_weight_is_flat_or_rising_below_gamma_and_falls_above(kind, low, high):
    bars = torch.tensor([0.5, 25 / 26])  # SNR 1 and 25
    assert PREDICTIONS[kind].min_snr_weight(bars, 5.0).tolist() == pytest.approx([low, high])


def test_noise_depends_on_its_position_alone():
    shape = torch.Size((2, 4, 8, 8))
    one = training_noise(shape, generator_of(1, "noise", 7))
    torch.rand(5)
    assert torch.equal(one, training_noise(shape, generator_of(1, "noise", 7)))
    assert not torch.equal(one, training_noise(shape, generator_of(1, "noise", 8)))


def test_noise_offset_moves_whole_channels():
    shape = torch.Size((64, 4, 16, 16))
    plain, moved = (training_noise(shape, generator_of(3), offset=o) for o in (0.0, 0.5))
    difference = moved - plain
    assert torch.allclose(difference, difference[:, :, :1, :1].expand(shape), atol=1e-6)
    assert float(difference[:, :, 0, 0].std()) == pytest.approx(0.5, rel=0.15)


def test_timesteps_stay_in_their_limits():
    t = training_timesteps(2000, generator_of(0), low=100, high=103)
    assert set(t.tolist()) == {100, 101, 102}


def test_loss_is_float32_and_one_number_for_each_picture():
    losses = picture_losses(torch.ones(3, 4, 2, 2, dtype=torch.bfloat16), torch.zeros(3, 4, 2, 2))
    assert losses.dtype == torch.float32
    assert losses.tolist() == [1, 1, 1]
