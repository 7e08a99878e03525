import torch

from lib_train.diffusion.noise import generator_of
from lib_train.diffusion.timesteps import uniform_timesteps


def test_timesteps_reach_the_lowest_and_stay_below_the_highest():
    drawn = uniform_timesteps(500, generator_of(0), low=5, high=9)
    assert drawn.dtype == torch.int64
    assert drawn.unique().tolist() == [5, 6, 7, 8]


def test_all_timesteps_are_drawn_about_equally_often():
    counts = uniform_timesteps(100_000, generator_of(0)).bincount(minlength=1000)
    assert counts.shape == (1000,)
    assert counts.min() > 55
    assert counts.max() < 155
