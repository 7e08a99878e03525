"""GLoRA: a LoRA, and beside it one on the layer's own weight. Read and put on, not trained."""

import torch
from torch import Tensor, nn

from lib_train.networks.dense import DenseUpdate
from lib_train.networks.parts import matrix_in, number_in, require_fit, take
from lib_train.networks.ranks import ALPHA, Ranked
from lib_train.networks.targets import Target
from lib_train.networks.update import Algebra, Parts, put_on_only

A1, A2, B1, B2 = "a1.weight", "a2.weight", "b1.weight", "b2.weight"


class GloraUpdate(DenseUpdate, Ranked):
    """s (W a1 a2 + b1 b2), with a1 (I, R), a2 (R, I), b1 (O, R) and b2 (R, I) or (R, I, K, K); s = alpha / R.

    Source:
        Chavan et al. 2023, https://arxiv.org/abs/2306.07967, as LyCORIS puts it on.
    """

    def __init__(self, target: Target, rank: int, alpha: float) -> None:
        self.target, self.rank, self.alpha = target, rank, alpha
        (outputs, inputs, *kernel), device = target.weight.shape, target.weight.device
        sizes = {A1: (inputs, rank), A2: (rank, inputs), B1: (outputs, rank), B2: (rank, inputs, *kernel)}
        self._parts = {part: nn.Parameter(torch.zeros(size, device=device)) for part, size in sizes.items()}

    def parameters(self) -> dict[str, nn.Parameter]:
        return dict(self._parts)

    def stored(self, tensor: Tensor) -> Tensor:
        ones = [1] * (self.target.weight.dim() - tensor.dim())
        return tensor.view(*tensor.shape, *ones)

    def delta(self) -> Tensor:
        of, frozen = self._parts, self.target.weight
        weight = frozen if frozen.dtype == torch.float64 else frozen.float()
        own = torch.einsum("oj...,jr,ri->oi...", weight, of[A1].to(weight), of[A2].to(weight))
        other = (of[B1] @ of[B2].flatten(1)).view(frozen.shape)
        return (own + other) * self.scale


def _in_order(parts: Parts) -> Parts:
    """Before its version 2 LyCORIS, and the WebUI's reader to this day, called each pair the other way round."""
    if is_in_old_order(tuple(parts[A1].shape)):
        return {**parts, A1: parts[A2], A2: parts[A1], B1: parts[B2], B2: parts[B1]}
    return parts


def is_in_old_order(a1: tuple[int, ...]) -> bool:
    """Whether the shape of a1 is (R, I); where R is I, it is taken for the new one."""
    return a1[0] < a1[1]


def _completed(name: str, parts: Parts) -> Parts:
    """Without alpha the update is not scaled."""
    found = _in_order({part: matrix_in(parts, name, part) for part in (A1, A2, B1, B2)})
    rank = found[A1].shape[1]
    for part, side in ((A2, 0), (B1, 1), (B2, 0)):
        require_fit(name, part, found[part].shape[side], rank)
    return {**found, ALPHA: number_in(parts, name, ALPHA, default=rank)}


def _read(parts: Parts, target: Target) -> GloraUpdate:
    update = GloraUpdate(target, parts[A1].shape[1], float(parts[ALPHA]))
    take([(update, parts)])
    return update


def _shape(parts: Parts) -> tuple[int, ...]:
    return (parts[B1].shape[0], *parts[B2].shape[1:])


def _factors(parts: Parts, weight: Tensor | None) -> tuple[Tensor, Tensor] | None:
    """Of a layer without a kernel the LoRA of twice the rank that it is on this weight."""
    if weight is None or weight[0, 0].numel() > 1:
        return None
    a1, a2, b1, b2 = (parts[part].flatten(1) for part in (A1, A2, B1, B2))
    scale = float(parts[ALPHA]) / a1.shape[1]
    return torch.cat([weight.flatten(1) @ a1, b1], 1) * scale, torch.cat([a2, b2])


def _scaled(parts: Parts, factor: float) -> Parts:
    return {**parts, A2: parts[A2] * factor, B2: parts[B2] * factor}


KIND = put_on_only((A1, A2, B1, B2, ALPHA), _completed, _read, Algebra(_shape, _factors, _scaled, needs_weight=True))
