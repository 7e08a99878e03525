"""What a network adds to one layer's weight, where it can be as a product of two thin matrices; and its thinner ones.

Letters: O out features, I in features, K kernel side, N = I K K, R rank. Computed in float32, or in float64 where that
is given.
"""

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import NamedTuple

import torch
from torch import Generator, Tensor

_NOTHING = 1e-6
"""Singular values below this share of the largest are rounding."""
_EXTRA = 2
"""A drawn subspace has this many times the rank that is asked for."""

_TRIED = (32, 128)
"""Ranks of the subspaces that are drawn before the whole matrix is decomposed."""
_PROBE = 4
"""Rank of one that tells the largest singular value and the length, by which others need not be drawn."""
Fewest = Callable[[float, float, int], float]
"""Ranks below which none is enough, of a matrix' sum of squares, its largest singular value and its smaller side."""


@dataclass(frozen=True)
class Delta:
    """``up @ down``, or ``down`` itself where ``up`` is None."""

    shape: tuple[int, ...]
    """Of the layer's weight: (O, I), (O, I, K, K), or (C,) of a norm."""
    down: Tensor
    """(R, N), or the whole, (O, N); of a norm (1, C)."""
    up: Tensor | None = None
    """(O, R)."""

    @property
    def is_matrix(self) -> bool:
        """Whether it can have a rank."""
        return len(self.shape) > 1

    @property
    def is_thin(self) -> bool:
        """Whether the product takes less room than the whole, so that working with the two matrices pays."""
        return self.up is not None and self.up.shape[1] < min(self.up.shape[0], self.down.shape[1])

    def matrix(self) -> Tensor:
        """(O, N)."""
        return self.down if self.up is None else self.up @ self.down

    def dense(self) -> Tensor:
        """In the shape of the layer's weight."""
        return self.matrix().reshape(self.shape)

    def times(self, weight: float) -> "Delta":
        """The same, multiplied."""
        if self.up is None:
            return Delta(self.shape, self.down * weight)
        return Delta(self.shape, self.down, self.up * weight)

    def square(self) -> float:
        """Sum of the squares of its numbers."""
        if self.up is None or not self.is_thin:
            return float(self.matrix().double().square().sum())
        up, down = self.up.double(), self.down.double()
        return max(float(((up.t() @ up) * (down @ down.t())).sum()), 0.0)

    def most(self) -> float:
        """No number of it is larger, and no singular value."""
        sides = (self.down,) if self.up is None else (self.up, self.down)
        return math.prod(float(torch.linalg.vector_norm(side, dtype=torch.float64)) for side in sides)


def summed(deltas: Sequence[Delta]) -> Delta:
    """Their sum, exactly: products stay one product, with the sum of the ranks, unless one of them is none."""
    first = deltas[0]
    if len(deltas) == 1:
        return first
    if any(delta.up is None for delta in deltas):
        return Delta(first.shape, torch.stack([delta.matrix() for delta in deltas]).sum(0))
    up, down = torch.cat([delta.up for delta in deltas], 1), torch.cat([delta.down for delta in deltas])  # type: ignore[misc]
    return Delta(first.shape, down, up)


class Decomposed(NamedTuple):
    """``left @ diag(values) @ right``: what a matrix is, or its largest part."""

    left: Tensor
    """(O, k), orthonormal columns."""
    values: Tensor
    """(k,), descending."""
    right: Tensor
    """(k, N), orthonormal rows."""
    rest: float = 0.0
    """Sum of the squares of what they leave out."""

    @property
    def square(self) -> float:
        """Sum of the squares of the whole matrix."""
        return float(self.values.double().square().sum()) + self.rest

    def cut(self, rank: int) -> tuple[Tensor, Tensor]:
        """The best product of this rank, (O, rank) and (rank, N), both with the same norm. Eckart-Young."""
        root = self.values[:rank].sqrt()
        return self.left[:, :rank] * root, root[:, None] * self.right[:rank]

    def lost(self, rank: int) -> float:
        """Sum of the squares of what such a product leaves out."""
        return float(self.values[rank:].double().square().sum()) + self.rest


def singular_values(delta: Delta) -> Tensor:
    """All of them but those that are rounding, descending; at least one."""
    if delta.is_thin:
        assert delta.up is not None
        small = torch.linalg.qr(delta.up, "r")[1] @ torch.linalg.qr(delta.down.t(), "r")[1].t()
        return _above_rounding(torch.linalg.svdvals(small))
    squares = torch.linalg.eigvalsh(_gram(delta.matrix())).flip(0).clamp(min=0)
    return _above_rounding(squares.sqrt().to(delta.down.dtype))


def decomposed(
    delta: Delta, rank: int | None = None, enough: Callable[[Decomposed], bool] = lambda part: False,
    fewest: Fewest = lambda square, largest, side: 0.0,
) -> Decomposed:  # fmt: skip
    """Its singular value decomposition.

    Args:
        rank: where no more is asked for, the largest part of a large matrix is found in a drawn subspace of twice this
            rank, within a thousandth of the best and many times faster. The draw depends on the shape alone.
        enough: whether the largest part is; without ``rank`` such subspaces grow until it is.
        fewest: those that are smaller are not drawn at all.

    Source:
        Halko et al. 2011, https://arxiv.org/abs/0909.4061, algorithm 4.4.
    """
    if delta.is_thin:
        assert delta.up is not None
        (left, up), (right, down) = torch.linalg.qr(delta.up), torch.linalg.qr(delta.down.t())
        u, values, v = torch.linalg.svd(up @ down.t())
        values = _above_rounding(values)
        k = len(values)
        return Decomposed(left @ u[:, :k], values, v[:k] @ right.t())
    matrix = delta.matrix()
    if rank is not None and 2 * _EXTRA * rank <= min(matrix.shape):
        return _drawn(matrix, rank)
    side = min(matrix.shape)
    sizes = [tried for tried in _TRIED if rank is None and 2 * _EXTRA * tried <= side]
    if sizes:
        probe = _drawn(matrix, _PROBE)
        needed = fewest(probe.square, float(probe.values[0]), side)
        sizes = [tried for tried in sizes if tried >= needed]
    for tried in sizes:
        if enough(part := _drawn(matrix, tried)):
            return part
    return _whole(matrix)


def _drawn(matrix: Tensor, rank: int) -> Decomposed:
    chance = Generator().manual_seed(matrix.shape[0] * 1_000_003 + matrix.shape[1])
    start = torch.randn(matrix.shape[1], _EXTRA * rank, generator=chance, dtype=matrix.dtype).to(matrix.device)
    found = torch.linalg.qr(matrix @ start)[0]
    for _ in range(2):
        found = torch.linalg.qr(matrix @ torch.linalg.qr(matrix.t() @ found)[0])[0]
    within = found.t() @ matrix
    rest = float((matrix - found @ within).double().square().sum())
    part = _whole(within)
    return Decomposed(found @ part.left, part.values, part.right, rest)


def _whole(matrix: Tensor) -> Decomposed:
    """By the smaller of the two squares of the matrix, in float64, where it is as exact as float32's own way."""
    tall = matrix.shape[0] > matrix.shape[1]
    thin = matrix.t() if tall else matrix
    squares, vectors = torch.linalg.eigh(_gram(thin))
    values = _above_rounding(squares.flip(0).clamp(min=0).sqrt())
    near = vectors.flip(1)[:, : len(values)]
    far = (near.t() @ thin.double()) / values.clamp(min=math.ulp(0.0))[:, None]
    left, right = (far.t(), near.t()) if tall else (near, far)
    kind = matrix.dtype
    return Decomposed(left.to(kind), values.to(kind), right.to(kind))


def _gram(matrix: Tensor) -> Tensor:
    """(n, n) in float64, of the smaller side."""
    thin = (matrix if matrix.shape[0] <= matrix.shape[1] else matrix.t()).double()
    return thin @ thin.t()


def _above_rounding(values: Tensor) -> Tensor:
    return values[: max(1, int((values > values[0] * _NOTHING).sum()))]
