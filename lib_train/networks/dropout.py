"""Dropouts of a network. Chance depends on (seed of the step, name of the layer) alone, never on what ran before:
activations that gradient checkpointing computes twice are thinned alike both times."""

from collections.abc import Callable
from dataclasses import replace

import torch
from torch import Generator, Tensor

from lib_train.chance import seed_of
from lib_train.config.network import NetworkConfig

STEPS = 1000
"""Timesteps that base models are trained with."""


def layer_seed(seed: int, name: str) -> int:
    """A seed of 63 bits that depends on ``seed`` and the layer's name alone."""
    return seed_of(f"{seed} {name}", bits=63)


class Dropout:
    """Which layers, ranks and activations a step leaves out. They act where gradients are recorded, nowhere else."""

    def __init__(self, config: NetworkConfig) -> None:
        if not config.has_activations:
            config = replace(config, network_dropout=0.0, tlora=False)
        self._config = config
        self.thins = bool(config.network_dropout or config.rank_dropout or config.tlora)
        """Whether it leaves out anything smaller than a layer."""
        self._seed, self._timesteps = 0, torch.zeros(0)
        self._kept: dict[tuple[int, torch.device], Tensor] = {}
        self._generators: dict[torch.device, Generator] = {}

    def begin_step(self, seed: int, timesteps: Tensor | None = None) -> None:
        """Draw the masks of all layers from this seed, until the next call.

        Args:
            timesteps: (B,) of the pictures, for T-LoRA; without, all ranks are used.
        """
        self._seed, self._timesteps = seed, torch.zeros(0) if timesteps is None else timesteps
        self._kept = {}

    def skips(self, name: str) -> bool:
        """Whether module_dropout leaves this layer's update out of the step."""
        rate = self._config.module_dropout
        return rate > 0 and torch.is_grad_enabled() and layer_seed(self._seed, "module " + name) < rate * 2**63

    def thinning(self, name: str, rank_axis: int) -> Callable[[Tensor], Tensor] | None:
        """A function that applies network_dropout, rank_dropout and T-LoRA to this layer's low-rank activations.

        Args:
            rank_axis: axis of the ranks: -1 for a linear layer, 1 for a convolution. Axis 0 counts pictures.

        Returns:
            Activations -> activations, (..., R) or (B, R, h, w); every call of a step draws the same masks.
            None where nothing of it is on or no gradients are recorded.
        """
        if not (self.thins and torch.is_grad_enabled()):
            return None

        def thin(low: Tensor) -> Tensor:
            chance = self._generators.setdefault(low.device, Generator(low.device))
            chance.manual_seed(layer_seed(self._seed, name))
            ranks = [1] * low.dim()
            ranks[0], ranks[rank_axis] = low.shape[0], low.shape[rank_axis]
            for rate, shape in ((self._config.network_dropout, low.shape), (self._config.rank_dropout, ranks)):
                if rate:
                    low = low * _mask(list(shape), rate, chance).to(low.dtype)
            if self._config.tlora and len(self._timesteps) and name.startswith("lora_unet_"):
                low = low * self._ranks_of_steps(low.shape[rank_axis], low.device).to(low.dtype).view(ranks)
            return low

        return thin

    def _ranks_of_steps(self, rank: int, device: torch.device) -> Tensor:
        """(B, R): 1 for the ranks that T-LoRA leaves each picture at its timestep, else 0."""
        place = rank, device
        if place not in self._kept:
            config = self._config
            kept = ranks_at(self._timesteps, rank, config.tlora_min_rank, config.tlora_alpha)
            self._kept[place] = (torch.arange(rank) < kept[:, None]).float().to(device)
        return self._kept[place]

    def rows(self, name: str, count: int, device: torch.device) -> Tensor | None:
        """rank_dropout for updates that are put on as a whole: a factor for each of the layer's ``count`` outputs.

        Returns:
            (count,), the same at every call of a step, for all of its pictures. None where the rate is 0 or no
            gradients are recorded.
        """
        rate = self._config.rank_dropout
        if not (rate and torch.is_grad_enabled()):
            return None
        chance = self._generators.setdefault(device, Generator(device))
        return _mask([count], rate, chance.manual_seed(layer_seed(self._seed, name)))


def ranks_at(timesteps: Tensor, rank: int, least: int, power: float) -> Tensor:
    """How many of R ranks T-LoRA trains at each timestep t: floor((1 - t / 1000)^power (R - least)) + least.

    Args:
        timesteps: (B,), 0 to 999.
        least: not above R, else R.

    Returns:
        (B,), whole numbers from ``least`` to R.

    Source:
        Soboleva et al. 2025 (T-LoRA), https://arxiv.org/abs/2507.05964.
    """
    least = min(least, rank)
    return ((1 - timesteps.double() / STEPS) ** power * (rank - least)).floor().long() + least


def _mask(shape: list[int], rate: float, chance: Generator) -> Tensor:
    """Zeros with probability ``rate``, else 1 / (1 - rate), so that the mean stays."""
    return (torch.rand(shape, generator=chance, device=chance.device) >= rate) / (1 - rate)
