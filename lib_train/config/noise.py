"""What noise is learned to be taken away, from what captions, and how much each picture counts."""

from dataclasses import dataclass

from lib_train.config.fields import BASIC, SET, option, used_when
from lib_train.texts import say

_NOISE = "noise and loss"


@dataclass(frozen=True, kw_only=True)
class NoiseConfig:
    """Noise, timesteps, weights of the loss and what of captions is read."""

    noise_offset: float = option(
        0.0,
        "Adds noise that is constant over a channel: allows darker and lighter pictures.",
        low=0,
        high=1,
        group=_NOISE,
        key="ss_noise_offset",
        key_none=0,
        slider=(0, 0.2, 0.01),
    )
    min_snr_gamma: float | None = option(
        None,
        "Min-SNR weighting: limits the loss of timesteps with little noise; 5 is usual, 0 or empty is off.",
        low=0.01,
        off=0,
        group=_NOISE,
        label="Min-SNR gamma",
        key="ss_min_snr_gamma",
        slider=(0, 20, 0.5),
    )
    min_timestep: int = option(
        0, "Least noisy timestep that is trained.", low=0, high=999, group=_NOISE, slider=(0, 999, 1)
    )
    max_timestep: int = option(
        1000, "Timesteps below this are trained.", low=1, high=1000, group=_NOISE, slider=(1, 1000, 1)
    )
    prior_loss_weight: float = option(
        1.0,
        "Weight of regularisation pictures in the loss.",
        low=0,
        high=100,
        group=_NOISE,
        key="ss_prior_loss_weight",
        used_when=used_when(say("there are no regularisation pictures"), {"regularisation": SET}),
        slider=(0, 2, 0.05),
    )
    clip_skip: int = option(
        1,
        "Layer of the text encoder that is used, counted from the last, which is 1; SDXL ignores it.",
        low=1,
        high=12,
        level=BASIC,
        group=_NOISE,
        key="ss_clip_skip",
        key_none=1,
        used_when=used_when(say("SDXL has its own layers"), {"family": ("sd1", "sd2")}),
        slider=(1, 4, 1),
    )
    max_token_length: int = option(
        225,
        "Caption tokens that are used; a multiple of 75.",
        low=75,
        high=750,
        group=_NOISE,
        key="ss_max_token_length",
        slider=(75, 750, 75),
    )
