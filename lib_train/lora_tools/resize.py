"""Fewer ranks: each layer's best approximation of the rank, the quality or the file size that is asked for."""

import json
from collections.abc import Mapping
from pathlib import Path

import torch
from torch import Tensor

from lib_train.checkpoints.files import PRECISIONS
from lib_train.config.tools import ResizeConfig, SizeConfig
from lib_train.lora_tools.algebra import Delta, decomposed
from lib_train.lora_tools.layers import Deltas, NetworkSource, Weights, algebra_of, deltas_in, opened
from lib_train.lora_tools.outcome import Outcome, Squares, Tell, nobody, summary_of
from lib_train.lora_tools.ranks import asked, ranks_for
from lib_train.lora_tools.saving import keyed, precision_of, reject_unusable, save
from lib_train.networks.finite import some_of
from lib_train.networks.kinds import lora
from lib_train.networks.update import Parts
from lib_train.texts import Text, say

_HEADER = 400
"""Bytes of a layer's three tensors in a file's header beside their names, at most, and of its alpha."""


def resize(file: Path, to: Path, config: ResizeConfig, weights: Weights | None = None, tell: Tell = nobody) -> Outcome:
    """Write a network file of any kind anew as a LoRA of fewer ranks. Norms, which have none, stay.

    Args:
        weights: the base model's, where the file's kind needs them.

    Raises:
        ModelFileError: the file cannot be read or reckoned with.
        ConfigError: no network of these layers is so small.
        FileError: the new file cannot be written.
    """
    reject_unusable(to)
    source = opened(file)
    squares, precision = Squares(), precision_of(config.save_precision, source)
    layers = compressed(deltas_in(source, weights), whole_layers(source), config, squares,
                        precision=precision, metadata=source.metadata, tell=tell)  # fmt: skip
    squares.notes += without_bias(source)
    done = f"resized by Train Tools ({asked(config)})"
    squares.notes += save(to, keyed(layers) | source.bundled, source, done, precision)
    before, after = summary_of(file, squares.before, source.facts), summary_of(to, squares.after)
    if after.size_bytes > before.size_bytes and before.kind != after.kind:
        squares.notes.append(
            say("the new file is larger: as a LoRA these layers take more numbers than as {kind}; give a smaller rank, "
                "or size_mb", kind=before.kind)
        )  # fmt: skip
    return Outcome(before=(before,), after=after, error=squares.error, notes=tuple(squares.notes))


def compressed(
    deltas: Mapping[str, Delta], whole: Mapping[str, Parts], config: SizeConfig, squares: Squares, *,
    precision: str, metadata: Mapping[str, str], tell: Tell = nobody,
) -> dict[str, Parts]:  # fmt: skip
    """Each layer as a LoRA with as many ranks as are asked for.

    Args:
        deltas: by the layers' names.
        whole: parts of the layers among them that stay as they are.
        precision, metadata: of the file, for its size.

    Raises:
        ConfigError: no network of these layers is so small.
    """
    number = torch.finfo(PRECISIONS[precision]).bits // 8
    thin = Deltas((name for name in deltas if name not in whole), deltas.__getitem__)
    fixed = len(json.dumps(dict(metadata))) + sum(3 * len(name) + _HEADER for name in deltas)
    fixed += sum(tensor.numel() * number for parts in whole.values() for tensor in parts.values())
    ranks = ranks_for(thin, config, fixed, number)
    squares.notes += [ranks.note] if ranks.note else []
    layers: dict[str, Parts] = {}
    for done, (name, delta) in enumerate(deltas.items()):
        tell(done, len(deltas))
        if name in whole:
            layers[name] = whole[name]
            squares.add(delta.square(), 0.0)
            continue
        parted = decomposed(delta, ranks.most(name, delta), ranks.enough, ranks.fewest)
        rank = ranks.kept(name, delta, parted)
        layers[name] = made(delta, *parted.cut(rank))
        squares.add(parted.square, parted.lost(rank))
    tell(len(deltas), len(deltas))
    return layers


def made(delta: Delta, up: Tensor, down: Tensor) -> Parts:
    """A LoRA's parts for the layer of this delta, of the product of (O, R) and (R, N)."""
    return lora.parts_of(up.contiguous(), down.reshape(-1, *delta.shape[1:]))


def whole_layers(source: NetworkSource) -> dict[str, Parts]:
    """The layers that can have no rank, such as norms."""
    shapes = {name: algebra_of(name, stored).shape(stored.parts) for name, stored in source.layers.items()}
    return {name: source.parts[name] for name, shape in shapes.items() if shape is not None and len(shape) == 1}


def without_bias(source: NetworkSource) -> list[Text]:
    """What to tell of layers whose biases no LoRA can hold."""
    whole = whole_layers(source)
    biased = [
        name for name, stored in source.layers.items()
        if name not in whole and (part := algebra_of(name, stored).bias) in stored.parts and stored.parts[part].any()
    ]  # fmt: skip
    if not biased:
        return []
    return [say("biases of {count} layers ({names}) are left out: a LoRA has none",
                count=len(biased), names=some_of(biased))]  # fmt: skip
