"""LoRA, and with 3x3 convolutions LoCon: two matrices on each layer, whose product is added to its weight."""

import math
from collections.abc import Callable
from typing import Any

import torch
from torch import Generator, Tensor, nn
from torch.nn import functional as F

from lib_train.config.network import NetworkConfig
from lib_train.layer_shapes import LayerShape
from lib_train.networks.dropout import layer_seed
from lib_train.networks.frozen import is_plain, is_pristine, is_rows_of_pixels, layout_of
from lib_train.networks.functional import compute_type, lora_conv1x1, lora_delta, lora_linear, lora_update
from lib_train.networks.parts import matrix_in, number_in, take
from lib_train.networks.ranks import rank_and_alpha, rank_args
from lib_train.networks.targets import Target
from lib_train.networks.update import Algebra, Applied, Kind, Parts

DOWN, UP, ALPHA = "lora_down.weight", "lora_up.weight", "alpha"


class LoraUpdate:
    """See ``Update``. ``down`` is (R, I) or (R, I, K, K), ``up`` (O, R) or (O, R, 1, 1)."""

    def __init__(self, target: Target, rank: int, alpha: float) -> None:
        weight = target.weight
        ones = (1,) * (weight.dim() - 2)
        self.target, self.rank, self.alpha = target, rank, alpha
        self.down = nn.Parameter(torch.zeros(rank, *weight.shape[1:], device=weight.device))
        self.up = nn.Parameter(torch.zeros(weight.shape[0], rank, *ones, device=weight.device))

    @property
    def scale(self) -> float:
        """alpha / R, the factor on the update at multiplier 1."""
        return self.alpha / self.rank

    def parameters(self) -> dict[str, nn.Parameter]:
        return {DOWN: self.down, UP: self.up}

    def constants(self) -> dict[str, Tensor]:
        return {ALPHA: torch.tensor(self.alpha)}

    def set_constants(self, parts: Parts) -> None:
        self.alpha = float(parts[ALPHA])

    def stored(self, tensor: Tensor) -> Tensor:
        return tensor.view(*tensor.shape, 1, 1) if self.target.stored_as_conv else tensor

    def delta(self) -> Tensor:
        return lora_delta(self.up, self.down, self.scale)

    def linear(self, x: Tensor, weight: Tensor, bias: Tensor | None, network: Applied) -> Tensor:
        scale = self.scale * network.multiplier
        thin = network.dropout.thinning(self.target.name, -1)
        if thin is None:
            return lora_linear(x, weight, bias, self.down, self.up, scale)
        kind = compute_type(x)
        return F.linear(x, weight, bias) + lora_update(x.to(kind), self.down.to(kind), self.up.to(kind), scale, thin)

    def forward_for(self, network: Applied) -> Callable[[Tensor], Tensor]:
        module: Any = self.target.module
        original, name = module.forward, self.target.name
        pristine, layout = is_pristine(module), layout_of(module)
        linear = self.target.kind == "linear"
        pixelwise = self.target.kind == "conv1x1" and module.stride == (1, 1) and module.padding == (0, 0)

        def forward(x: Tensor) -> Tensor:
            scale = self.scale * network.multiplier
            if scale == 0 or network.dropout.skips(name):
                result: Tensor = original(x)
                return result
            thin = network.dropout.thinning(name, -1 if linear else 1)
            if pristine and thin is None and is_plain(module.weight):
                if linear:
                    return lora_linear(x, module.weight, module.bias, self.down, self.up, scale)
                if pixelwise and is_rows_of_pixels(x):
                    return lora_conv1x1(x, module.weight, module.bias, self.down, self.up, scale)
            out: Tensor = original(x)
            down, up = self.down.to(out.dtype), self.up.to(out.dtype)
            update = lora_update(x.to(out.dtype), down, up, scale, thin, **layout)
            return out.add_(update) if pristine else out + update  # a pristine layer's output is nobody else's yet

        return forward


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
    algebra=Algebra(_shape, _factors, _scaled),
)  # fmt: skip
