"""One network file of several: the weighted sum of what each adds to the weights."""

import math
from collections.abc import Mapping, Sequence
from pathlib import Path

import torch
from torch import Tensor

from lib_train.checkpoints.files import PRECISIONS
from lib_train.config.tools import KEEP, MergeConfig
from lib_train.errors import ConfigError, Problem
from lib_train.lora_tools.algebra import decomposed
from lib_train.lora_tools.block_lists import block_weights
from lib_train.lora_tools.blocks import scaled_parts
from lib_train.lora_tools.layers import Deltas, Weights, algebra_of
from lib_train.lora_tools.mixture import Mixture, mixture
from lib_train.lora_tools.outcome import Outcome, Squares, Summary, Tell, nobody, summary_of
from lib_train.lora_tools.ranks import asked
from lib_train.lora_tools.resize import compressed, made
from lib_train.lora_tools.saving import keyed, precision_of, reject_unusable, save
from lib_train.networks.finite import some_of
from lib_train.networks.kinds import full
from lib_train.networks.update import Parts
from lib_train.texts import Text, say


def merge(
    files: Sequence[Path], to: Path, config: MergeConfig, presets: Mapping[str, str] | None = None,
    base: Weights | None = None, tell: Tell = nobody,
) -> Outcome:  # fmt: skip
    """Write the weighted sum of network files of any kinds as a network file.

    Without a wish for its size the sum is exact: LoRAs become one LoRA with the sum of their ranks, what is no product
    of two thin matrices becomes whole weights, and layers that one file alone has stay of its kind.

    Args:
        presets: of blocks, further ones by name.
        base: the base model's weights, where a kind needs them.

    Raises:
        ModelFileError: a file cannot be read or reckoned with, or they do not fit together.
        ConfigError: the weights are none for these files, or no network is as small as asked for.
        FileError: the new file cannot be written.
    """
    reject_unusable(to)
    mixed = mixture(files, config, presets)
    if not mixed.names:
        raise ConfigError([Problem("weights", ",".join(f"{n:g}" for n in mixed.weights), say("leave nothing"))])
    first, squares = mixed.sources[0], Squares()
    precision = precision_of(config.save_precision, first)
    if config.is_given:
        deltas = Deltas(mixed.names, lambda name: mixed.delta(name, base))
        whole = {name: _exactly(mixed, name, base, precision) for name in mixed.names if _is_flat(mixed, name)}
        layers = compressed(deltas, whole, config, squares, precision=precision, metadata=first.metadata, tell=tell)
        squares.notes += _without_bias(mixed, layers)
    else:
        layers = {}
        for done, name in enumerate(mixed.names):
            tell(done, len(mixed.names))
            layers[name] = _exactly(mixed, name, base, precision)
            squares.add(_square(mixed, name, base), 0.0)
        tell(len(mixed.names), len(mixed.names))
        squares.notes += _large(layers)
    if config.save_precision == KEEP and all(layers[name] is first.parts.get(name) for name in layers):
        precision = ""  # each tensor stays as it is
    done_is = f"merged by Train Tools: {mixed.told}" + (f" ({asked(config)})" if config.is_given else "")
    before = summaries(mixed, base)
    squares.notes += save(to, keyed(layers) | _bundled(mixed), first, done_is, precision, mixed.recipe)
    return Outcome(before=before, after=summary_of(to, squares.after), error=squares.error, notes=tuple(squares.notes))


def _square(mixed: Mixture, name: str, base: Weights | None) -> float:
    """Of the sum; NaN where it depends on a base model that is not given."""
    stored = (mixed.sources[place].layers[name] for place, _ in mixed.contributions(name))
    if base is None and any(algebra_of(name, one).needs_weight for one in stored):
        return math.nan
    return mixed.delta(name, base).square()


def _exactly(mixed: Mixture, name: str, base: Weights | None, precision: str) -> Parts:
    """A layer of the sum without loss."""
    (place, factor), *others = mixed.contributions(name)
    stored = mixed.sources[place].layers[name]
    if not others and mixed.ties is None and (factor == 1 or algebra_of(name, stored).scaled is not None):
        return scaled_parts(mixed.sources[place], name, factor)
    delta = mixed.delta(name, base)
    if not delta.is_matrix:
        return _summed_parts(mixed, name)
    bias = mixed.bias(name)
    if delta.is_thin and bias is None:
        assert delta.up is not None
        return made(delta, delta.up, delta.down)
    if delta.up is not None and bias is None:
        parted = decomposed(delta)
        return made(delta, *parted.cut(len(parted.values)))
    return full.parts_of(_small(delta.dense(), precision), bias)


def _summed_parts(mixed: Mixture, name: str) -> Parts:
    """A norm's: sums of its parts."""
    delta, bias = mixed.delta(name), mixed.bias(name)
    (place, _), *_ = mixed.contributions(name)
    stored = mixed.sources[place].layers[name]
    known = algebra_of(name, stored).bias
    return {part: (bias if part == known and bias is not None else delta.dense()) for part in stored.parts}


def _small(tensor: Tensor, precision: str) -> Tensor:
    """In the file's precision already, where that holds its numbers: whole weights of all layers take much room."""
    kind = PRECISIONS[precision]
    return tensor.to(kind) if tensor.abs().max() <= torch.finfo(kind).max else tensor


def _is_flat(mixed: Mixture, name: str) -> bool:
    (place, _), *_ = mixed.contributions(name)
    stored = mixed.sources[place].layers[name]
    shape = algebra_of(name, stored).shape(stored.parts)
    return shape is not None and len(shape) == 1


def _bundled(mixed: Mixture) -> dict[str, Tensor]:
    return {key: tensor for source in reversed(mixed.sources) for key, tensor in source.bundled.items()}


def _large(layers: Mapping[str, Parts]) -> list[Text]:
    whole = [name for name, parts in layers.items() if full.DIFF in parts]
    if not whole:
        return []
    return [say("{count} layers ({names}) are no product of few ranks and are kept whole; rank or sv_ratio makes the "
                "file smaller",
                count=len(whole), names=some_of(whole))]  # fmt: skip


def _without_bias(mixed: Mixture, layers: Mapping[str, Parts]) -> list[Text]:
    biased = [
        name for name in layers
        if not _is_flat(mixed, name) and (bias := mixed.bias(name)) is not None and bias.any()
    ]  # fmt: skip
    if not biased:
        return []
    return [say("biases of {count} layers ({names}) are left out: a LoRA has none",
                count=len(biased), names=some_of(biased))]  # fmt: skip


def summaries(mixed: Mixture, base: Weights | None) -> tuple[Summary, ...]:
    """Each file in numbers, without its weight."""
    alone = (Mixture([source], [1.0], [block_weights("1", source.family)]) for source in mixed.sources)
    return tuple(
        summary_of(source.path, sum(_square(one, name, base) for name in one.names), source.facts)
        for one in alone for source in one.sources
    )  # fmt: skip
