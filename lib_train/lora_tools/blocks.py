"""Weights of blocks, multiplied into the file: what a prompt's block weights do at each use, once and for all."""

import math
from collections.abc import Mapping
from pathlib import Path

from torch import Tensor

from lib_train.config.tools import BlocksConfig
from lib_train.errors import ConfigError, Problem
from lib_train.lora_tools.algebra import decomposed
from lib_train.lora_tools.block_lists import BlockWeights, block_of_layer, block_weights
from lib_train.lora_tools.layers import NetworkSource, Weights, algebra_of, exact, opened, reckonable
from lib_train.lora_tools.outcome import Outcome, Squares, Tell, nobody, summary_of
from lib_train.lora_tools.resize import made
from lib_train.lora_tools.saving import keyed, precision_of, reject_unusable, save
from lib_train.networks.finite import some_of
from lib_train.networks.update import Parts
from lib_train.texts import Text, say

RANK = 64
"""Of what must become a LoRA, where nothing else is asked for."""


def weighted(source: NetworkSource, weights: BlockWeights, base: Weights | None = None) -> dict[str, Tensor]:
    """A file's tensors as ``blocks`` writes them; none where no layer is left.

    Args:
        base: the base model's weights, for kinds that cannot be multiplied in themselves.

    Raises:
        ModelFileError: ``base`` is needed.
    """
    factors = {name: weights.of(name) for name in source.layers}
    layers = {name: scaled_parts(source, name, factor, base) for name, factor in factors.items() if factor}
    return keyed(layers) | source.bundled if layers else {}


def scaled_parts(
    source: NetworkSource, name: str, factor: float, base: Weights | None = None, rank: int = RANK,
    squares: Squares | None = None,
) -> Parts:  # fmt: skip
    """A layer's parts, multiplied; where that is not the same as multiplying what it adds, those of a LoRA.

    Args:
        base: as for ``weighted``.
        rank: of such a LoRA, whose loss is added to ``squares``.

    Returns:
        The parts as they stand in the file, to the bit, for a ``factor`` of 1.
    """
    parts, stored = source.parts[name], source.layers[name]
    if factor == 1:
        return parts
    scaled = algebra_of(name, stored).scaled
    if scaled is not None:
        return scaled(exact(parts), factor)
    delta = reckonable(name, source.delta(name, base).times(factor))
    parted = decomposed(delta, rank)
    if squares is not None:
        squares.lost += parted.lost(rank)
    return made(delta, *parted.cut(rank))


def blocks(
    file: Path, to: Path, config: BlocksConfig, presets: Mapping[str, str] | None = None,
    base: Weights | None = None, tell: Tell = nobody,
) -> Outcome:  # fmt: skip
    """Write a network file with its blocks multiplied by their weights; layers at 0 are left out.

    Args:
        presets: further ones by name.
        base: as for ``weighted``.

    Raises:
        ModelFileError: the file cannot be read or reckoned with.
        ConfigError: the weights are none for this file, or leave nothing.
        FileError: the new file cannot be written.
    """
    reject_unusable(to)
    source = opened(file)
    weights = block_weights(config.weights, source.family, presets)
    squares, layers = Squares(), dict[str, Parts]()
    for done, name in enumerate(source.layers):
        tell(done, len(source.layers))
        if factor := weights.of(name):
            layers[name] = scaled_parts(source, name, factor, base, config.rank or RANK, squares)
        _add(squares, source, name, factor, base)
    tell(len(source.layers), len(source.layers))
    if not layers:
        remedy = say("leaves nothing of this file; give one of its blocks a weight")
        raise ConfigError([Problem("weights", config.weights, remedy)])
    precision = precision_of(config.save_precision, source)
    done_is = f"blocks weighted by Train Tools ({config.weights})"
    notes = [*_notes(source, weights), *save(to, keyed(layers) | source.bundled, source, done_is, precision)]
    return Outcome(
        before=(summary_of(file, squares.before, source.facts),), after=summary_of(to, squares.after),
        error=squares.error if squares.lost else None, notes=tuple(notes),
    )  # fmt: skip


def _add(squares: Squares, source: NetworkSource, name: str, factor: float, base: Weights | None) -> None:
    unknown = algebra_of(name, source.layers[name]).needs_weight and base is None
    whole = math.nan if unknown else source.delta(name, base).square()
    squares.before, squares.after = squares.before + whole, squares.after + whole * factor**2


def _notes(source: NetworkSource, weights: BlockWeights) -> list[Text]:
    """How many layers were multiplied, and what the list says nothing of."""
    factors = {name: weights.of(name) for name in source.layers}
    left_out = sum(factor == 0 for factor in factors.values())
    multiplied = sum(factor not in (0, 1) for factor in factors.values())
    notes = [say("{left_out} layers are left out, {multiplied} multiplied", left_out=left_out, multiplied=multiplied)]
    blocks = {block_of_layer(name, source.family) for name in factors if weights.says_nothing_of(name)}
    if blocks:
        names = ", ".join(sorted(str(block) for block in blocks))
        notes.append(say("the list has no numbers for {blocks}, which count as 0", blocks=names))
    made_lora = [
        name for name, stored in source.layers.items()
        if factors[name] not in (0, 1) and algebra_of(name, stored).scaled is None
    ]  # fmt: skip
    if made_lora:
        notes.append(say("{count} layers cannot be multiplied in their own kind and became a LoRA ({names})",
                         count=len(made_lora), names=some_of(made_lora)))  # fmt: skip
    return notes
