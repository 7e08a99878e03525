"""Dropouts of a network. Chance depends on (seed of the step, name of the layer) alone, never on what ran before:
activations that gradient checkpointing computes twice are thinned alike both times."""

from collections.abc import Callable

import torch
from torch import Generator, Tensor

from lib_train.chance import seed_of
from lib_train.config.network import NetworkConfig


def layer_seed(seed: int, name: str) -> int:
    """A seed of 63 bits that depends on ``seed`` and the layer's name alone."""
    return seed_of(f"{seed} {name}", bits=63)


class Dropout:
    """Which layers, ranks and activations a step leaves out. They act where gradients are recorded, nowhere else."""

    def __init__(self, config: NetworkConfig) -> None:
        self._config = config
        self.thins = bool(config.network_dropout or config.rank_dropout)
        """Whether it leaves out anything smaller than a layer."""
        self._seed = 0
        self._generators: dict[torch.device, Generator] = {}

    def begin_step(self, seed: int) -> None:
        """Draw the masks of all layers from this seed, until the next call."""
        self._seed = seed

    def skips(self, name: str) -> bool:
        """Whether module_dropout leaves this layer's update out of the step."""
        rate = self._config.module_dropout
        return rate > 0 and torch.is_grad_enabled() and layer_seed(self._seed, "module " + name) < rate * 2**63

    def thinning(self, name: str, rank_axis: int) -> Callable[[Tensor], Tensor] | None:
        """A function that applies network_dropout and rank_dropout to this layer's low-rank activations.

        Args:
            rank_axis: axis of the ranks: -1 for a linear layer, 1 for a convolution. Axis 0 counts pictures.

        Returns:
            Activations -> activations, (..., R) or (B, R, h, w); every call of a step draws the same masks.
            None where both rates are 0 or no gradients are recorded.
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
            return low

        return thin

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


def _mask(shape: list[int], rate: float, chance: Generator) -> Tensor:
    """Zeros with probability ``rate``, else 1 / (1 - rate), so that the mean stays."""
    return (torch.rand(shape, generator=chance, device=chance.device) >= rate) / (1 - rate)
