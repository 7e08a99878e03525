"""DoRA: another kind's update, and beside it the length of the weights behind each of the layer's inputs."""

import math
from collections.abc import Callable
from typing import Any

import torch
from torch import Tensor, nn

from lib_train.config.network import NetworkConfig
from lib_train.errors import ModelFileError
from lib_train.layer_shapes import LayerShape
from lib_train.networks.dense import DenseUpdate, in_full
from lib_train.networks.frozen import is_plain, is_pristine, layout_of
from lib_train.networks.kinds.lora import LoraUpdate
from lib_train.networks.parts import take
from lib_train.networks.ranks import lycoris_args
from lib_train.networks.scaled import norms_of_sum, scaled_layer, squares_of
from lib_train.networks.targets import Target
from lib_train.networks.update import Algebra, Applied, Kind, Parts, Update
from lib_train.texts import say

SCALE = "dora_scale"


class DoraUpdate(DenseUpdate):
    """W + m ((W + d) s - W), d being the other update's delta, s = lengths / |W + d| for each input. The gradient holds
    |W + d| fixed.

    Source:
        Liu et al. 2024, https://arxiv.org/abs/2402.09353, 4.3 for the gradient; over inputs, as the WebUI's reader.
    """

    def __init__(self, of: Update) -> None:
        self.of, self.target = of, of.target
        self._narrow = of if isinstance(of, LoraUpdate) else None
        self._squares = squares_of(_in_full(of.target.weight))
        self.lengths = nn.Parameter(self._norms())

    @torch.no_grad()
    def _norms(self) -> Tensor:
        """|W + d|, (I,)."""
        weight = _in_full(self.target.weight)
        if self._narrow:
            return norms_of_sum(weight, self._squares, *self._narrow.matrices(), self._narrow.scale)
        return squares_of(weight + self.of.delta()).sqrt()

    def parameters(self) -> dict[str, nn.Parameter]:
        return {**self.of.parameters(), SCALE: self.lengths}

    def constants(self) -> dict[str, Tensor]:
        return self.of.constants()

    def set_constants(self, parts: Parts) -> None:
        self.of.set_constants(parts)

    def stored(self, tensor: Tensor) -> Tensor:
        """The lengths as the only tensor of one side: (1, I) or (1, I, 1, 1), which is multiplied with the weight."""
        if tensor.dim() > 1:
            return self.of.stored(tensor)
        return tensor.view(1, -1, *(1,) * (self.target.weight.dim() - 2))

    def delta(self) -> Tensor:
        """Nothing, to the bit, while lengths are those of W + d and d is 0."""
        share = self.stored(self.lengths / self._norms())
        return self.of.delta() * share + _in_full(self.target.weight) * (share - 1)

    def linear(self, x: Tensor, weight: Tensor, bias: Tensor | None, network: Applied) -> Tensor:
        if self._narrow is None or network.dropout.thins:
            return super().linear(x, weight, bias, network)
        return self._scaled(self._narrow, x, weight, bias, network)

    def forward_for(self, network: Applied) -> Callable[[Tensor], Tensor]:
        """A low-rank update's scales the inputs, and makes nothing of the weight's size for gradients."""
        module: Any = self.target.module
        dense, narrow = super().forward_for(network), self._narrow
        if narrow is None or network.dropout.thins or not is_pristine(module):
            return dense
        name, layout = self.target.name, layout_of(module)

        def forward(x: Tensor) -> Tensor:
            if network.multiplier == 0 or network.dropout.skips(name) or not is_plain(module.weight):
                return dense(x)
            return self._scaled(narrow, x, module.weight, module.bias, network, **layout)

        return forward

    def _scaled(
        self, of: LoraUpdate, x: Tensor, weight: Tensor, bias: Tensor | None, network: Applied, **layout: Any
    ) -> Tensor:
        with in_full(x):
            share = self.lengths / self._norms()
        return scaled_layer(x, weight, bias, *of.matrices(), share, of.scale, network.multiplier, **layout)


def _in_full(weight: Tensor) -> Tensor:
    return weight if weight.dtype == torch.float64 else weight.float()


def dora(of: Kind, algo: str = "") -> Kind:
    """A kind with lengths of its own.

    Args:
        algo: LyCORIS' name of ``of``, where its own arguments do not tell it.
    """

    def size(layer: LayerShape, config: NetworkConfig) -> int:
        inner = of.size(layer, config)
        return inner and inner + layer.shape[1]

    def create(target: Target, config: NetworkConfig, seed: int) -> Update:
        update = DoraUpdate(of.create(target, config, seed))
        zero = not update.lengths.is_meta and bool((update.lengths == 0).any())  # the WebUI would divide by it
        return update.of if zero else update

    def read(parts: Parts, target: Target) -> Update:
        update = DoraUpdate(of.read(parts, target))
        take([(update, parts)])
        return update

    def completed(name: str, parts: Parts) -> Parts:
        return {**of.completed(name, parts), SCALE: _lengths(f"{name}.{SCALE}", parts[SCALE])}

    def args(config: NetworkConfig) -> dict[str, Any]:
        return {
            **(lycoris_args(algo, config) if algo else {}),
            **of.args(config),
            "dora_wd": True,
            "wd_on_output": False,
        }

    algebra = of.algebra and Algebra(of.algebra.shape, needs_weight=True)
    return Kind(
        (*of.parts, SCALE), "lycoris.kohya", args, size, create, completed, read, (*of.not_in_bf16, SCALE), algebra,
        of.plus,
    )  # fmt: skip


def _lengths(key: str, found: Tensor) -> Tensor:
    """(I,) of (1, I) and (1, I, 1, 1)."""
    if found.dim() < 2 or found.shape[0] != 1 or math.prod(found.shape) != found.shape[1]:
        raise ModelFileError(
            say("{key} has shape {shape}: only lengths for each input, (1, inputs), are put on alike by the WebUI and "
                "by its writer; train it anew here, or with wd_on_output=False",
                key=key, shape=str(tuple(found.shape)))
        )  # fmt: skip
    return found.flatten()
