"""LoHa: the update is two products of low rank, multiplied with each other number by number."""

import math
from collections.abc import Callable
from typing import Any

import torch
from torch import Generator, Tensor, nn

from lib_train.config.network import NetworkConfig
from lib_train.layer_shapes import LayerShape
from lib_train.networks.dense import DenseUpdate
from lib_train.networks.dropout import layer_seed
from lib_train.networks.functional import folded
from lib_train.networks.low_rank import LowRankUpdate
from lib_train.networks.parts import matrix_in, number_in, take
from lib_train.networks.ranks import ALPHA, lycoris_args, rank_and_alpha
from lib_train.networks.targets import Target
from lib_train.networks.update import Algebra, Applied, Kind, Parts

_A1, _B1, _A2, _B2 = "hada_w1_a", "hada_w1_b", "hada_w2_a", "hada_w2_b"
_T1, _T2 = "hada_t1", "hada_t2"
_STD = {_A1: 0.1, _B1: 1.0, _A2: 0.0, _B2: 1.0, _T1: 0.1, _T2: 0.1}
"""How wide a fresh part is drawn, as LyCORIS does; the one at 0 keeps the update at nothing."""


class LohaUpdate(DenseUpdate, LowRankUpdate):
    """See ``Update``. (A1 B1) * (A2 B2), with A (O, R) and B (R, I K K); or, decomposed further, A (R, O), B (R, I)
    and T (R, R, K, K).

    Its rank is R R at most: with few ranks it is put on as the LoRA of that rank that it is, which is faster.

    Source:
        Hyeon-Woo et al. 2021, https://arxiv.org/abs/2108.06098, proposition 2; as the WebUI's network_hada.py reads it.
    """

    def __init__(self, target: Target, rank: int, alpha: float, tucker: bool = False) -> None:
        self.target, self.rank, self.alpha = target, rank, alpha
        sizes = _sizes(tuple(target.weight.shape), rank, tucker)
        device = target.weight.device
        self._parts = {part: nn.Parameter(torch.zeros(size, device=device)) for part, size in sizes.items()}

    def parameters(self) -> dict[str, nn.Parameter]:
        return dict(self._parts)

    def _halves(self) -> list[tuple[Tensor, Tensor]]:
        """``down`` (R, I K K) and ``up`` (O, R) of both products."""
        of, tucker = self._parts, _T1 in self._parts
        return [
            (folded(of[t], of[b]).flatten(1), of[a].t()) if tucker else (of[b], of[a])
            for a, b, t in ((_A1, _B1, _T1), (_A2, _B2, _T2))
        ]

    def delta(self) -> Tensor:
        (down1, up1), (down2, up2) = self._halves()
        return ((up1 @ down1) * (up2 @ down2) * self.scale).view(self.target.weight.shape)

    def matrices(self) -> tuple[Tensor, Tensor]:
        (down1, up1), (down2, up2) = self._halves()
        down = (down1[:, None] * down2[None]).flatten(0, 1)
        up = (up1[:, :, None] * up2[:, None]).flatten(1)
        shape = self.target.weight.shape
        return down.view(-1, *shape[1:]), up.view(*up.shape, *[1] * (len(shape) - 2))

    def _way(self, network: Applied) -> type[DenseUpdate] | type[LowRankUpdate]:
        """In multiplications for each row of the input: 3 products with both wide matrices, against the gradient for
        the whole weight.
        """
        out, into = self.target.weight.flatten(1).shape
        few = 3 * self.rank**2 * (out + into) < out * into
        return LowRankUpdate if few and not network.dropout.thins else DenseUpdate

    def linear(self, x: Tensor, weight: Tensor, bias: Tensor | None, network: Applied) -> Tensor:
        return self._way(network).linear(self, x, weight, bias, network)

    def forward_for(self, network: Applied) -> Callable[[Tensor], Tensor]:
        return self._way(network).forward_for(self, network)


def _sizes(shape: tuple[int, ...], rank: int, tucker: bool) -> dict[str, tuple[int, ...]]:
    if tucker:
        outer, core = (rank, shape[0]), (rank, rank, *shape[2:])
        return {_A1: outer, _B1: (rank, shape[1]), _A2: outer, _B2: (rank, shape[1]), _T1: core, _T2: core}
    outer, inner = (shape[0], rank), (rank, math.prod(shape[1:]))
    return {_A1: outer, _B1: inner, _A2: outer, _B2: inner}


def _kind(tucker: bool) -> Kind:
    def size(layer: LayerShape, config: NetworkConfig) -> int:
        rank, _ = rank_and_alpha(layer, config)
        if not rank or tucker and layer.kind != "conv3x3":
            return 0
        return sum(math.prod(size) for size in _sizes(layer.shape, rank, tucker).values())

    @torch.no_grad()
    def create(target: Target, config: NetworkConfig, seed: int) -> LohaUpdate:
        update = LohaUpdate(target, *rank_and_alpha(target.layer, config), tucker)
        chance = Generator().manual_seed(layer_seed(seed, target.name))
        for part, parameter in update.parameters().items():
            if _STD[part]:
                parameter.copy_(torch.empty(parameter.shape).normal_(0, _STD[part], generator=chance))
        return update

    def completed(name: str, parts: Parts) -> Parts:
        """Without alpha the update is not scaled."""
        names = (_A1, _B1, _A2, _B2, _T1, _T2) if tucker else (_A1, _B1, _A2, _B2)
        found = {part: matrix_in(parts, name, part) for part in names}
        if not tucker:
            found = {part: tensor.flatten(1) for part, tensor in found.items()}
        return found | {ALPHA: number_in(parts, name, ALPHA, default=found[_B1].shape[0])}

    def read(parts: Parts, target: Target) -> LohaUpdate:
        update = LohaUpdate(target, parts[_B1].shape[0], float(parts[ALPHA]), tucker)
        take([(update, parts)])
        return update

    return Kind(
        _PARTS if tucker else _PARTS[:-2], "lycoris.kohya", _args, size, create, completed, read, _PARTS[1:],
        Algebra(_shape, scaled=lambda parts, factor: {**parts, _A1: parts[_A1] * factor}), product=True,
    )  # fmt: skip


_PARTS = (ALPHA, _A1, _B1, _A2, _B2, _T1, _T2)


def _shape(parts: Parts) -> tuple[int, ...]:
    if _T1 in parts:
        return (parts[_A1].shape[1], parts[_B1].shape[1], *parts[_T1].shape[2:])
    return (parts[_A1].shape[0], parts[_B1].shape[1])


def _args(config: NetworkConfig) -> dict[str, Any]:
    return lycoris_args("loha", config)


KIND, TUCKER = _kind(tucker=False), _kind(tucker=True)
