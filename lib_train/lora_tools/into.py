"""Network files put into a checkpoint for good: W + m d for each layer, as the WebUI's reader does at each use."""

import json
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any, BinaryIO, NamedTuple

import torch
from safetensors.torch import save
from torch import Tensor

from lib_train.checkpoints.files import require_room, unwritable, whole_letters
from lib_train.checkpoints.hashes import data_start
from lib_train.checkpoints.opened import OpenTensors
from lib_train.config.tools import MergeConfig
from lib_train.errors import ConfigError, ModelFileError, Problem
from lib_train.files import written
from lib_train.lora_tools.algebra import Delta
from lib_train.lora_tools.base_file import BaseFile, opened_base
from lib_train.lora_tools.layers import naming
from lib_train.lora_tools.merge import summaries
from lib_train.lora_tools.mixture import Mixture, mixture
from lib_train.lora_tools.outcome import Outcome, Squares, Summary, Tell, nobody
from lib_train.lora_tools.ranks import asked
from lib_train.lora_tools.saving import STALE, reject_unusable
from lib_train.networks.contents import reject_strangers
from lib_train.networks.finite import not_finite
from lib_train.texts import say

_BLOCK = 2**22


class _Row(NamedTuple):
    """A layer's rows of a tensor in the checkpoint."""

    name: str
    rows: slice
    is_bias: bool


def merge_into(
    files: Sequence[Path], checkpoint: Path, to: Path, config: MergeConfig,
    presets: Mapping[str, str] | None = None, tell: Tell = nobody,
) -> Outcome:  # fmt: skip
    """Write a checkpoint with networks in it; its metadata and types of numbers stay. Tensors are read one by one.
    Of a .ckpt the tensors stay, and nothing else that is in it.

    Networks follow each other as in a prompt: what one of a kind that depends on the weight adds is reckoned from the
    weight with those before it.

    Raises:
        ModelFileError: a file cannot be read or reckoned with, they do not fit together or not to the checkpoint, or a
            number would be beyond the range of the checkpoint's type.
        ConfigError: the weights are none for these files.
        FileError: the new file cannot be written.
    """
    reject_unusable(to)
    if config.is_given:
        raise ConfigError(
            [Problem(asked(config).split()[0], asked(config), say("leave it out: a checkpoint has no ranks"))]
        )
    mixed = mixture(files, config, presets)
    with opened_base(checkpoint) as base:
        for source in mixed.sources:
            with naming(source.path):
                reject_strangers([name for name in source.layers if name in mixed.names], base.places)
        squares = Squares()
        rows = _rows(mixed, base)

        def changed(key: str) -> Tensor | None:
            return _changed(key, rows[key], mixed, base, squares) if key in rows else None

        before = summaries(mixed, base.weight)
        precision = _write(to, base, changed, mixed.told, tell)
    after = Summary(
        path=to, size_bytes=to.stat().st_size, kind=say("checkpoint"), layers=len(mixed.names), dims={},
        precision=precision, norm=squares.after**0.5,
    )  # fmt: skip
    return Outcome(before=before, after=after, error=squares.error, notes=())


def _rows(mixed: Mixture, base: BaseFile) -> dict[str, list[_Row]]:
    """The layers that change each tensor, by its key."""
    found: dict[str, list[_Row]] = {}
    for name in mixed.names:
        key, rows, bias = base.places[name]
        found.setdefault(key, []).append(_Row(name, rows or slice(None), False))
        if bias and mixed.bias(name) is not None:
            found.setdefault(bias, []).append(_Row(name, rows or slice(None), True))
    return found


def _changed(key: str, rows: Sequence[_Row], mixed: Mixture, base: BaseFile, squares: Squares) -> Tensor:
    """A tensor of the checkpoint with what is added to it."""
    old = base.numbers(key)
    before = old.float()
    exact = before.clone()
    for name, place, is_bias in rows:
        if is_bias:
            bias = mixed.bias(name)
            assert bias is not None
            if bias.shape != exact[place].shape:
                raise _misfit(f"{name}.bias", tuple(bias.shape), mixed.sources[0].path, tuple(exact[place].shape))
            exact[place] += bias
        else:
            exact[place] = _with_networks(name, exact[place], mixed)
    new = exact.to(old.dtype)
    if not_finite([(key, new)]):
        raise ModelFileError(
            say("{path}: {key} would hold numbers beyond the range of its type; take a copy in fp32 or bf16, or "
                "smaller weights",
                path=base.path, key=key)
        )  # fmt: skip
    squares.before += float((exact - before).double().square().sum())
    squares.after += float((new.float() - before).double().square().sum())
    squares.lost += float((new.float() - exact).double().square().sum())
    return new


def _with_networks(name: str, weight: Tensor, mixed: Mixture) -> Tensor:
    if mixed.ties is not None:
        delta = mixed.delta(name, {name: weight}.__getitem__)
        return weight + _fitted(name, delta, mixed.sources[0].path, weight)
    for place, factor in mixed.contributions(name):
        delta = mixed.sources[place].delta(name, {name: weight}.__getitem__)
        weight = weight + factor * _fitted(name, delta, mixed.sources[place].path, weight)
    return weight


def _fitted(name: str, delta: Delta, path: Path, weight: Tensor) -> Tensor:
    """What is added, in the weight's shape."""
    matrix = delta.matrix()
    if delta.shape[0] != weight.shape[0] or matrix.numel() != weight.numel():
        raise _misfit(name, delta.shape, path, tuple(weight.shape))
    return matrix.reshape(weight.shape)


def _misfit(name: str, shape: tuple[int, ...], path: Path, wanted: tuple[int, ...]) -> ModelFileError:
    return ModelFileError(
        say("{path}: {name} has shape {shape}, in the checkpoint {wanted}; choose a checkpoint of the network's family",
            path=path, name=name, shape=str(shape), wanted=str(wanted))
    )  # fmt: skip


def _write(to: Path, base: BaseFile, changed: Callable[[str], Tensor | None], told: str, tell: Tell) -> str:
    """Write the checkpoint anew, tensor by tensor in its order; returns the types of its numbers."""
    header = _header_for(base) if base.file is None else base.file.header
    head, places = _head(header, told), _places_in(header)
    size = len(head) + max((end for _, end in places.values()), default=0)
    require_room(to, size)
    try:
        with written(to, replace=False) as partial, partial.open("wb") as new:
            new.write(head)
            for done, (key, (begin, end)) in enumerate(places.items()):
                tell(done, len(places))
                tensor = changed(key)
                if tensor is None and base.file is not None:
                    _copy(base.file, key, end - begin, new)
                else:
                    _put(base.tensor(key) if tensor is None else tensor, new)
            tell(len(places), len(places))
    except OSError as error:  # one of the checkpoint is told by itself
        raise unwritable(to, size, error) from error
    return ", ".join(sorted({str(header[key]["dtype"]) for key in places}))


def _header_for(base: BaseFile) -> dict[str, Any]:
    """The header of a safetensors file with the tensors of a pickled one, in the order that this format wants."""
    content = save({key: base.tensor(key).new_empty(0) for key in base.shapes})
    types: dict[str, Any] = json.loads(content[8 : data_start(content)])
    found, end = {}, 0
    for key, entry in types.items():
        tensor = base.tensor(key)
        begin, end = end, end + tensor.numel() * tensor.element_size()
        found[key] = {"dtype": entry["dtype"], "shape": list(tensor.shape), "data_offsets": [begin, end]}
    return found


def _put(tensor: Tensor, new: BinaryIO) -> None:
    new.write(tensor.contiguous().reshape(-1).view(torch.uint8).numpy().data)


def _head(header: Mapping[str, Any], told: str) -> bytes:
    kept = {key: text for key, text in header.get("__metadata__", {}).items() if not key.startswith(STALE)}
    before = kept.get("modelspec.merged_from", "")
    kept["modelspec.merged_from"] = whole_letters(f"{before}, {told}" if before else told)
    text = json.dumps({**header, "__metadata__": kept}, ensure_ascii=False, separators=(",", ":")).encode()
    text += b" " * (-len(text) % 8)
    return len(text).to_bytes(8, "little") + text


def _places_in(header: Mapping[str, Any]) -> dict[str, tuple[int, int]]:
    """Where each tensor begins and ends, by key, in the order of the bytes."""
    places = {key: tuple(entry["data_offsets"]) for key, entry in header.items() if key != "__metadata__"}
    return {key: (begin, end) for key, (begin, end) in sorted(places.items(), key=lambda one: one[1])}


def _copy(old: OpenTensors, key: str, count: int, new: BinaryIO) -> None:
    block = memoryview(bytearray(min(count, _BLOCK)))
    for begin in range(0, count, _BLOCK):
        part = block[: count - begin]
        old.read_into(key, begin, part)
        new.write(part)
