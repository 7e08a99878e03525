"""A network file as tools reckon with it: its layers, of whichever kind, and what each adds to its weight."""

import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import torch
from torch import Tensor

from lib_train.checkpoints.files import PRECISIONS, read_network
from lib_train.checkpoints.inspect import NetworkFile, broken_in, inspected, unsound
from lib_train.errors import ModelFileError
from lib_train.lora_tools.algebra import Delta
from lib_train.network_kinds import BUNDLED, family_of, layers_of, readable
from lib_train.networks.contents import Stored, layers_in
from lib_train.networks.spellings import to_kohya
from lib_train.networks.targets import Target
from lib_train.networks.update import Algebra, Parts
from lib_train.texts import joined, say

Weights = Callable[[str], Tensor]
"""A base model's frozen weight of a layer, float32, by the layer's name in a network file."""
_KERNEL_OF_3 = re.compile(r"(conv[12]|conv_in|conv_out|in_layers_2|out_layers_3|samplers_0_conv|_\d_op|_\d_conv)$")
_KERNEL_OF_1 = re.compile(r"(conv_shortcut|skip_connection|(down|up|mid)_blocks?_.*_proj_(in|out))$")


@dataclass(frozen=True)
class NetworkSource:
    """What a file holds."""

    path: Path
    tensors: Mapping[str, Tensor]
    """Under kohya's names."""
    metadata: Mapping[str, str]
    facts: NetworkFile | None = None
    """Of the file as it was opened; None of what was not."""

    @cached_property
    def layers(self) -> dict[str, Stored]:
        """By name."""
        with naming(self.path):
            return layers_in(self.tensors)

    @cached_property
    def parts(self) -> dict[str, dict[str, Tensor]]:
        """Each layer's tensors as they stand in the file, by its name and theirs."""
        return parted(self.tensors)

    @cached_property
    def family(self) -> str:
        """Of its base model; "sd1" where neither metadata nor layers tell."""
        shapes = {key: tuple(tensor.shape) for key, tensor in self.tensors.items()}
        return family_of(layers_of(shapes), self.metadata) or "sd1"

    def delta(self, name: str, weights: Weights | None = None, stored: Stored | None = None) -> Delta:
        """What a layer adds to its weight at multiplier 1; see ``delta_of``.

        Args:
            weights: the base model's.
            stored: takes the place of what the file holds for the layer.
        """
        stored = stored or self.layers[name]
        weight = weights(name) if weights and algebra_of(name, stored).needs_weight else None
        with naming(self.path):
            return delta_of(name, stored, weight)

    @property
    def bundled(self) -> dict[str, Tensor]:
        """Embeddings in the same file, which stay as they are."""
        return {key: tensor for key, tensor in self.tensors.items() if key.startswith(BUNDLED)}

    @property
    def precision(self) -> str:
        """The narrowest of ``PRECISIONS`` that holds all of its numbers as they are."""
        types = {tensor.dtype for tensor in self.tensors.values() if tensor.numel() > 1}
        return next((name for name, kind in PRECISIONS.items() if types <= {kind}), "float")


def opened(path: Path) -> NetworkSource:
    """A file with its layers, all of whose numbers can be reckoned with.

    Raises:
        ModelFileError: it cannot be read, is no network of a known kind, or holds NaN or infinity.
    """
    tensors, metadata = read_network(path)
    if broken := broken_in(tensors):
        raise unsound(path, broken)
    with naming(path):
        source = NetworkSource(path, to_kohya(tensors, metadata), metadata)
    source.layers  # noqa: B018 - raises for what is no network
    return replace(source, facts=inspected(path))


@contextmanager
def naming(path: Path) -> Iterator[None]:
    """Put the file before what is told of its layers."""
    try:
        yield
    except ModelFileError as error:
        raise ModelFileError(joined(": ", (path, error.args[0]))) from error


def parted(tensors: Mapping[str, Tensor]) -> dict[str, dict[str, Tensor]]:
    """A file's tensors by layer and part."""
    found: dict[str, dict[str, Tensor]] = {}
    for key, tensor in tensors.items():
        name, _, part = key.partition(".")
        found.setdefault(name, {})[part] = tensor
    return found


def exact(parts: Parts) -> Parts:
    """The parts in float32, and those in float64 as they are."""
    return {name: part if part.dtype == torch.float64 else part.float() for name, part in parts.items()}


def algebra_of(name: str, stored: Stored) -> Algebra:
    """How the layer's kind is reckoned with.

    Raises:
        ModelFileError: it cannot be.
    """
    if stored.kind.algebra is None:
        raise ModelFileError(
            say("{name}: its kind of network cannot be reckoned with ({parts}); choose a file of {ours}",
                name=name, parts=", ".join(stored.parts), ours=readable())
        )  # fmt: skip
    return stored.kind.algebra


def delta_of(name: str, stored: Stored, weight: Tensor | None = None) -> Delta:
    """What a layer of a file adds to its weight at multiplier 1.

    Args:
        name: the layer's.
        weight: the base model's, float32; needed where the kind multiplies or normalises it.

    Raises:
        ModelFileError: it is needed and not given, or of another shape; or numbers would be beyond float32's.
    """
    algebra, parts = algebra_of(name, stored), exact(stored.parts)
    if algebra.needs_weight and weight is None:
        raise ModelFileError(
            say("{name}: what this kind of network adds depends on the base model's weights ({parts}); give the "
                "checkpoint that it was trained on with --base",
                name=name, parts=", ".join(stored.parts))
        )  # fmt: skip
    shape = _shape_of(name, algebra.shape(parts) if weight is None else tuple(weight.shape))
    if (factors := algebra.factors(parts, weight)) is not None:
        return reckonable(name, Delta(shape, factors[1].flatten(1), factors[0]))
    whole = _dense(name, stored, parts, torch.zeros(1).expand(shape) if weight is None else weight)
    return reckonable(name, Delta(shape, whole.reshape(shape[0], -1) if len(shape) > 1 else whole.reshape(1, -1)))


def reckonable(name: str, delta: Delta) -> Delta:
    """The same, where it is.

    Raises:
        ModelFileError: its numbers, or those of its decomposition, would be infinite.
    """
    if delta.most() < torch.finfo(torch.float32).max:
        return delta
    raise ModelFileError(
        say("{name}: what is added there is beyond the range of float32: a training diverged, the base model fits "
            "badly, or weights are too large; choose other files or smaller weights",
            name=name)
    )  # fmt: skip


class Deltas(Mapping[str, Delta]):
    """What is added to each layer's weight, by the layers' names; made anew at each access. All of them would not fit
    into memory for kinds that are no product of thin matrices.
    """

    def __init__(self, names: Iterable[str], make: Callable[[str], Delta]) -> None:
        self._names, self._make = dict.fromkeys(names), make

    def __getitem__(self, name: str) -> Delta:
        return self._make(name)

    def __iter__(self) -> Iterator[str]:
        return iter(self._names)

    def __len__(self) -> int:
        return len(self._names)


def deltas_in(source: NetworkSource, weights: Weights | None = None) -> Deltas:
    """Those of a file; ``weights`` as for ``NetworkSource.delta``."""
    return Deltas(source.layers, lambda name: source.delta(name, weights))


def _shape_of(name: str, known: tuple[int, ...] | None) -> tuple[int, ...]:
    if known is None:
        raise ModelFileError(
            say("{name}: the file does not tell the shape of this layer; give the checkpoint that it was trained on "
                "with --base", name=name)
        )  # fmt: skip
    if len(known) != 2:
        return known
    if _KERNEL_OF_3.search(name) and known[1] % 9 == 0:
        return (known[0], known[1] // 9, 3, 3)
    return (*known, 1, 1) if _KERNEL_OF_1.search(name) else known


def _dense(name: str, stored: Stored, parts: Parts, weight: Tensor) -> Tensor:
    """As the kind itself reckons it, on a layer that is nothing but its weight."""
    kind = "linear" if weight.dim() < 3 else "conv1x1" if weight.shape[-1] == 1 else "conv3x3"
    module: Any = SimpleNamespace(weight=weight, bias=None)
    with torch.no_grad():
        return stored.kind.read(parts, Target(name, module, "", "", kind)).delta().detach()
