import math

import pytest
import torch

from lib_train.diffusion.noise import generator_of
from lib_train.diffusion.schedule import alphas_cumprod, signal_to_noise, with_zero_terminal_snr
from lib_train.diffusion.timesteps import (
    OneTimestep,
    ShapedTimesteps,
    beta,
    chances_of,
    cosmap,
    evenly,
    laplace_chances,
    logit_normal,
    uniform_timesteps,
)

MIDDLES = (torch.arange(1000, dtype=torch.float64) + 0.5) / 1000


def test_timesteps_reach_the_lowest_and_stay_below_the_highest():
    drawn = uniform_timesteps(500, generator_of(0), low=5, high=9)
    assert drawn.dtype == torch.int64
    assert drawn.unique().tolist() == [5, 6, 7, 8]


def test_all_timesteps_are_drawn_about_equally_often():
    counts = uniform_timesteps(100_000, generator_of(0)).bincount(minlength=1000)
    assert counts.shape == (1000,)
    assert counts.min() > 55
    assert counts.max() < 155


def density_of_logit_normal(x):
    """Esser et al. 2024, equation 19, with mean 0.5 and deviation 0.8."""
    return torch.exp(-((torch.logit(x) - 0.5) ** 2) / (2 * 0.8**2)) / (0.8 * math.sqrt(2 * math.pi) * x * (1 - x))


DENSITIES = {
    "logit_normal": (logit_normal(0.5, 0.8), density_of_logit_normal),
    "cosmap": (cosmap, lambda x: 2 / (math.pi - 2 * math.pi * x + 2 * math.pi * x**2)),
    "beta": (beta(2.5), lambda x: 2.5 * x**1.5),
    "evenly": (evenly, torch.ones_like),
}


@pytest.mark.parametrize("name", DENSITIES)
def test_chances_have_the_density_of_their_formula(name):
    share, density = DENSITIES[name]
    found = chances_of(share, 0, 1000)
    assert float(found.sum()) == pytest.approx(1)
    torch.testing.assert_close(found * 1000, density(MIDDLES), rtol=1e-3, atol=1e-3)


def test_cosmap_is_the_inverse_of_the_map_that_it_was_published_as():
    u = torch.linspace(0.01, 0.99, 50, dtype=torch.float64)
    torch.testing.assert_close(cosmap(1 - 1 / (torch.tan(math.pi / 2 * u) + 1)), u)


@pytest.mark.parametrize("shift", [3.0, 0.4])
def test_shift_moves_what_was_drawn_as_published(shift):
    u = torch.rand(200_000, generator=generator_of(1), dtype=torch.float64)
    moved = (shift * u / (1 + (shift - 1) * u) * 1000).long()  # Esser et al. 2024, equation 23
    counted = moved.bincount(minlength=1000).double().view(20, 50).sum(1) / 200_000
    found = chances_of(evenly, 0, 1000, shift).view(20, 50).sum(1)
    torch.testing.assert_close(found, counted, rtol=0.03, atol=1e-3)


def test_a_shape_spans_the_timesteps_that_are_trained():
    narrow, whole = chances_of(cosmap, 200, 300), chances_of(cosmap, 0, 1000)
    assert not narrow[:200].any()
    assert not narrow[300:].any()
    torch.testing.assert_close(narrow[200:300], whole.view(100, 10).sum(1))


def test_logarithms_of_signal_to_noise_are_laplace_distributed():
    bars = alphas_cumprod()
    logs = signal_to_noise(bars.double()).log()
    chances = laplace_chances(bars, 0, 1000, -1.0, 0.5)
    assert float(chances.sum()) == pytest.approx(1)
    for bound in (-2.0, -1.5, -0.5, 0.0):
        below = 0.5 * math.exp(-abs(bound + 1) / 0.5)
        expected = below if bound < -1 else 1 - below
        assert float(chances[logs < bound].sum()) == pytest.approx(expected, abs=0.01)
    assert abs(float(logs[chances.argmax()]) + 1) < 0.05


@pytest.mark.parametrize("mean", [-30.0, 0.0, 30.0])
def test_laplace_can_be_drawn_wherever_its_middle_lies_and_at_pure_noise(mean):
    for low, high in ((0, 1000), (0, 1), (999, 1000), (400, 600)):
        chances = laplace_chances(with_zero_terminal_snr(alphas_cumprod()), low, high, mean, 0.01)
        assert float(chances.sum()) == pytest.approx(1)
        assert float(chances[low:high].sum()) == pytest.approx(1)


def test_drawn_timesteps_are_as_frequent_as_their_chances_and_repeat_for_a_position():
    chances = chances_of(beta(3.0), 100, 900)
    draw = ShapedTimesteps(chances)
    drawn = draw(200_000, generator_of(3))
    assert drawn.dtype == torch.int64
    assert torch.equal(drawn, draw(200_000, generator_of(3)))
    counted = drawn.bincount(minlength=1000).double().view(20, 50).sum(1) / 200_000
    torch.testing.assert_close(counted, chances.view(20, 50).sum(1), rtol=0.05, atol=1e-3)


def test_one_timestep_for_a_batch_is_the_first_of_those_for_each_picture():
    one = OneTimestep(uniform_timesteps)(5, generator_of(2))
    assert one.tolist() == [int(uniform_timesteps(1, generator_of(2)))] * 5
