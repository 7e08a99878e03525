"""How large the update of a network is beside the weights that it is added to, and of how many directions."""

from typing import NamedTuple

import torch
from torch import Tensor

from lib_train.networks.network import Network
from lib_train.networks.update import Update

_ROUNDS = 12
"""Of the power iteration: the largest singular value is found to about 1 %."""


class Size(NamedTuple):
    """Of all layers of a block, or of all blocks."""

    norm: float
    """Frobenius norm of what is added."""
    share: float
    """The same over the norm of the weights."""
    stable_rank: float
    """|dW|_F^2 / |dW|_2^2, the mean over layers, each counting by its |dW|_F^2: how many directions it has."""


def sizes_by_block(network: Network) -> dict[str, Size]:
    """By block, as ``LayerShape.block`` names them, and of all of them under ""."""
    squares: dict[str, list[float]] = {}
    for update in network.layers.values():
        found = _squares(update)
        for block in (update.target.block, ""):
            kept = squares.setdefault(block, [0.0, 0.0, 0.0])
            squares[block] = [one + other for one, other in zip(kept, found, strict=True)]
    return {block: _size(*found) for block, found in squares.items()}


def _size(delta: float, weight: float, ranked: float) -> Size:
    return Size(delta**0.5, (delta / weight) ** 0.5 if weight else 0.0, ranked / delta if delta else 0.0)


@torch.no_grad()
def _squares(update: Update) -> tuple[float, float, float]:
    """|dW|^2, |W|^2, and |dW|^2 times its stable rank."""
    delta = update.delta().float()
    square = float(delta.square().sum())
    weight = float(update.target.weight.float().square().sum())
    if not square:
        return 0.0, weight, 0.0
    largest = _largest_square(delta.flatten(1) if delta.dim() > 1 else delta[None])
    return square, weight, square * min(square / largest, float(min(delta.flatten(1).shape) if delta.dim() > 1 else 1))


def _largest_square(matrix: Tensor) -> float:
    """Square of the largest singular value of (O, I), by power iteration from the row of the largest norm."""
    vector = matrix[matrix.square().sum(1).argmax()]
    for _ in range(_ROUNDS):
        vector = vector / vector.norm()
        vector = matrix.T @ (matrix @ vector)
    return float(vector.norm())
