"""LoRA, and with 3x3 convolutions LoCon: two matrices on each layer, whose product is added to its weight."""

import math

import torch
from torch import Generator, Tensor, nn

from lib_train.config.network import NetworkConfig
from lib_train.layer_shapes import LayerShape
from lib_train.networks.dropout import layer_seed
from lib_train.networks.low_rank import LowRankUpdate
from lib_train.networks.parts import matrix_in, number_in, take
from lib_train.networks.ranks import ALPHA, rank_and_alpha, rank_args
from lib_train.networks.targets import Target
from lib_train.networks.update import Algebra, Kind, Parts

DOWN, UP = "lora_down.weight", "lora_up.weight"


class LoraUpdate(LowRankUpdate):
    """See ``Update``. ``down`` is (R, I) or (R, I, K, K), ``up`` (O, R) or (O, R, 1, 1)."""

    def __init__(self, target: Target, rank: int, alpha: float) -> None:
        weight = target.weight
        ones = (1,) * (weight.dim() - 2)
        self.target, self.rank, self.alpha = target, rank, alpha
        self.down = nn.Parameter(torch.zeros(rank, *weight.shape[1:], device=weight.device))
        self.up = nn.Parameter(torch.zeros(weight.shape[0], rank, *ones, device=weight.device))

    def parameters(self) -> dict[str, nn.Parameter]:
        return {DOWN: self.down, UP: self.up}

    def stored(self, tensor: Tensor) -> Tensor:
        return tensor.view(*tensor.shape, 1, 1) if self.target.stored_as_conv else tensor

    def matrices(self) -> tuple[Tensor, Tensor]:
        return self.down, self.up


def _size(layer: LayerShape, config: NetworkConfig) -> int:
    rank, _ = rank_and_alpha(layer, config)
    return rank * (layer.shape[0] + math.prod(layer.shape[1:]))


@torch.no_grad()
def _create(target: Target, config: NetworkConfig, seed: int) -> LoraUpdate:
    """As kohya's sd-scripts begins: ``down`` kaiming_uniform with a = sqrt(5), ``up`` zero."""
    update = LoraUpdate(target, *rank_and_alpha(target.layer, config))
    bound = 1 / math.sqrt(update.down[0].numel())
    chance = Generator().manual_seed(layer_seed(seed, target.name))
    update.down.copy_(torch.empty(update.down.shape).uniform_(-bound, bound, generator=chance))
    return update


def _completed(name: str, parts: Parts) -> Parts:
    """Without alpha the update is not scaled."""
    down, up = matrix_in(parts, name, DOWN), matrix_in(parts, name, UP)
    return {DOWN: down, UP: up, ALPHA: number_in(parts, name, ALPHA, default=down.shape[0])}


def _read(parts: Parts, target: Target) -> LoraUpdate:
    update = LoraUpdate(target, parts[DOWN].shape[0], float(parts[ALPHA]))
    take([(update, parts)])
    return update


def parts_of(up: Tensor, down: Tensor) -> Parts:
    """The parts whose delta is ``up`` (O, R) times ``down`` (R, I), (R, I, 1, 1) or (R, I, K, K)."""
    ones = (1,) * (down.dim() - 2)
    return {DOWN: down, UP: up.view(*up.shape, *ones), ALPHA: torch.tensor(float(down.shape[0]))}


def _shape(parts: Parts) -> tuple[int, ...]:
    return (parts[UP].shape[0], *parts[DOWN].shape[1:])


def _factors(parts: Parts) -> tuple[Tensor, Tensor]:
    up, down = parts[UP].flatten(1), parts[DOWN]
    return up * (float(parts[ALPHA]) / down.shape[0]), down


def _scaled(parts: Parts, factor: float) -> Parts:
    return {**parts, UP: parts[UP] * factor}


KIND = Kind(
    (DOWN, UP, ALPHA), "networks.lora", rank_args, _size, _create, _completed, _read,
    algebra=Algebra(_shape, _factors, _scaled), plus=(UP,), product=True,
)  # fmt: skip
