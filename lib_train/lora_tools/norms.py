"""How much a network file changes each block of its model."""

from collections.abc import Iterator
from math import sqrt
from typing import NamedTuple

from lib_train.lora_tools.block_lists import BASE, block_of_layer
from lib_train.lora_tools.layers import NetworkSource
from lib_train.vocabulary import BLOCKS

OTHER = ""
"""Layers in no block, such as conv_out."""


class BlockNorm(NamedTuple):
    """Of one block."""

    block: str
    """"BASE" are the text encoders; ``OTHER`` comes last."""
    layers: int
    norm: float | None
    """Frobenius norm of all that is added to the block's weights; None where that depends on the base model, or cannot
    be reckoned."""


def norms_by_block(source: NetworkSource) -> list[BlockNorm]:
    """Blocks of the file's family in the order of the U-Net; those that the file leaves alone have no layers."""
    family = source.family
    counts = dict.fromkeys((BASE, *_with_layers(family), OTHER), 0)
    squares: dict[str, float | None] = dict.fromkeys(counts, 0.0)
    for name, stored in source.layers.items():
        block = block_of_layer(name, family) or OTHER
        counts[block] = counts.get(block, 0) + 1
        algebra = stored.kind.algebra
        square = None if algebra is None or algebra.needs_weight else source.delta(name).square()
        before = squares.get(block, 0.0)
        squares[block] = None if square is None or before is None else before + square
    if not counts[OTHER]:
        del counts[OTHER]
    return [BlockNorm(block, count, _root(squares[block])) for block, count in counts.items()]


def _with_layers(family: str) -> Iterator[str]:
    """The blocks as block weights have them: M00 is the whole middle."""
    for block in BLOCKS[family]:
        if block not in ("EMB", "OUT", "M01", "M02"):
            yield block


def _root(square: float | None) -> float | None:
    return None if square is None else sqrt(square)
