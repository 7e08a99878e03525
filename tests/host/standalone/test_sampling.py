import numpy
import pytest
import torch

from lib_train.config.preview import SAMPLERS as DECLARED
from lib_train.diffusion.schedule import alphas_cumprod, with_zero_terminal_snr
from lib_train.errors import ConfigError
from lib_train.host.protocol import PictureRequest
from lib_train.host.standalone.noise_levels import SCHEDULES, Table, levels
from lib_train.host.standalone.sampling import (
    SAMPLERS,
    sample,
    sampler_and_schedule,
    sampler_of,
    starting_noise,
)

BARS = alphas_cumprod()
SIGMAS = ((1 - BARS) / BARS).sqrt()
GOAL = torch.linspace(-1, 1, 64).reshape(1, 1, 8, 8).repeat(1, 4, 1, 1)


def sigma_at(timestep):
    """Noise over signal at a timestep between two whole ones, evenly in its logarithm."""
    low = min(int(timestep), 998)
    share = float(timestep) - low
    return ((1 - share) * SIGMAS[low].log() + share * SIGMAS[low + 1].log()).exp()


def toy(latents, timestep):
    """Noise as a model might predict it: not exactly, and otherwise at every timestep."""
    sigma = sigma_at(timestep)
    return (latents - 0.8 * GOAL / (1 + sigma**2).sqrt()) * (1 + sigma**-2).sqrt() * 0.9 + 0.1 * latents.sin()


def test_declared_samplers_are_those_that_there_are():
    assert {name.removesuffix(" Karras") for name in DECLARED} == {
        name for name in SAMPLERS if not any(name.endswith(f" {schedule}") for schedule in ("Uniform", *SCHEDULES))
    }
    assert set(DECLARED) <= set(SAMPLERS)


@pytest.mark.parametrize(
    ("sampler", "schedule", "found"),
    [
        ("DPM++ 2M", "", "Karras"), ("DPM++ 2M", "Automatic", "Karras"), ("DPM++ 2M SDE", "", "Exponential"),
        ("DPM2 a", "Automatic", "Karras"), ("Euler", "Automatic", "Uniform"), ("Euler Karras", "", "Karras"),
        ("Euler Karras", "Automatic", "Uniform"), ("Heun Karras", "SGM Uniform", "SGM Uniform"),
        ("DPM++ 2M", "Uniform", "Uniform"), ("DDIM", "Automatic", "Uniform"),
    ],
)  # fmt: skip
def test_automatic_is_what_it_is_in_the_webui_and_a_named_schedule_counts_more_than_that_of_the_name(
    sampler, schedule, found
):
    request = PictureRequest(prompt="a", seed=1, steps=5, width=64, height=64, sampler=sampler, scheduler=schedule)
    assert sampler_and_schedule(request)[1] == found
    noise = starting_noise(3, 64, 64)[0]
    named = sampler_and_schedule(request)[0] + ("" if sampler == "DDIM" else f" {found}")
    drawn = [sample(toy, noise, name, 5, "epsilon", _generator(3)) for name in (sampler_of(request), named)]
    assert torch.equal(*drawn)


def test_samplers_that_have_their_own_timesteps_have_no_schedules():
    request = PictureRequest(prompt="a", seed=1, steps=5, width=64, height=64, sampler="DDIM", scheduler="Karras")
    with pytest.raises(ConfigError, match="scheduler = 'Karras': DDIM has Automatic, Uniform; choose one of these"):
        sampler_of(request)


def heun(noise, sigmas):
    """Source: Karras et al. 2022, algorithm 2 without churn."""
    x = noise * sigmas[0]
    for now, following in zip(sigmas, sigmas[1:], strict=False):
        slope = predicted(x, now)
        ahead = x + slope * (following - now)
        x = x + (slope + predicted(ahead, following)) / 2 * (following - now) if following > 0 else ahead
    return x


def middles(noise, sigmas):
    """Source: Karras et al. 2022, algorithm 2 with the middle in the logarithm, as DPM-Solver-2."""
    x = noise * sigmas[0]
    for now, following in zip(sigmas, sigmas[1:], strict=False):
        middle = (now * following) ** 0.5
        slope = predicted(x, now)
        if following > 0:
            slope = predicted(x + slope * (middle - now), middle)
        x = x + slope * (following - now)
    return x


def predicted(x, sigma):
    timestep = Table(SIGMAS.double().numpy()).times_of(numpy.array([sigma]))[0]
    return toy(x / (1 + sigma**2) ** 0.5, torch.tensor(timestep))


@pytest.mark.parametrize("schedule", ["Karras", "Exponential", "KL Optimal", "Align Your Steps"])
@pytest.mark.parametrize(("name", "plain"), [("Heun", heun), ("DPM2", middles)])
def test_samplers_of_second_order_are_their_published_formulas_on_each_schedule(name, plain, schedule):
    noise, generator = starting_noise(3, 64, 64)
    found = sample(toy, noise, f"{name} {schedule}", 9, "epsilon", generator)
    wanted = plain(noise, levels(schedule, 9, Table(SIGMAS.numpy()), name == "DPM2").tolist())
    assert torch.allclose(found, wanted, atol=5e-3, rtol=5e-3)


@pytest.mark.parametrize("kind", ["epsilon", "v"])
@pytest.mark.parametrize("name", SAMPLERS)
def test_sampler_reaches_the_picture_that_a_perfect_model_knows(name, kind):
    """The model that knows the picture predicts just the noise in its input: every sampler must end at the picture."""

    def perfect(latents, timestep):
        bar = 1 / (1 + sigma_at(timestep) ** 2)
        noise = (latents - bar.sqrt() * GOAL) / (1 - bar).sqrt()
        return noise if kind == "epsilon" else bar.sqrt() * noise - (1 - bar).sqrt() * GOAL

    noise, generator = starting_noise(3, 64, 64)
    found = sample(perfect, noise, name, 12, kind, generator)
    assert (found - GOAL).abs().mean() < 0.08


@pytest.mark.parametrize("name", DECLARED)
def test_sampler_begins_at_pure_noise_and_reaches_the_picture_with_zero_terminal_snr(name):
    bars = with_zero_terminal_snr(BARS)
    inputs = []

    def perfect(latents, timestep):
        low = min(int(timestep), 998)
        share = float(timestep) - low
        bar = bars[low] * (1 - share) + bars[low + 1] * share
        inputs.append((float(timestep), latents))
        noise = (latents - bar.sqrt() * GOAL) / (1 - bar).sqrt()
        return bar.sqrt() * noise - (1 - bar).sqrt() * GOAL

    noise, generator = starting_noise(3, 64, 64)
    found = sample(perfect, noise, name, 20, "v", generator, zero_terminal_snr=True)
    assert found.isfinite().all()
    assert (found - GOAL).abs().mean() < 0.12
    assert torch.allclose(inputs[0][1], noise, atol=1e-2)


def euler(noise, steps):
    """Source: Karras et al. 2022, algorithm 1 with Euler's step alone, on k-diffusion's even timesteps."""
    sigmas = [sigma_at(t) for t in torch.linspace(999, 0, steps)] + [torch.tensor(0.0)]
    x = noise * sigmas[0]
    for timestep, sigma, following in zip(torch.linspace(999, 0, steps), sigmas, sigmas[1:], strict=False):
        x = x + toy(x / (1 + sigma**2).sqrt(), timestep) * (following - sigma)
    return x


def second_order(noise, steps):
    """Source: Lu et al. 2022, DPM-Solver++(2M), https://arxiv.org/abs/2211.01095, algorithm 2."""
    times = torch.linspace(999, 0, steps).round()
    sigmas = [sigma_at(t) for t in times]
    x, before = noise * (1 + sigmas[0] ** 2).sqrt(), None
    for place, (timestep, sigma) in enumerate(zip(times, sigmas, strict=True)):
        clean = x - sigma * toy(x / (1 + sigma**2).sqrt(), timestep)
        if place == steps - 1:
            return clean
        step = (sigma / sigmas[place + 1]).log()
        ahead = clean
        if before is not None:
            ratio = (sigmas[place - 1] / sigma).log() / step
            ahead = (1 + 1 / (2 * ratio)) * clean - 1 / (2 * ratio) * before
        x, before = sigmas[place + 1] / sigma * x - torch.expm1(-step) * ahead, clean
    return x


def ddim(noise, steps):
    """Source: Song et al. 2021, https://arxiv.org/abs/2010.02502, equation 12, from timestep 951 to 1 for 20 steps."""
    times = range(1, 1000, 1000 // steps)
    x = noise
    for now, following in zip(times[:0:-1], times[-2::-1], strict=True):
        predicted = toy(x, torch.tensor(now))
        clean = (x - (1 - BARS[now]).sqrt() * predicted) / BARS[now].sqrt()
        x = BARS[following].sqrt() * clean + (1 - BARS[following]).sqrt() * predicted
    return x


@pytest.mark.parametrize("steps", [6, 20])
@pytest.mark.parametrize(("name", "plain"), [("Euler", euler), ("DPM++ 2M Uniform", second_order), ("DDIM", ddim)])
def test_sampler_is_its_published_formula_on_the_webuis_timesteps(name, plain, steps):
    noise, generator = starting_noise(3, 64, 64)
    found = sample(toy, noise, name, steps, "epsilon", generator)
    assert torch.allclose(found, plain(noise, steps), atol=5e-3, rtol=5e-3)


@pytest.mark.parametrize("name", SAMPLERS)
def test_chance_is_the_seeds_alone(name):
    state = torch.get_rng_state()
    found = [sample(toy, starting_noise(seed, 64, 64)[0], name, 4, "epsilon", _generator(seed)) for seed in (3, 3, 4)]
    assert torch.equal(found[0], found[1])
    assert not torch.equal(found[0], found[2])
    assert torch.equal(torch.get_rng_state(), state)


def _noise(seed):
    return starting_noise(seed, 64, 64)[:1]


def _generator(seed):
    return starting_noise(seed, 64, 64)[1]


@pytest.mark.parametrize("name", SAMPLERS)
@pytest.mark.parametrize("steps", [1, 2, 3, 104, 150])
def test_any_number_of_steps_ends(name, steps):
    timesteps = []

    def model(latents, timestep):
        timesteps.append(float(timestep))
        return latents * 0.1

    assert sample(model, *_noise(1), name, steps, "epsilon", _generator(1)).isfinite().all()  # type: ignore[call-arg]
    assert timesteps[0] == max(timesteps) >= 499
    assert len(timesteps) <= 2 * (steps + 17)


def test_unknown_sampler_names_the_known_ones():
    with pytest.raises(ConfigError, match="preview_sampler = 'Magic': choose one of Euler, Euler a"):
        sample(lambda x, t: x, *_noise(1), "Magic", 1, "epsilon", _generator(1))  # type: ignore[arg-type, call-arg]
