import pytest
import torch

from lib_train.config.preview import SAMPLERS as DECLARED
from lib_train.diffusion.schedule import alphas_cumprod
from lib_train.errors import ConfigError
from lib_train.host.sampling import SAMPLERS, sample, starting_noise


def test_declared_samplers_are_those_that_there_are():
    assert set(DECLARED) == set(SAMPLERS)


@pytest.mark.parametrize("kind", ["epsilon", "v"])
@pytest.mark.parametrize("name", SAMPLERS)
def test_sampler_reaches_the_picture_that_a_perfect_model_knows(name, kind):
    """The model that knows the picture predicts just the noise in its input: every sampler must end at the picture."""
    goal = torch.linspace(-1, 1, 64).reshape(1, 1, 8, 8).repeat(1, 4, 1, 1)
    bars = alphas_cumprod()

    def perfect(latents, timestep):
        place = float(timestep)
        low = int(place)
        high = min(low + 1, 999)
        log = (1 - (place - low)) * ((1 - bars[low]) / bars[low]).log() + (place - low) * (
            (1 - bars[high]) / bars[high]
        ).log()
        bar = 1 / (1 + log.exp())
        noise = (latents - bar.sqrt() * goal) / (1 - bar).sqrt()
        return noise if kind == "epsilon" else bar.sqrt() * noise - (1 - bar).sqrt() * goal

    noise, generator = starting_noise(3, 64, 64)
    found = sample(perfect, noise, name, 12, kind, generator)
    assert (found - goal).abs().mean() < 0.12


@pytest.mark.parametrize("name", SAMPLERS)
def test_same_seed_gives_the_same_latents(name):
    def shrink(latents, timestep):
        return latents * 0.3

    first, second = (sample(shrink, *starting_noise(3, 64, 64)[:1], name, 4, "epsilon", starting_noise(3, 64, 64)[1])
                     for _ in range(2))  # fmt: skip
    assert torch.equal(first, second)


def test_unknown_sampler_names_the_known_ones():
    noise, generator = starting_noise(1, 64, 64)
    with pytest.raises(ConfigError, match="preview_sampler = 'Magic': choose one of Euler, Euler a"):
        sample(lambda x, t: x, noise, "Magic", 1, "epsilon", generator)
