"""How many ranks each layer keeps: as asked for by rank, by its singular values, or by the size of the file."""

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass

from torch import Tensor

from lib_train.config.tools import SizeConfig
from lib_train.errors import ConfigError, Problem
from lib_train.lora_tools.algebra import Decomposed, Delta, Fewest, singular_values
from lib_train.texts import Text, say

_STEPS = 64
"""Ratios that are tried between one and its double."""
_LARGEST_RATIO = 2**20


@dataclass(frozen=True)
class Ranks:
    """Chosen for the layers of one network."""

    most: Callable[[str, Delta], int | None]
    """The most that a layer can keep, of its name and delta, before its singular values are known."""
    kept: Callable[[str, Delta, Decomposed], int]
    """What it keeps of its decomposition."""
    enough: Callable[[Decomposed], bool] = lambda part: False
    """Whether what is kept is surely within the accurate half of the largest part of a decomposition."""
    fewest: Fewest = lambda square, largest, side: 0.0
    """Below which none can be."""
    note: Text | None = None


def asked(config: SizeConfig) -> str:
    """The settings that were given, in one line of plain English."""
    names = ("rank", "conv_rank", "sv_ratio", "sv_cumulative", "sv_fro", "size_mb")
    return ", ".join(f"{name} {getattr(config, name):g}" for name in names if getattr(config, name) is not None)


def ranks_for(deltas: Mapping[str, Delta], config: SizeConfig, fixed: int, number: int) -> Ranks:
    """The ranks that the settings choose.

    Args:
        deltas: of the layers that can have a rank.
        fixed: bytes of the file that its ranks do not change.
        number: bytes of a number.

    Raises:
        ConfigError: no network of these layers is so small.
    """
    if config.size_mb is not None:
        return _within(deltas, config, config.size_mb * 2**20 - fixed, number)
    by_values = any(value is not None for value in (config.sv_ratio, config.sv_cumulative, config.sv_fro))

    def most(name: str, delta: Delta) -> int | None:
        return None if by_values else _asked_of(delta, config)

    def kept(name: str, delta: Delta, parted: Decomposed) -> int:
        return max(1, min(_limit(delta, parted.values, config), _enough(parted, config)))

    def enough(part: Decomposed) -> bool:
        return config.sv_cumulative is None and _enough(part, config) <= len(part.values) // 2

    def fewest(square: float, largest: float, side: int) -> float:
        if config.sv_cumulative is not None:
            return math.inf
        length = square / largest**2 if largest else 0.0
        if config.sv_ratio is None:
            return length * (config.sv_fro or 0.0) ** 2
        if config.sv_ratio <= 1:
            return 0.0
        small = config.sv_ratio**-2  # of all others the square is this at most, beside the largest one's
        return (length - side * small) / (1 - small)

    return Ranks(most, kept, enough if by_values else Ranks.enough, fewest)


def _asked_of(delta: Delta, config: SizeConfig) -> int | None:
    is_kernel = len(delta.shape) == 4 and delta.shape[2] > 1
    return config.conv_rank if is_kernel and config.conv_rank is not None else config.rank


def _limit(delta: Delta, values: Tensor, config: SizeConfig) -> int:
    return min(len(values), _asked_of(delta, config) or len(values))


def _enough(parted: Decomposed, config: SizeConfig) -> int:
    """The fewest ranks whose singular values are enough; all where they are not."""
    values = parted.values.double()
    if config.sv_ratio is not None:
        return _larger_than(values, config.sv_ratio)
    if config.sv_cumulative is not None:
        return _first(values.cumsum(0), config.sv_cumulative * float(values.sum()))
    if config.sv_fro is not None:
        return _first(values.square().cumsum(0), config.sv_fro**2 * parted.square)
    return len(values)


def _larger_than(values: Tensor, ratio: float) -> int:
    return int((values * ratio > values[0]).sum())


def _first(sums: Tensor, wanted: float) -> int:
    reached = sums >= wanted * (1 - 1e-9)
    return int(reached.int().argmax()) + 1 if reached.any() else len(sums)


@dataclass(frozen=True)
class _Layer:
    """What a layer costs and loses at each rank."""

    values: Tensor
    """float64."""
    limit: int
    bytes: int
    """Of each rank."""

    def of_rank(self, rank: float) -> int:
        return min(self.limit, int(rank))

    def of_ratio(self, ratio: float) -> int:
        return max(1, min(self.limit, _larger_than(self.values, ratio)))

    def lost(self, rank: int) -> float:
        return float(self.values[rank:].square().sum())


_Way = Callable[[_Layer, float], int]


def _within(deltas: Mapping[str, Delta], config: SizeConfig, room: float, number: int) -> Ranks:
    """One rank for all layers, or one ratio, so that they have room; whichever loses less."""
    layers = {}
    for name, delta in deltas.items():
        values = singular_values(delta).double()
        layers[name] = _Layer(values, _limit(delta, values, config), (delta.shape[0] + delta.down.shape[1]) * number)

    def size(way: _Way, amount: float) -> int:
        return sum(way(layer, amount) * layer.bytes for layer in layers.values())

    if (least := size(_Layer.of_rank, 1)) > room:
        needed = (config.size_mb or 0) + (least - room) / 2**20
        raise ConfigError(
            [Problem("size_mb", config.size_mb, say("rank 1 in each layer takes {size:.2f} already", size=needed))]
        )
    rank = _most(lambda n: size(_Layer.of_rank, n) <= room, max((layer.limit for layer in layers.values()), default=0))
    step = _most(lambda n: size(_Layer.of_ratio, 2 ** (n / _STEPS)) <= room, _STEPS * _LARGEST_RATIO.bit_length())
    ways = {
        say("{size:g} MiB hold rank {rank}", size=config.size_mb, rank=rank): (_Layer.of_rank, float(rank)),
        say("{size:g} MiB hold sv_ratio {ratio:.3g}", size=config.size_mb, ratio=2 ** (step / _STEPS)): (
            _Layer.of_ratio, 2 ** (step / _STEPS),
        ),
    }  # fmt: skip
    found = {note: {name: way(layer, n) for name, layer in layers.items()} for note, (way, n) in ways.items()}
    if not layers:
        return Ranks(lambda name, delta: None, lambda name, delta, parted: len(parted.values))
    note = min(found, key=lambda one: sum(layers[name].lost(n) for name, n in found[one].items()))
    chosen = found[note]
    return Ranks(
        lambda name, delta: chosen[name], lambda name, delta, parted: min(chosen[name], len(parted.values)), note=note
    )  # fmt: skip


def _most(fits: Callable[[int], bool], top: int) -> int:
    """The largest number up to ``top`` that fits, where all smaller ones do too."""
    low, high = 0, top
    while low < high:
        middle = (low + high + 1) // 2
        low, high = (middle, high) if fits(middle) else (low, middle - 1)
    return low
