"""Full: each layer's weight and bias are trained as they are, and kept as what is added to them."""

import math
from collections.abc import Callable
from typing import Any

import torch
from torch import Tensor, nn

from lib_train.config.network import NetworkConfig
from lib_train.layer_shapes import LayerShape
from lib_train.networks.dense import DenseUpdate
from lib_train.networks.parts import fitted, matrix_in, take
from lib_train.networks.ranks import lycoris_args, rank_and_alpha
from lib_train.networks.targets import Target
from lib_train.networks.update import Algebra, Applied, Kind, Parts

DIFF, DIFF_B = "diff", "diff_b"


class FullUpdate(DenseUpdate):
    """See ``Update``. ``diff`` has the shape of the weight; ``diff_b`` is (O,), or None where the bias stays."""

    def __init__(self, target: Target, with_bias: bool) -> None:
        shape, device = target.weight.shape, target.weight.device
        self.target = target
        self.diff = nn.Parameter(torch.zeros(shape, device=device))
        self.diff_b = nn.Parameter(torch.zeros(shape[0], device=device)) if with_bias else None

    def parameters(self) -> dict[str, nn.Parameter]:
        return {DIFF: self.diff} | ({} if self.diff_b is None else {DIFF_B: self.diff_b})

    def constants(self) -> dict[str, Tensor]:
        return {}

    def set_constants(self, parts: Parts) -> None:
        """There are none."""

    def stored(self, tensor: Tensor) -> Tensor:
        return tensor.view(*tensor.shape, 1, 1) if self.target.stored_as_conv and tensor.dim() == 2 else tensor

    def delta(self) -> Tensor:
        return self.diff

    def linear(self, x: Tensor, weight: Tensor, bias: Tensor | None, network: Applied) -> Tensor:
        return self._with_bias(super().linear(x, weight, bias, network), network)

    def forward_for(self, network: Applied) -> Callable[[Tensor], Tensor]:
        whole, name = super().forward_for(network), self.target.name

        def forward(x: Tensor) -> Tensor:
            out = whole(x)
            if network.multiplier == 0 or network.dropout.skips(name):
                return out
            return self._with_bias(out, network)

        return forward

    def _with_bias(self, out: Tensor, network: Applied) -> Tensor:
        if self.diff_b is None:
            return out
        rows = network.dropout.rows(self.target.name, len(self.diff_b), out.device)
        added = self.diff_b * network.multiplier * (1 if rows is None else rows)
        return out + added.to(out.dtype).view((-1,) if self.target.kind == "linear" else (-1, 1, 1))


def _reads_bias(layer: LayerShape) -> bool:
    return not layer.fused or layer.name.endswith("_out_proj")


def _size(layer: LayerShape, config: NetworkConfig) -> int:
    rank, _ = rank_and_alpha(layer, config)
    return (math.prod(layer.shape) + layer.shape[0] * (layer.bias and _reads_bias(layer))) if rank else 0


def _create(target: Target, config: NetworkConfig, seed: int) -> FullUpdate:
    return FullUpdate(target, target.bias is not None and _reads_bias(target.layer))


def _args(config: NetworkConfig) -> dict[str, Any]:
    return lycoris_args("full", config)


def _completed(name: str, parts: Parts) -> Parts:
    side = matrix_in(parts, name, DIFF).shape[:1]
    if DIFF_B not in parts:
        return parts
    return {**parts, DIFF_B: fitted(f"{name}.{DIFF_B}", parts[DIFF_B], tuple(side))}


def _read(parts: Parts, target: Target) -> FullUpdate:
    update = FullUpdate(target, DIFF_B in parts and _reads_bias(target.layer))
    take([(update, parts)])
    return update


def parts_of(delta: Tensor, bias: Tensor | None) -> Parts:
    """The parts that add ``delta`` to the weight, in its shape, and (O,) to the bias."""
    return {DIFF: delta} | ({} if bias is None else {DIFF_B: bias})


def _scaled(parts: Parts, factor: float) -> Parts:
    return {part: tensor * factor for part, tensor in parts.items()}


KIND = Kind(
    (DIFF, DIFF_B), "lycoris.kohya", _args, _size, _create, _completed, _read, not_in_bf16=(DIFF, DIFF_B),
    algebra=Algebra(lambda parts: tuple(parts[DIFF].shape), scaled=_scaled, bias=DIFF_B),
)  # fmt: skip
