"""LoKr: the update is a Kronecker product of two matrices, which may be low-rank products themselves."""

import math
from collections.abc import Callable
from typing import Any

import torch
from torch import Generator, Tensor, nn

from lib_train.config.network import NetworkConfig
from lib_train.errors import ModelFileError
from lib_train.layer_shapes import LayerShape
from lib_train.networks.dense import DenseUpdate
from lib_train.networks.dropout import layer_seed
from lib_train.networks.frozen import is_plain, is_pristine, layout_of
from lib_train.networks.functional import folded
from lib_train.networks.kron import factorization, is_cheap, kron_conv, kron_delta, kron_linear
from lib_train.networks.parts import matrix_in, number_in, take
from lib_train.networks.ranks import ALPHA, Ranked, lycoris_args, rank_and_alpha
from lib_train.networks.targets import Target
from lib_train.networks.update import Algebra, Applied, Kind, Parts
from lib_train.texts import say

_W1, _A1, _B1 = "lokr_w1", "lokr_w1_a", "lokr_w1_b"
_W2, _A2, _B2, _T2 = "lokr_w2", "lokr_w2_a", "lokr_w2_b", "lokr_t2"
_PARTS = (ALPHA, _W1, _A1, _B1, _W2, _A2, _B2, _T2)
_ZERO = (_W2, _B2)
"""Parts that a fresh update begins with at 0."""
Sizes = dict[str, tuple[int, ...]]


class LokrUpdate(DenseUpdate, Ranked):
    """See ``Update``. w1 (L, M), or w1_a (L, R) times w1_b (R, M); w2 (P, Q), (P, Q, K, K), or w2_a (P, R) times w2_b
    (R, Q K K); or, decomposed further, w2_a (R, P), w2_b (R, Q) and t2 (R, R, K, K). Not scaled where both are whole.

    Source:
        Yeh et al. 2023, https://arxiv.org/abs/2309.14859, 4.1; as the WebUI's network_lokr.py reads it.
    """

    def __init__(self, target: Target, rank: int, alpha: float, sizes: Sizes) -> None:
        self.target, self.rank, self.alpha = target, rank, alpha
        device = target.weight.device
        self._parts = {part: nn.Parameter(torch.zeros(size, device=device)) for part, size in sizes.items()}

    @property
    def scale(self) -> float:
        return 1.0 if {_W1, _W2} <= self._parts.keys() else super().scale

    def parameters(self) -> dict[str, nn.Parameter]:
        return dict(self._parts)

    def factors(self) -> tuple[Tensor, Tensor]:
        """(L, M) and (P, Q) or (P, Q, K, K)."""
        of = self._parts
        first: Tensor = of[_W1] if _W1 in of else of[_A1] @ of[_B1]
        if _W2 in of:
            return first, of[_W2]
        if _T2 in of:
            down = folded(of[_T2], of[_B2])
            return first, (of[_A2].t() @ down.flatten(1)).view(-1, *down.shape[1:])
        second = of[_A2] @ of[_B2]
        kernel = self.target.weight.shape[2:]
        return first, second.view(len(second), -1, *kernel)

    def delta(self) -> Tensor:
        first, second = self.factors()
        return kron_delta(first * self.scale, second).view(self.target.weight.shape)

    def linear(self, x: Tensor, weight: Tensor, bias: Tensor | None, network: Applied) -> Tensor:
        first, second = self.factors()
        if network.dropout.thins or not is_cheap(first, second):
            return super().linear(x, weight, bias, network)
        return kron_linear(x, weight, bias, first, second, self.scale * network.multiplier)

    def forward_for(self, network: Applied) -> Callable[[Tensor], Tensor]:
        if network.dropout.thins or not is_cheap(*self.factors()):
            return super().forward_for(network)
        module: Any = self.target.module
        original, name, layout = module.forward, self.target.name, layout_of(module)
        pristine, linear = is_pristine(module), self.target.kind == "linear"

        def forward(x: Tensor) -> Tensor:
            scale, (first, second) = self.scale * network.multiplier, self.factors()
            if scale == 0 or network.dropout.skips(name):
                result: Tensor = original(x)
                return result
            if linear and pristine and is_plain(module.weight):
                return kron_linear(x, module.weight, module.bias, first, second, scale)
            out: Tensor = original(x)
            x = x.to(out.dtype)
            if linear:
                return out + kron_linear(x, None, None, first, second, scale)
            update = kron_conv(x, (first * scale).to(out.dtype), second.to(out.dtype), **layout)
            return out.add_(update) if pristine else out + update  # a pristine layer's output is nobody else's yet

        return forward


def _sizes(shape: tuple[int, ...], rank: int, config: NetworkConfig, tucker: bool) -> Sizes:
    """As LyCORIS divides a weight; with ``tucker`` nothing where that changes nothing."""
    (o, p), (i, q) = (factorization(number, config.factor) for number in shape[:2])
    kernel = shape[2:]
    halved = config.decompose_both and not config.full_matrix and 2 * rank < max(o, i)
    first: Sizes = {_A1: (o, rank), _B1: (rank, i)} if halved else {_W1: (o, i)}
    whole = config.full_matrix or 2 * rank >= max(p, q)
    if tucker:
        found = {_A2: (rank, p), _B2: (rank, q), _T2: (rank, rank, *kernel)}
        return {} if whole or math.prod(kernel) == 1 else first | found
    return first | ({_W2: (p, q, *kernel)} if whole else {_A2: (p, rank), _B2: (rank, q * math.prod(kernel))})


def _fitting(parts: Parts, target: Target) -> Sizes:
    """Sizes of a file's parts, as ``LokrUpdate`` has them. Raises a ModelFileError where they fit no such layer."""
    shape, found = target.weight.shape, {part: tuple(parts[part].shape) for part in parts if part != ALPHA}
    o, i = found[_W1][:2] if _W1 in found else (found[_A1][0], found[_B1][1])
    if _W2 in found:
        found[_W2] = (*found[_W2][:2], *(found[_W2][2:] if math.prod(found[_W2][2:]) > 1 else shape[2:]))
        p, rest = found[_W2][0], found[_W2][1:]
    elif _T2 in found:
        p, rest = found[_A2][1], (found[_B2][1], *found[_T2][2:])
    else:
        found[_B2] = (found[_B2][0], math.prod(found[_B2][1:]))
        p, rest = found[_A2][0], found[_B2][1:]
    if o * p != shape[0] or i * math.prod(rest) != math.prod(shape[1:]):
        raise ModelFileError(
            say("{name}: its factors make no weight of the shape {wanted}: choose a file of the same family as the "
                "base model", name=target.name, wanted=str(tuple(shape)))
        )  # fmt: skip
    return found


def _kind(tucker: bool) -> Kind:
    def size(layer: LayerShape, config: NetworkConfig) -> int:
        rank, _ = rank_and_alpha(layer, config)
        return sum(math.prod(size) for size in _sizes(layer.shape, rank, config, tucker).values()) if rank else 0

    @torch.no_grad()
    def create(target: Target, config: NetworkConfig, seed: int) -> LokrUpdate:
        """Each part that is not zero as LyCORIS draws it: kaiming_uniform with a = sqrt(5)."""
        rank, alpha = rank_and_alpha(target.layer, config)
        sizes = _sizes(target.layer.shape, rank, config, tucker)
        update = LokrUpdate(target, rank, float(rank) if {_W1, _W2} <= sizes.keys() else alpha, sizes)
        chance = Generator().manual_seed(layer_seed(seed, target.name))
        for part, parameter in update.parameters().items():
            if part not in _ZERO:
                bound = 1 / math.sqrt(parameter[0].numel())
                parameter.copy_(torch.empty(parameter.shape).uniform_(-bound, bound, generator=chance))
        return update

    def completed(name: str, parts: Parts) -> Parts:
        """Without alpha the update is not scaled."""
        first = (_W1,) if _W1 in parts else (_A1, _B1)
        second = (_A2, _B2, _T2) if tucker else (_W2,) if _W2 in parts else (_A2, _B2)
        found = {part: matrix_in(parts, name, part) for part in (*first, *second)}
        return found | {ALPHA: number_in(parts, name, ALPHA, default=_rank(found))}

    def read(parts: Parts, target: Target) -> LokrUpdate:
        update = LokrUpdate(target, _rank(parts), float(parts[ALPHA]), _fitting(parts, target))
        take([(update, parts)])
        return update

    names = _PARTS if tucker else _PARTS[:-1]
    algebra = Algebra(_shape, scaled=_scaled)
    return Kind(names, "lycoris.kohya", _args, size, create, completed, read, _PARTS[1:], algebra, product=True)


def _rank(parts: Parts) -> int:
    """As the WebUI takes it: of the second factor, else of the first; 1 where neither has one and nothing is scaled."""
    return next((parts[part].shape[0] for part in (_B2, _B1) if part in parts), 1)


def _shape(parts: Parts) -> tuple[int, ...]:
    o, i = parts[_W1].shape[:2] if _W1 in parts else (parts[_A1].shape[0], parts[_B1].shape[1])
    if _W2 in parts:
        p, q, *kernel = parts[_W2].shape
    elif _T2 in parts:
        p, q, kernel = parts[_A2].shape[1], parts[_B2].shape[1], list(parts[_T2].shape[2:])
    else:
        p, q, kernel = parts[_A2].shape[0], math.prod(parts[_B2].shape[1:]), []
    return (o * p, i * q, *kernel)


def _scaled(parts: Parts, factor: float) -> Parts:
    part = _W1 if _W1 in parts else _A1
    return {**parts, part: parts[part] * factor}


def _args(config: NetworkConfig) -> dict[str, Any]:
    switches = {name: True for name in ("decompose_both", "full_matrix") if getattr(config, name)}
    return lycoris_args("lokr", config) | {"factor": config.factor} | switches


KIND, TUCKER = _kind(tucker=False), _kind(tucker=True)
