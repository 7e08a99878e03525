import pytest
import torch

from lib_train.diffusion.noise import Perturbation, balanced, channel_offset, generator_of, pyramid, training_noise
from lib_train.diffusion.schedule import alphas_cumprod, with_zero_terminal_snr

LATENTS = torch.zeros(4, 4, 16, 16)


def test_noise_repeats_for_a_position_and_leaves_the_global_stream_alone():
    torch.manual_seed(5)
    before = torch.random.get_rng_state()
    noise = training_noise(LATENTS, generator_of(1, "noise", 7))
    assert torch.equal(noise, training_noise(LATENTS, generator_of(1, "noise", 7)))
    assert not torch.equal(noise, training_noise(LATENTS, generator_of(1, "noise", 8)))
    assert torch.equal(torch.random.get_rng_state(), before)


def test_noise_offset_shifts_whole_channels_and_nothing_else():
    plain = training_noise(LATENTS, generator_of(3))
    shifts = training_noise(LATENTS, generator_of(3), offset=0.5) - plain
    per_channel = shifts[:, :, :1, :1]
    torch.testing.assert_close(shifts, per_channel.expand(LATENTS.shape))
    assert per_channel.std().item() == pytest.approx(0.5, rel=0.5)
    assert per_channel.unique().numel() == 16


# apply_noise_offset and pyramid_noise_like of sd-scripts, commit 48d368f, run with the numbers of these tests.
@pytest.mark.parametrize(("adaptive", "expected"), [(0.05, [0.175, -0.45]), (-0.04, [0.04, 0.0])])
def test_adaptive_offset_follows_the_mean_of_each_channel_as_in_sd_scripts(monkeypatch, adaptive, expected):
    latents = torch.arange(8.0).view(1, 2, 2, 2) - 3  # means -1.5 and 2.5
    monkeypatch.setattr(torch, "randn", lambda *shape, generator: torch.tensor([1.0, -2.0]).view(1, 2, 1, 1))
    found = channel_offset(latents, generator_of(0), 0.1, adaptive=adaptive)
    assert found.flatten().tolist() == pytest.approx(expected, abs=1e-6)


def test_random_strength_of_an_offset_is_evenly_spread_up_to_it():
    strengths = []
    for place in range(300):
        shift = channel_offset(LATENTS, generator_of(place), 0.5, random_strength=True)
        again = generator_of(place)
        drawn = torch.rand(1, generator=again)
        torch.testing.assert_close(shift, 0.5 * drawn * torch.randn(4, 4, 1, 1, generator=again))
        strengths.append(0.5 * drawn.item())
    assert 0.22 < sum(strengths) / 300 < 0.28
    assert min(strengths) < 0.02
    assert max(strengths) > 0.48


def test_pyramid_noise_is_that_of_sd_scripts_for_one_picture():
    noise = torch.randn(1, 4, 8, 12, generator=torch.Generator().manual_seed(1))
    found = pyramid(noise, torch.Generator().manual_seed(3), 6, 0.3)
    assert found[0, 0, 0, :4].tolist() == pytest.approx([-0.525922, -0.85134, -0.374306, -0.840833], rel=1e-5)
    assert found[0, 3, 7, 8:].tolist() == pytest.approx([0.612595, 0.0771949, -0.0975634, 0.72033], rel=1e-5)


def test_pyramid_noise_has_deviation_1_in_each_picture_and_is_coarser_than_plain_noise():
    found = training_noise(LATENTS, generator_of(3), levels=8, discount=0.8)
    assert found.std((1, 2, 3)).tolist() == pytest.approx([1] * 4, rel=1e-5)
    coarse = [noise.mean((2, 3)).std().item() for noise in (found, training_noise(LATENTS, generator_of(3)))]
    assert coarse[0] > 3 * coarse[1]


def test_balanced_offset_is_that_of_onetrainer():
    # _compute_and_cache_offset_noise_psi_schedule of OneTrainer, commit 23df3832, at timesteps 0, 100, 500 and 999.
    found = balanced(alphas_cumprod())
    assert found[[0, 100, 500, 999]].tolist() == pytest.approx([0.000136299, 0.00169886, 0.0143796, 1.0], rel=1e-5)
    assert (found.diff() > 0).all()


def test_balanced_offset_is_finite_with_zero_terminal_snr():
    found = balanced(with_zero_terminal_snr(alphas_cumprod()))
    assert found.shape == (1000,)
    assert found[-1] == found[-2] == 1
    assert ((found > 0) & (found <= 1)).all()


def test_balanced_offset_shifts_what_is_to_be_predicted_by_the_strength_of_its_timestep():
    noise, timesteps = torch.zeros(2, 4, 3, 3), torch.tensor([0, 999])
    perturbed = Perturbation(offset=0.5, by_timestep=torch.linspace(0, 1, 1000))
    target, seen = perturbed(noise, noise, timesteps, generator_of(5))
    assert target is seen
    assert not target[0].any()
    expected = 0.5 * torch.randn(2, 4, 1, 1, generator=generator_of(5))[1]
    torch.testing.assert_close(target[1], expected.expand(4, 3, 3))


def test_input_perturbation_is_seen_and_not_to_be_predicted():
    noise = torch.randn(LATENTS.shape, generator=generator_of(0))
    target, seen = Perturbation(input=0.1)(LATENTS, noise, torch.zeros(4).long(), generator_of(5))
    assert target is noise
    torch.testing.assert_close(seen - noise, 0.1 * torch.randn(LATENTS.shape, generator=generator_of(5)))
    again = generator_of(5)
    strength = 0.1 * torch.rand(1, generator=again)
    _, less = Perturbation(input=0.1, random_input=True)(LATENTS, noise, torch.zeros(4).long(), generator_of(5))
    torch.testing.assert_close(less - noise, strength * torch.randn(LATENTS.shape, generator=again))


def test_plain_noise_draws_nothing_more_when_its_timesteps_are_known():
    chance = generator_of(5)
    before = chance.get_state()
    noise = torch.ones(LATENTS.shape)
    target, seen = Perturbation(offset=0.5)(LATENTS, noise, torch.zeros(4).long(), chance)
    assert target is seen is noise
    assert torch.equal(chance.get_state(), before)
