import pytest
import torch

from lib_train.diffusion.schedule import add_noise, alphas_cumprod, signal_to_noise, with_zero_terminal_snr

# Read off kohya's sd-scripts, commit 48d368fa.
KOHYA = {
    0: (0.999150, 1175.44),
    1: (0.998296, 585.86),
    100: (0.894223, 8.4539),
    250: (0.673792, 2.0655),
    500: (0.276332, 0.38185),
    750: (0.056170, 0.05951),
    999: (0.004660, 0.00468),
}


@pytest.mark.parametrize("timestep", KOHYA)
def test_schedule_and_signal_to_noise_match_those_of_sd_scripts(timestep):
    bar, snr = KOHYA[timestep]
    bars = alphas_cumprod()
    assert bars.shape == (1000,)
    assert bars.dtype == torch.float32
    assert bars[timestep].item() == pytest.approx(bar, abs=1e-6)  # theirs is multiplied up in float32
    # From a float32 bar; near t = 0 the last digits of 1 - bar are rounding.
    assert signal_to_noise(bars)[timestep].item() == pytest.approx(snr, rel=1e-3)


def test_schedule_equals_that_of_diffusers():
    from diffusers import DDPMScheduler

    theirs = DDPMScheduler(beta_start=0.00085, beta_end=0.012, beta_schedule="scaled_linear").alphas_cumprod
    torch.testing.assert_close(alphas_cumprod(), theirs, rtol=3e-5, atol=0)  # theirs is multiplied up in float32


def test_rescaled_schedule_equals_that_of_diffusers_and_ends_in_nothing_but_noise():
    from diffusers import DDIMScheduler

    options = {"beta_start": 0.00085, "beta_end": 0.012, "beta_schedule": "scaled_linear"}
    theirs = DDIMScheduler(**options, rescale_betas_zero_snr=True).alphas_cumprod
    ours = with_zero_terminal_snr(alphas_cumprod())
    torch.testing.assert_close(ours, theirs, rtol=2e-3, atol=1e-6)  # theirs is multiplied up in float32
    assert ours.dtype == torch.float32
    assert (float(ours[-1]), float(signal_to_noise(ours)[-1])) == (0, 0)
    assert float(ours[0]) == float(alphas_cumprod()[0])


def test_noised_latents_keep_unit_variance_and_each_picture_its_own_timestep():
    generator = torch.Generator().manual_seed(0)
    latents, noise = torch.randn(2, 4, 64, 64, generator=generator), torch.randn(2, 4, 64, 64, generator=generator)
    noisy = add_noise(latents, noise, alphas_cumprod()[[10, 900]])
    assert noisy.var(dim=(1, 2, 3)).tolist() == pytest.approx([1, 1], abs=0.05)
    correlation = (noisy * latents).mean((1, 2, 3))
    assert correlation[0] > 0.98
    assert correlation[1] < 0.2
