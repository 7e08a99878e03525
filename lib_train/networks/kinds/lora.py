"""LoRA, and with 3x3 convolutions LoCon: two matrices on each layer, whose product is added to its weight."""

import math
from typing import Any

import torch
from torch import Generator, Tensor, nn

from lib_train.config.network import NetworkConfig
from lib_train.layer_shapes import LayerShape
from lib_train.networks.dropout import layer_seed
from lib_train.networks.functional import folded
from lib_train.networks.low_rank import LowRankUpdate
from lib_train.networks.parts import matrix_in, number_in, require_fit, take
from lib_train.networks.ranks import ALPHA, lycoris_args, rank_and_alpha, rank_args
from lib_train.networks.targets import Target
from lib_train.networks.update import Algebra, Kind, Parts

DOWN, UP, _MID = "lora_down.weight", "lora_up.weight", "lora_mid.weight"


class LoraUpdate(LowRankUpdate):
    """See ``Update``. ``down`` is (R, I) or (R, I, K, K), ``up`` (O, R) or (O, R, 1, 1); or, decomposed further,
    ``down`` (R, I, 1, 1) and ``mid`` (R, R, K, K).
    """

    def __init__(self, target: Target, rank: int, alpha: float, tucker: bool = False) -> None:
        weight = target.weight
        ones, kernel = (1,) * (weight.dim() - 2), weight.shape[2:]
        self.target, self.rank, self.alpha = target, rank, alpha
        inner = ones if tucker else kernel
        self.down = nn.Parameter(torch.zeros(rank, weight.shape[1], *inner, device=weight.device))
        self.up = nn.Parameter(torch.zeros(weight.shape[0], rank, *ones, device=weight.device))
        self.mid = nn.Parameter(torch.zeros(rank, rank, *kernel, device=weight.device)) if tucker else None

    def parameters(self) -> dict[str, nn.Parameter]:
        return {DOWN: self.down, UP: self.up} | ({} if self.mid is None else {_MID: self.mid})

    def stored(self, tensor: Tensor) -> Tensor:
        return tensor.view(*tensor.shape, 1, 1) if self.target.stored_as_conv else tensor

    def matrices(self) -> tuple[Tensor, Tensor]:
        return self.down if self.mid is None else folded(self.mid, self.down.flatten(1)), self.up


def _kind(tucker: bool) -> Kind:
    def size(layer: LayerShape, config: NetworkConfig) -> int:
        rank, _ = rank_and_alpha(layer, config)
        if not tucker:
            return rank * (layer.shape[0] + math.prod(layer.shape[1:]))
        return rank * (sum(layer.shape[:2]) + rank * math.prod(layer.shape[2:])) if layer.kind == "conv3x3" else 0

    @torch.no_grad()
    def create(target: Target, config: NetworkConfig, seed: int) -> LoraUpdate:
        """As kohya's sd-scripts and LyCORIS begin: kaiming_uniform with a = sqrt(5), ``up`` zero."""
        update = LoraUpdate(target, *rank_and_alpha(target.layer, config), tucker)
        chance = Generator().manual_seed(layer_seed(seed, target.name))
        for part in (update.down,) if update.mid is None else (update.down, update.mid):
            bound = 1 / math.sqrt(part[0].numel())
            part.copy_(torch.empty(part.shape).uniform_(-bound, bound, generator=chance))
        return update

    def completed(name: str, parts: Parts) -> Parts:
        """Without alpha the update is not scaled."""
        found = {part: matrix_in(parts, name, part) for part in ((DOWN, UP, _MID) if tucker else (DOWN, UP))}
        inner = found[_MID].shape[:2] if tucker else (found[DOWN].shape[0],) * 2
        require_fit(name, UP, found[UP].shape[1], inner[0])
        require_fit(name, DOWN, found[DOWN].shape[0], inner[1])
        return found | {ALPHA: number_in(parts, name, ALPHA, default=found[DOWN].shape[0])}

    def read(parts: Parts, target: Target) -> LoraUpdate:
        update = LoraUpdate(target, parts[DOWN].shape[0], float(parts[ALPHA]), tucker)
        take([(update, parts)])
        return update

    names = (DOWN, UP, _MID, ALPHA) if tucker else (DOWN, UP, ALPHA)
    module, args = ("lycoris.kohya", _args) if tucker else ("networks.lora", rank_args)
    algebra = Algebra(_shape, _factors, _scaled)
    return Kind(names, module, args, size, create, completed, read, algebra=algebra, plus=(UP,), product=True)


def _args(config: NetworkConfig) -> dict[str, Any]:
    return lycoris_args("locon", config)


def parts_of(up: Tensor, down: Tensor) -> Parts:
    """The parts whose delta is ``up`` (O, R) times ``down`` (R, I), (R, I, 1, 1) or (R, I, K, K)."""
    ones = (1,) * (down.dim() - 2)
    return {DOWN: down, UP: up.view(*up.shape, *ones), ALPHA: torch.tensor(float(down.shape[0]))}


def _whole_down(parts: Parts) -> Tensor:
    return folded(parts[_MID], parts[DOWN].flatten(1)) if _MID in parts else parts[DOWN]


def _shape(parts: Parts) -> tuple[int, ...]:
    kernel = parts[_MID].shape[2:] if _MID in parts else parts[DOWN].shape[2:]
    return (parts[UP].shape[0], parts[DOWN].shape[1], *kernel)


def _factors(parts: Parts, weight: Tensor | None) -> tuple[Tensor, Tensor]:
    up, down = parts[UP].flatten(1), _whole_down(parts)
    return up * (float(parts[ALPHA]) / down.shape[0]), down


def _scaled(parts: Parts, factor: float) -> Parts:
    return {**parts, UP: parts[UP] * factor}


KIND, TUCKER = _kind(tucker=False), _kind(tucker=True)
