"""What a step minimises: plain functions, chosen once when a run is assembled."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import NamedTuple

import torch
from torch import Generator, Tensor

from lib_train.diffusion.schedule import add_noise


class Drawn(NamedTuple):
    """A batch with its noise."""

    timesteps: Tensor
    """(B,), int64."""
    noisy: Tensor
    """(B, C, h, w): what the model sees."""
    target: Tensor
    """(B, C, h, w): what it should predict."""


@dataclass(frozen=True, kw_only=True)
class Objective:
    """Chance is drawn in the order noise, timesteps, perturbation; all of it on the CPU, so that every device trains on
    the same.
    """

    bars: Tensor
    """Cumulative alphas (1000,)."""
    noise: Callable[[Tensor, Generator], Tensor]
    """Latents (B, C, h, w) -> noise of that shape, float32."""
    timesteps: Callable[[int, Generator], Tensor]
    """B -> (B,), int64."""
    perturbation: Callable[[Tensor, Tensor, Tensor, Generator], tuple[Tensor, Tensor]]
    """Latents, noise, timesteps -> the noise to predict, and the noise that is added."""
    target: Callable[[Tensor, Tensor, Tensor], Tensor]
    """Latents, noise, and cumulative alphas (B,) -> (B, C, h, w)."""
    error: Callable[[Tensor, Tensor, Tensor], Tensor]
    """Prediction, target and timesteps on the device -> (B, C, h, w), float32."""
    weight: Callable[[Tensor, Tensor], Tensor]
    """The pictures' own weights (B,) and timesteps (B,) -> (B,)."""
    mean: Callable[[Tensor, Tensor | None, Tensor | None], Tensor]
    """Errors (B, C, h, w), masks (B, 1, h, w) and errors against the base model's prediction -> (B,)."""
    masks_need_base: bool = False
    """Whether ``mean`` wants the errors against the base model's prediction where there are masks."""
    preservation: float = 0.0
    """Weight of what is learned for captions whose prediction should stay; 0 is off."""

    def draw(self, latents: Tensor, chance: Generator) -> Drawn:
        """Noise and timesteps for latents (B, C, h, w)."""
        noise = self.noise(latents, chance)
        timesteps = self.timesteps(len(latents), chance)
        bars = self.bars[timesteps]
        noise, seen = self.perturbation(latents, noise, timesteps, chance)
        return Drawn(timesteps, add_noise(latents, seen, bars), self.target(latents, noise, bars))

    def plain(self, latents: Tensor, timestep: int, chance: Generator) -> Drawn:
        """Ordinary noise for latents (B, C, h, w), all at one timestep."""
        noise = torch.randn(latents.shape, generator=chance)
        timesteps = torch.full((len(latents),), timestep)
        bars = self.bars[timesteps]
        return Drawn(timesteps, add_noise(latents, noise, bars), self.target(latents, noise, bars))
