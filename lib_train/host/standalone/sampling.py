"""The WebUI's sampler names, from diffusers' schedulers."""

import inspect
from collections.abc import Callable
from copy import deepcopy
from functools import cache
from typing import Any

import torch
from torch import Generator, Tensor

from lib_train.diffusion.schedule import alphas_cumprod, with_zero_terminal_snr
from lib_train.errors import ConfigError, Problem
from lib_train.host.protocol import PictureRequest
from lib_train.host.shared.schedulers import unknown_scheduler
from lib_train.host.standalone.laid_out import lay_out, table_of
from lib_train.host.standalone.noise_levels import ENDS_IN_NOISE, SCHEDULES, levels
from lib_train.texts import say

Arrange = Callable[[Any, int], None]
"""Sets a scheduler's number of steps."""


def _plainly(scheduler: Any, steps: int) -> None:
    scheduler.set_timesteps(steps)


def _to_the_last(scheduler: Any, steps: int) -> None:
    """Evenly from 999 to 0, both among them, as k-diffusion; diffusers would leave out 0."""
    scheduler.set_timesteps(timesteps=[round(999 - 999 * i / max(1, steps - 1)) for i in range(steps)])


def _of_ldm(scheduler: Any, steps: int) -> None:
    """Every (1000 // steps)-th timestep above the first, where the picture is finished: the WebUI's DDIM and PLMS."""
    scheduler.set_timesteps(steps)
    stride = 1000 // steps
    falling = [*range(1 if 999 % stride else 0, 1000, stride)][::-1]
    if len(falling) == 1:
        falling = [999]
    elif "skip_prk_steps" in scheduler.config:  # PLMS looks at the second one twice
        falling = [*falling[:2], *falling[1:-1]]
    else:
        falling.pop()
    scheduler.timesteps = torch.tensor(falling)


def _of_lcm(scheduler: Any, steps: int) -> None:
    """Evenly over the 50 timesteps that LCM models were distilled on, the last one included, as in the WebUI."""
    count = min(steps, 50)
    places = [round(49 - 49 * i / max(1, count - 1)) for i in range(count)]
    scheduler.set_timesteps(timesteps=[19 + 20 * place for place in places])


_DPM = "diffusers.schedulers.scheduling_dpmsolver_multistep:DPMSolverMultistepScheduler"
_SDE = {"algorithm_type": "sde-dpmsolver++"}
_EVEN = {"timestep_spacing": "linspace"}
_LDM = {"set_alpha_to_one": False}
_TO_NOISE = {"final_sigmas_type": "sigma_min", "lower_order_final": False}
"""Of a schedule that does not end in a picture without noise, for schedulers that do otherwise at such an end."""
_SCHEDULERS: dict[str, tuple[str, dict[str, Any], Arrange]] = {
    "Euler": ("diffusers.schedulers.scheduling_euler_discrete:EulerDiscreteScheduler", _EVEN, _plainly),
    "Euler a": (
        "diffusers.schedulers.scheduling_euler_ancestral_discrete:EulerAncestralDiscreteScheduler", _EVEN, _plainly
    ),
    "Heun": ("diffusers.schedulers.scheduling_heun_discrete:HeunDiscreteScheduler", _EVEN, _plainly),
    "DPM2": ("diffusers.schedulers.scheduling_k_dpm_2_discrete:KDPM2DiscreteScheduler", _EVEN, _plainly),
    "DPM2 a": (
        "diffusers.schedulers.scheduling_k_dpm_2_ancestral_discrete:KDPM2AncestralDiscreteScheduler", _EVEN, _plainly
    ),
    "DPM++ 2M": (_DPM, {}, _to_the_last),
    "DPM++ 2M SDE": (_DPM, _SDE, _to_the_last),
    "DDIM": ("diffusers.schedulers.scheduling_ddim:DDIMScheduler", _LDM | {"clip_sample": False}, _of_ldm),
    "PLMS": ("diffusers.schedulers.scheduling_pndm:PNDMScheduler", _LDM | {"skip_prk_steps": True}, _of_ldm),
    "UniPC": (
        "diffusers.schedulers.scheduling_unipc_multistep:UniPCMultistepScheduler",
        {"solver_order": 3, "solver_type": "bh1", "final_sigmas_type": "sigma_min"}, _plainly,
    ),
    "LCM": ("diffusers.schedulers.scheduling_lcm:LCMScheduler", {}, _of_lcm),
}  # fmt: skip
_BY_TIMESTEPS = ("DDIM", "PLMS", "UniPC", "LCM")
"""Samplers that have their own timesteps, in the WebUI too."""
_AUTOMATIC, _UNIFORM = "Automatic", "Uniform"
_USUAL = {"DPM++ 2M": "Karras", "DPM++ 2M SDE": "Exponential", "DPM2": "Karras", "DPM2 a": "Karras"}
"""What Automatic is, as in the WebUI; of others it is Uniform."""
_WITHOUT_LAST_BUT_ONE = ("DPM2", "DPM2 a")


def schedulers(sampler: str) -> tuple[str, ...]:
    """Schedules that a sampler can have.

    >>> schedulers("DDIM"), schedulers("Euler")[:5]
    (('Automatic', 'Uniform'), ('Automatic', 'Uniform', 'Karras', 'Exponential', 'Polyexponential'))
    """
    return (_AUTOMATIC, _UNIFORM, *(() if _parted(sampler)[0] in _BY_TIMESTEPS else SCHEDULES))


def _parted(name: str) -> tuple[str, str]:
    """Sampler and schedule of a name such as "DPM++ 2M Karras"; Automatic where it has none."""
    for schedule in (_UNIFORM, *SCHEDULES):
        stem = name.removesuffix(f" {schedule}")
        if stem != name and stem in _SCHEDULERS:
            return stem, schedule
    return name, _AUTOMATIC


SAMPLERS = tuple(
    f"{stem}{schedule}"
    for stem in _SCHEDULERS
    for schedule in ("", *(f" {one}" for one in ([] if stem in _BY_TIMESTEPS else [_UNIFORM, *SCHEDULES])))
)
"""Names that ``sample`` knows: each sampler, and each with a schedule behind it, as the WebUI has them."""


def sample(
    denoise: Callable[[Tensor, Tensor], Tensor],
    noise: Tensor,
    sampler: str,
    steps: int,
    prediction_type: str,
    generator: Generator,
    *,
    zero_terminal_snr: bool = False,
    is_sdxl: bool = False,
) -> Tensor:
    """Latents (1, 4, h, w) that a sampler makes of unit noise of that shape.

    Args:
        denoise: (latents, timestep) -> the model's guided output, in the terms of ``prediction_type``.
        generator: CPU generator of the samplers that add noise on the way.
        zero_terminal_snr: whether the model was trained with a schedule that ends in pure noise.
        is_sdxl: whether the model is an SDXL, which Align Your Steps knows.

    Raises:
        ConfigError: no sampler has this name.
    """
    require_sampler(sampler)
    stem, schedule = _resolved(*_parted(sampler))
    scheduler = deepcopy(
        _scheduler(stem, prediction_type, steps == 1, zero_terminal_snr, schedule in ENDS_IN_NOISE and steps > 1)
    )
    if schedule == _UNIFORM:
        _SCHEDULERS[stem][2](scheduler, steps)
    else:
        table = table_of(scheduler, is_sdxl)
        sigmas = levels(schedule, steps, table, stem in _WITHOUT_LAST_BUT_ONE)
        scheduler.set_timesteps(len(sigmas) - 1)
        lay_out(scheduler, sigmas, table)
    if hasattr(scheduler, "set_begin_index"):  # it would look for the first timestep, which can be there twice
        scheduler.set_begin_index(0)
    latents: Tensor = noise * scheduler.init_noise_sigma
    takes = inspect.signature(scheduler.step).parameters
    extra = {"generator": generator} if "generator" in takes else {}
    for timestep in scheduler.timesteps:
        output = denoise(scheduler.scale_model_input(latents, timestep), timestep)
        latents = scheduler.step(output, timestep, latents, **extra).prev_sample
    return latents


def _resolved(stem: str, schedule: str) -> tuple[str, str]:
    return stem, _USUAL.get(stem, _UNIFORM) if schedule == _AUTOMATIC else schedule


def require_sampler(name: str) -> None:
    """Check that a sampler has this name.

    Raises:
        ConfigError: none has; lists them, without schedules.
    """
    if name not in SAMPLERS:
        remedy = say("choose one of {known}", known=", ".join(_SCHEDULERS))
        raise ConfigError([Problem("preview_sampler", name, remedy)])


def sampler_and_schedule(request: PictureRequest) -> tuple[str, str]:
    """Sampler and schedule of a request: its own, or that of the sampler's name. Automatic is what it is for it.

    Raises:
        ConfigError: there is none of this name, or it has no such schedule.
    """
    require_sampler(request.sampler)
    stem, own = _parted(request.sampler)
    if request.scheduler and request.scheduler not in (known := schedulers(stem)):
        raise ConfigError([Problem("scheduler", request.scheduler, unknown_scheduler(known, request.sampler))])
    return _resolved(stem, request.scheduler or own)


def sampler_of(request: PictureRequest) -> str:
    """The sampler of a request with its schedule, as ``sample`` knows it; see ``sampler_and_schedule``."""
    stem, schedule = sampler_and_schedule(request)
    return stem if stem in _BY_TIMESTEPS else f"{stem} {schedule}"


def _zero_terminal_betas() -> list[float]:
    """Betas (1000,) of the schedule that ends in nearly pure noise: samplers divide by the last cumulative alpha.

    Source:
        The WebUI's option "Zero Terminal SNR", which leaves 4.9e-8 of it.
    """
    bars = with_zero_terminal_snr(alphas_cumprod()).double()
    bars[-1] = 4.8973451890853435e-08
    found: list[float] = (1 - bars / torch.cat([torch.ones(1, dtype=bars.dtype), bars[:-1]])).tolist()
    return found


@cache
def _scheduler(
    name: str, prediction_type: str, single_step: bool, zero_terminal_snr: bool, ends_in_noise: bool = False
) -> Any:
    """A scheduler to make copies of. Some reckon all 1000 steps when they are made: DPM2 takes 0.2 s."""
    place, options, _ = _SCHEDULERS[name]
    module, _, kind = place.partition(":")
    maker = getattr(__import__(module, fromlist=[kind]), kind)
    known = inspect.signature(maker.__init__).parameters
    settings: dict[str, Any] = {
        "num_train_timesteps": 1000,
        "beta_start": 0.00085,
        "beta_end": 0.012,
        "beta_schedule": "scaled_linear",
        "trained_betas": _zero_terminal_betas() if zero_terminal_snr else None,
        "prediction_type": "v_prediction" if prediction_type == "v" else "epsilon",
        **options,
        **(_TO_NOISE if ends_in_noise else {}),
    }
    if single_step and options is _EVEN:  # a single even step would be at timestep 0
        settings["timestep_spacing"] = "trailing"
    return maker(**{key: value for key, value in settings.items() if key in known})


def starting_noise(seed: int, height: int, width: int) -> tuple[Tensor, Generator]:
    """(1, 4, height / 8, width / 8) of the seed's noise, and its generator for the noise that follows."""
    generator = Generator().manual_seed(seed)
    return torch.randn(1, 4, height // 8, width // 8, generator=generator), generator
