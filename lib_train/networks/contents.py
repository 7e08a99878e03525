"""What the tensors of a network's file hold: the parts of each layer, checked."""

from collections.abc import Collection, Mapping, Sequence
from typing import NamedTuple

from torch import Tensor

from lib_train.errors import ModelFileError
from lib_train.network_kinds import BUNDLED, Layer, foreign_family, layers_of, readable, unsupported
from lib_train.networks.finite import some_of
from lib_train.networks.kinds import KINDS
from lib_train.networks.spellings import to_kohya
from lib_train.networks.update import Kind, Parts
from lib_train.texts import joined, say

_READ_BY_THE_WEBUI = ("LoHa", "LoKr", "DoRA", "IA3", "OFT", "BOFT", "Full", "Norm")
_LACKS_ITS_BEGINNING = say("its file lacks what it began with, a part of the base model as LyCORIS takes it out: have "
                           "LyCORIS merge it into its checkpoint, and Extract a LoRA of that one")  # fmt: skip


class Stored(NamedTuple):
    """What a file holds for one layer."""

    kind: Kind
    parts: Parts
    """Checked and completed."""


def layers_in(
    tensors: Mapping[str, Tensor], metadata: Mapping[str, str] | None = None, family: str = ""
) -> dict[str, Stored]:
    """The file's layers by kohya's names, whatever program named them; embeddings bundled with it are left out.

    Args:
        metadata: of the file, where it may hold alphas.
        family: of the base model; empty asks the file.

    Raises:
        ModelFileError: empty, of another kind of network or family, of names that cannot be read, or incomplete; names
            the layers where they are some among others.
    """
    tensors = {key: tensor for key, tensor in tensors.items() if not key.startswith(BUNDLED)}
    if not tensors:
        raise ModelFileError(say("the file holds no tensors: choose a file of {ours}", ours=readable()))
    _reject_other_families(list(tensors))
    tensors = to_kohya(tensors, metadata, family)
    shapes = {key: tuple(tensor.shape) for key, tensor in tensors.items()}
    layers = layers_of(shapes)
    _reject_other_kinds(list(shapes), layers)
    found: dict[str, dict[str, Tensor]] = {}
    for key, tensor in tensors.items():
        name, _, part = key.partition(".")
        found.setdefault(name, {})[part] = tensor
    kinds = {name: _kind(name, layers) for name in found}
    return {name: Stored(kinds[name], kinds[name].completed(name, parts)) for name, parts in found.items()}


def _kind(name: str, layers: Mapping[str, Layer]) -> Kind:
    return KINDS[layers[name].kind if name in layers else "LoRA"]  # else it is an alpha without anything to scale


def _reject_other_families(keys: Sequence[str]) -> None:
    if family := foreign_family(keys):
        raise ModelFileError(
            say("the file is for {family} (such as {name}): choose one for the base model's family, of {ours}",
                family=family, name=keys[0], ours=readable())
        )  # fmt: skip


def _reject_other_kinds(keys: Sequence[str], layers: Mapping[str, Layer]) -> None:
    odd = {name: layer.kind for name, layer in layers.items() if layer.kind not in KINDS}
    kinds = joined(", ", dict.fromkeys(odd.values()))
    if odd and len(odd) == len(layers):
        if kinds == "T-LoRA":
            raise ModelFileError(joined("; ", (unsupported(kinds), _LACKS_ITS_BEGINNING)))
        if kinds.split(" ")[0] not in _READ_BY_THE_WEBUI:
            raise ModelFileError(say("{fault}; choose a file of {ours}", fault=unsupported(kinds), ours=readable()))
        raise ModelFileError(
            say("{fault}; choose a file of {ours}, or draw it with the WebUI, whose prompts read this kind",
                fault=unsupported(kinds), ours=readable())
        )  # fmt: skip
    if odd:
        raise ModelFileError(
            say("{count} of the file's {layers} layers are of another kind ({fault}): {names}; choose a file of {ours}",
                count=len(odd), layers=len(layers), fault=unsupported(kinds), names=some_of(list(odd)), ours=readable())
        )  # fmt: skip
    places = {key: key.partition(".") for key in keys}
    others = [key for key, (name, _, part) in places.items() if part not in _kind(name, layers).parts]
    if others:
        raise ModelFileError(
            say("{count} of the file's {tensors} tensors belong to another kind of network or file ({names}): choose a "
                "file of {ours}",
                count=len(others), tensors=len(keys), names=some_of(others), ours=readable())
        )  # fmt: skip


def reject_strangers(names: Collection[str], known: Collection[str]) -> None:
    """Raise a ModelFileError that lists the file's layers that are not ``known``, if there are any."""
    strangers = [name for name in names if name not in known]
    if strangers:
        raise ModelFileError(
            say("{count} of the file's {layers} layers are not in this base model or network ({names}): choose a file "
                "that was trained on the same family of base models",
                count=len(strangers), layers=len(names), names=some_of(strangers))
        )  # fmt: skip


def reject_gaps(names: Collection[str], needed: Collection[str]) -> None:
    """Raise a ModelFileError that lists the ``needed`` layers that the file lacks, if there are any."""
    gaps = [name for name in needed if name not in names]
    if gaps:
        raise ModelFileError(
            say("the file lacks {count} of this network's {layers} layers ({names}): choose a file that was trained "
                "with the same parts and conv_dim",
                count=len(gaps), layers=len(needed), names=some_of(gaps))
        )  # fmt: skip
