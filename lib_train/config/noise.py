"""What noise is learned to be taken away."""

from dataclasses import dataclass

from lib_train.config.fields import SET, option, used_when
from lib_train.texts import say

NOISE, TIMESTEPS, WEIGHTS, SHAPE, MASKS, KEEPING = (
    "noise",
    "timesteps",
    "weights",
    "shape",
    "masks",
    "preservation",
)
"""Groups of settings on noise and loss."""
_OFFSET = used_when(say("noise_offset is 0"), {"noise_offset": SET})


@dataclass(frozen=True, kw_only=True)
class NoiseConfig:
    """Noise on the pictures."""

    noise_offset: float = option(
        0.0,
        "Adds noise that is constant over a channel: allows darker and lighter pictures.",
        low=0,
        high=1,
        group=NOISE,
        key="ss_noise_offset",
        key_none=0,
        slider=(0, 0.2, 0.01),
    )
    noise_offset_random_strength: bool = option(
        False,
        "Each batch draws the strength of noise_offset, from 0 to what is set.",
        group=NOISE,
        label="Random noise offset",
        key="ss_noise_offset_random_strength",
        used_when=_OFFSET,
    )
    adaptive_noise_scale: float = option(
        0.0,
        "Adds so many times the mean of each channel to noise_offset; a tenth of noise_offset is usual, 0 is off.",
        low=-10,
        high=10,
        group=NOISE,
        key="ss_adaptive_noise_scale",
        key_none=0,
        used_when=_OFFSET,
        slider=(0, 0.1, 0.005),
    )
    balanced_noise_offset: bool = option(
        False,
        "noise_offset is weaker the less noise there is, so that finished pictures keep their colours.",
        group=NOISE,
        key="ss_balanced_noise_offset",
        key_sparse=True,
        used_when=_OFFSET,
    )
    multires_noise_iterations: int = option(
        0,
        "Multi-resolution (pyramid) noise: coarser noises that are added, for more contrast; 6 to 10 are usual, 0 is "
        "off.",
        low=0,
        high=64,
        group=NOISE,
        label="Multi-resolution noise",
        key="ss_multires_noise_iterations",
        key_none=0,
        slider=(0, 10, 1),
    )
    multires_noise_discount: float = option(
        0.3,
        "Strength of each coarser noise beside the one before it; 0.1 to 0.3 for few pictures.",
        low=0,
        high=1,
        group=NOISE,
        label="Multi-resolution discount",
        key="ss_multires_noise_discount",
        used_when=used_when(say("multires_noise_iterations is 0"), {"multires_noise_iterations": SET}),
        slider=(0, 1, 0.05),
    )
    ip_noise_gamma: float = option(
        0.0,
        "Input perturbation: noise that the model sees and is not to predict; 0.1 is usual, 0 is off.",
        low=0,
        high=1,
        group=NOISE,
        label="Input perturbation",
        key="ss_ip_noise_gamma",
        key_none=0,
        slider=(0, 0.3, 0.01),
    )
    ip_noise_gamma_random_strength: bool = option(
        False,
        "Each batch draws the strength of ip_noise_gamma, from 0 to what is set.",
        group=NOISE,
        label="Random input perturbation",
        key="ss_ip_noise_gamma_random_strength",
        used_when=used_when(say("ip_noise_gamma is 0"), {"ip_noise_gamma": SET}),
    )
