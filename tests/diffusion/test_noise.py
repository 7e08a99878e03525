import pytest
import torch

from lib_train.diffusion.noise import generator_of, training_noise

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
