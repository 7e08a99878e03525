"""The WebUI's sampler names, from diffusers' schedulers."""

import inspect
from collections.abc import Callable
from typing import Any

import torch
from torch import Generator, Tensor

from lib_train.errors import ConfigError, Problem

_DPM = "diffusers.schedulers.scheduling_dpmsolver_multistep:DPMSolverMultistepScheduler"
_SDE = {"algorithm_type": "sde-dpmsolver++"}
_KARRAS = {"use_karras_sigmas": True}
_EVEN = {"timestep_spacing": "linspace"}
_SCHEDULERS: dict[str, tuple[str, dict[str, Any]]] = {
    "Euler": ("diffusers.schedulers.scheduling_euler_discrete:EulerDiscreteScheduler", _EVEN),
    "Euler a": ("diffusers.schedulers.scheduling_euler_ancestral_discrete:EulerAncestralDiscreteScheduler", _EVEN),
    "Heun": ("diffusers.schedulers.scheduling_heun_discrete:HeunDiscreteScheduler", _EVEN),
    "DPM2": ("diffusers.schedulers.scheduling_k_dpm_2_discrete:KDPM2DiscreteScheduler", _EVEN),
    "DPM2 a": ("diffusers.schedulers.scheduling_k_dpm_2_ancestral_discrete:KDPM2AncestralDiscreteScheduler", _EVEN),
    "DPM++ 2M": (_DPM, {}),
    "DPM++ 2M Karras": (_DPM, _KARRAS),
    "DPM++ 2M SDE": (_DPM, _SDE),
    "DPM++ 2M SDE Karras": (_DPM, _SDE | _KARRAS),
    "DDIM": (
        "diffusers.schedulers.scheduling_ddim:DDIMScheduler",
        {"clip_sample": False, "set_alpha_to_one": False, "steps_offset": 1},
    ),
    "PLMS": (
        "diffusers.schedulers.scheduling_pndm:PNDMScheduler",
        {"skip_prk_steps": True, "set_alpha_to_one": False, "steps_offset": 1},
    ),
    "UniPC": ("diffusers.schedulers.scheduling_unipc_multistep:UniPCMultistepScheduler", {}),
    "LCM": ("diffusers.schedulers.scheduling_lcm:LCMScheduler", {}),
}
SAMPLERS = tuple(_SCHEDULERS)
"""Names that ``sample`` knows."""


def sample(
    denoise: Callable[[Tensor, Tensor], Tensor],
    noise: Tensor,
    sampler: str,
    steps: int,
    prediction_type: str,
    generator: Generator,
) -> Tensor:
    """Latents (1, 4, h, w) that a sampler makes of unit noise of that shape.

    Args:
        denoise: (latents, timestep) -> the model's guided output, in the terms of ``prediction_type``.
        generator: CPU generator of the samplers that add noise on the way.

    Raises:
        ConfigError: no sampler has this name.
    """
    scheduler = _scheduler(sampler, prediction_type)
    scheduler.set_timesteps(steps)
    latents: Tensor = noise * scheduler.init_noise_sigma
    takes = inspect.signature(scheduler.step).parameters
    extra = {"generator": generator} if "generator" in takes else {}
    for timestep in scheduler.timesteps:
        output = denoise(scheduler.scale_model_input(latents, timestep), timestep)
        latents = scheduler.step(output, timestep, latents, **extra).prev_sample
    return latents


def require_sampler(name: str) -> None:
    """Pass when a sampler has this name.

    Raises:
        ConfigError: none has; lists them.
    """
    if name not in _SCHEDULERS:
        raise ConfigError([Problem("preview_sampler", name, f"choose one of {', '.join(SAMPLERS)}")])


def _scheduler(name: str, prediction_type: str) -> Any:
    require_sampler(name)
    place, options = _SCHEDULERS[name]
    module, _, kind = place.partition(":")
    maker = getattr(__import__(module, fromlist=[kind]), kind)
    known = inspect.signature(maker.__init__).parameters
    settings: dict[str, Any] = {
        "num_train_timesteps": 1000,
        "beta_start": 0.00085,
        "beta_end": 0.012,
        "beta_schedule": "scaled_linear",
        "prediction_type": "v_prediction" if prediction_type == "v" else "epsilon",
        **options,
    }
    return maker(**{key: value for key, value in settings.items() if key in known})


def starting_noise(seed: int, height: int, width: int) -> tuple[Tensor, Generator]:
    """(1, 4, height / 8, width / 8) of the seed's noise, and its generator for the noise that follows."""
    generator = Generator().manual_seed(seed)
    return torch.randn(1, 4, height // 8, width // 8, generator=generator), generator
