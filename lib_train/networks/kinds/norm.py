"""Norm: weight and bias of LayerNorm and GroupNorm, as what is added to them. A file always has both."""

import math
from collections.abc import Callable
from typing import Any

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from lib_train.config.network import NetworkConfig
from lib_train.errors import ModelFileError
from lib_train.layer_shapes import LayerShape
from lib_train.networks.frozen import is_plain, is_pristine
from lib_train.networks.parts import take
from lib_train.networks.ranks import rank_and_alpha
from lib_train.networks.targets import Target
from lib_train.networks.update import Algebra, Applied, Kind, Parts
from lib_train.texts import say

WEIGHT, BIAS = "w_norm", "b_norm"


class NormUpdate:
    """See ``Update``. ``weight`` and ``bias`` are (C,)."""

    def __init__(self, target: Target) -> None:
        shape, device = target.weight.shape, target.weight.device
        self.target = target
        self.weight, self.bias = (nn.Parameter(torch.zeros(shape, device=device)) for _ in range(2))

    def parameters(self) -> dict[str, nn.Parameter]:
        return {WEIGHT: self.weight, BIAS: self.bias}

    def constants(self) -> dict[str, Tensor]:
        return {}

    def set_constants(self, parts: Parts) -> None:
        """There are none."""

    def stored(self, tensor: Tensor) -> Tensor:
        return tensor

    def delta(self) -> Tensor:
        return self.weight

    def linear(self, x: Tensor, weight: Tensor, bias: Tensor | None, network: Applied) -> Tensor:
        raise AssertionError("a norm is no share of an attention")

    def forward_for(self, network: Applied) -> Callable[[Tensor], Tensor]:
        module: Any = self.target.module
        original, name, norm, pristine = module.forward, self.target.name, _norm_of(module), is_pristine(module)

        def forward(x: Tensor) -> Tensor:
            m = network.multiplier
            if m == 0 or network.dropout.skips(name):
                result: Tensor = original(x)
                return result
            if (
                pristine
                and is_plain(module.weight)
                and x.dtype == module.weight.dtype in (torch.float32, torch.float64)
            ):
                return norm(x, module.weight + m * self.weight, module.bias + m * self.bias)
            out: Tensor = original(x)
            full = x if x.dtype == torch.float64 else x.float()  # in 16 bits small updates would be rounded away
            return out + norm(full, m * self.weight, m * self.bias).to(out.dtype)

        return forward


def _norm_of(module: Any) -> Callable[[Tensor, Tensor, Tensor], Tensor]:
    if isinstance(module, nn.GroupNorm):
        return lambda x, weight, bias: F.group_norm(x, module.num_groups, weight, bias, module.eps)
    return lambda x, weight, bias: F.layer_norm(x, module.normalized_shape, weight, bias, module.eps)


def _size(layer: LayerShape, config: NetworkConfig) -> int:
    rank, _ = rank_and_alpha(layer, config) if layer.kind == "norm" else (0, 0.0)
    return 2 * math.prod(layer.shape) if rank else 0


def _create(target: Target, config: NetworkConfig, seed: int) -> NormUpdate:
    return NormUpdate(target)


def _completed(name: str, parts: Parts) -> Parts:
    for part in (WEIGHT, BIAS):
        if part not in parts:
            raise ModelFileError(
                say("{tensor} is missing: the WebUI reads nothing of a file whose norms have not both parts",
                    tensor=f"{name}.{part}")
            )  # fmt: skip
    return parts


def _read(parts: Parts, target: Target) -> NormUpdate:
    update = NormUpdate(target)
    take([(update, parts)])
    return update


def _args(config: NetworkConfig) -> dict[str, Any]:
    return {}


def _scaled(parts: Parts, factor: float) -> Parts:
    return {part: tensor * factor for part, tensor in parts.items()}


KIND = Kind(
    (WEIGHT, BIAS), "lycoris.kohya", _args, _size, _create, _completed, _read, not_in_bf16=(WEIGHT, BIAS),
    algebra=Algebra(lambda parts: tuple(parts[WEIGHT].shape), scaled=_scaled, bias=BIAS),
)  # fmt: skip
