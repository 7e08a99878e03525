"""(IA)3: a factor on each input or each output of a layer."""

from typing import Any

import torch
from torch import Tensor, nn

from lib_train.config.network import NetworkConfig
from lib_train.errors import ModelFileError
from lib_train.layer_shapes import LayerShape
from lib_train.networks.dense import DenseUpdate
from lib_train.networks.parts import number_in, take
from lib_train.networks.ranks import lycoris_args, rank_and_alpha
from lib_train.networks.targets import Target
from lib_train.networks.update import Algebra, Kind, Parts
from lib_train.texts import say

WEIGHT, ON_INPUT = "weight", "on_input"
_ON_INPUT = ("_mlp_fc2", "_ff_net_2")
"""Names of linear layers that LyCORIS' preset scales the inputs of end so."""


class Ia3Update(DenseUpdate):
    """W + m W w. ``weight`` is (I,) or (O,) on a linear layer, (1, I, 1, 1) on a convolution.

    Source:
        Liu et al. 2022, https://arxiv.org/abs/2205.05638.
    """

    def __init__(self, target: Target, on_input: bool) -> None:
        outputs, inputs = target.weight.shape[:2]
        shape = (1, inputs, 1, 1) if target.weight.dim() == 4 else (inputs,) if on_input else (outputs,)
        self.target, self.on_input = target, on_input
        self.weight = nn.Parameter(torch.zeros(shape, device=target.weight.device))

    def parameters(self) -> dict[str, nn.Parameter]:
        return {WEIGHT: self.weight}

    def constants(self) -> dict[str, Tensor]:
        return {ON_INPUT: torch.tensor(int(self.on_input))}

    def set_constants(self, parts: Parts) -> None:
        """Side and size belong together: see ``take``."""

    def stored(self, tensor: Tensor) -> Tensor:
        return tensor

    def delta(self) -> Tensor:
        frozen = self.target.weight
        frozen = frozen if frozen.dtype == torch.float64 else frozen.float()
        return frozen * (self.weight if self.on_input else self.weight[:, None])


def _on_input(layer: LayerShape) -> bool:
    """The WebUI reads factors of a convolution on its inputs alone."""
    return layer.kind != "linear" or layer.name.endswith(_ON_INPUT)


def _size(layer: LayerShape, config: NetworkConfig) -> int:
    rank, _ = rank_and_alpha(layer, config)
    return layer.shape[_on_input(layer)] if rank else 0


def _create(target: Target, config: NetworkConfig, seed: int) -> Ia3Update:
    return Ia3Update(target, _on_input(target.layer))


def _args(config: NetworkConfig) -> dict[str, Any]:
    return {**lycoris_args("ia3", config), "preset": config.preset}


def _completed(name: str, parts: Parts) -> Parts:
    """Without on_input the WebUI reads nothing of the whole file."""
    for part in (WEIGHT, ON_INPUT):
        if part not in parts:
            raise ModelFileError(
                say("{tensor} is missing or empty: the file is damaged, take another copy", tensor=f"{name}.{part}")
            )
    on_input = number_in(parts, name, ON_INPUT, default=0)
    if parts[WEIGHT].dim() == 4 and not on_input:
        raise ModelFileError(
            say("{name}: factors on a convolution's outputs (on_input = 0), which the WebUI passes over; train them on "
                "its inputs",
                name=name)
        )  # fmt: skip
    return {**parts, ON_INPUT: on_input}


def _read(parts: Parts, target: Target) -> Ia3Update:
    update = Ia3Update(target, bool(parts[ON_INPUT]))
    take([(update, parts)])
    return update


def _scaled(parts: Parts, factor: float) -> Parts:
    return {**parts, WEIGHT: parts[WEIGHT] * factor}


KIND = Kind(
    (WEIGHT, ON_INPUT), "lycoris.kohya", _args, _size, _create, _completed, _read,
    algebra=Algebra(lambda parts: None, scaled=_scaled, needs_weight=True),
)  # fmt: skip
