"""Which timesteps are trained, and how often."""

from dataclasses import dataclass

from lib_train.config.fields import option, used_when
from lib_train.config.noise import TIMESTEPS
from lib_train.texts import say

SHAPES = ("uniform", "logit_normal", "cosmap", "laplace", "beta")
_NORMAL = used_when(
    say("only logit_normal and laplace read it"), {"timestep_shape": ("logit_normal", "laplace")}
)  # fmt: skip


@dataclass(frozen=True, kw_only=True)
class TimestepConfig:
    """Range and shape of the choice."""

    min_timestep: int = option(
        0,
        "Least noisy timestep that is trained.",
        low=0,
        high=999,
        group=TIMESTEPS,
        slider=(0, 999, 1),
        told_in="modelspec.timestep_range",
    )
    max_timestep: int = option(
        1000,
        "Timesteps below this are trained.",
        low=1,
        high=1000,
        group=TIMESTEPS,
        slider=(1, 1000, 1),
        told_in="modelspec.timestep_range",
    )
    timestep_shape: str = option(
        "uniform",
        "How often each timestep is trained: all alike, `logit_normal` and `cosmap` those of the middle more often, "
        "`laplace` those around one strength of noise, `beta` more or less noisy ones.",
        choices=SHAPES,
        group=TIMESTEPS,
        label="Choice of timesteps",
        key="ss_timestep_shape",
        key_sparse=True,
    )
    timestep_mean: float = option(
        0.0,
        "Middle of the shape: above 0 more noise for logit_normal; the logarithm of the signal-to-noise ratio for "
        "laplace.",
        low=-10,
        high=10,
        group=TIMESTEPS,
        key="ss_timestep_mean",
        key_sparse=True,
        used_when=_NORMAL,
        slider=(-3, 3, 0.1),
    )
    timestep_spread: float = option(
        1.0,
        "Width of the shape; 1 is usual for logit_normal, 0.5 for laplace.",
        low=0.01,
        high=100,
        group=TIMESTEPS,
        key="ss_timestep_spread",
        key_sparse=True,
        used_when=_NORMAL,
        slider=(0.1, 3, 0.1),
    )
    timestep_alpha: float = option(
        1.0,
        "Of beta: above 1 noisy timesteps are trained more often, below 1 less often.",
        low=0.01,
        high=100,
        group=TIMESTEPS,
        key="ss_timestep_alpha",
        key_sparse=True,
        used_when=used_when(say("only beta reads it"), {"timestep_shape": ("beta",)}),
        slider=(0.1, 4, 0.1),
    )
    timestep_shift: float = option(
        1.0,
        "Moves the choice to more noise above 1, to less below; 3 is usual for large pictures.",
        low=0.01,
        high=100,
        group=TIMESTEPS,
        key="ss_timestep_shift",
        key_sparse=True,
        used_when=used_when(
            say("laplace has timestep_mean instead"),
            {"timestep_shape": tuple(shape for shape in SHAPES if shape != "laplace")},
        ),
        slider=(0.2, 5, 0.1),
    )
    fixed_timesteps_in_batch: bool = option(
        False,
        "All pictures of a batch have the same timestep.",
        group=TIMESTEPS,
        label="One timestep for each batch",
        key="ss_fixed_timesteps_in_batch",
        key_sparse=True,
    )
