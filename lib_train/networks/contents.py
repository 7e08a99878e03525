"""What the tensors of a LoRA file hold: the matrices of each layer, checked."""

from collections.abc import Collection, Mapping
from typing import NamedTuple

from torch import Tensor

from lib_train.errors import ModelFileError
from lib_train.network_kinds import foreign_family, layers_of, spelling_of, unsupported
from lib_train.networks.finite import some_of
from lib_train.texts import joined, say

DOWN, UP, ALPHA = "lora_down.weight", "lora_up.weight", "alpha"
_READ_BY_THE_WEBUI = ("LoHa", "LoKr", "DoRA", "IA3", "OFT", "BOFT", "Full", "Norm")


class Matrices(NamedTuple):
    """One layer's part of a file."""

    down: Tensor
    """(R, I) or (R, I, K, K)."""
    up: Tensor
    """(O, R) or (O, R, 1, 1)."""
    alpha: float
    """R where the file does not say: then the update is not scaled."""


def matrices_in(tensors: Mapping[str, Tensor]) -> dict[str, Matrices]:
    """The file's layers by name.

    Raises:
        ModelFileError: empty, of another kind of network or family, of another program's names, or incomplete; names
            the layers where they are some among others.
    """
    if not tensors:
        raise ModelFileError(say("the file holds no tensors: choose a LoRA file"))
    _reject_other_kinds({key: tuple(tensor.shape) for key, tensor in tensors.items()})
    parts: dict[str, dict[str, Tensor]] = {}
    for key, tensor in tensors.items():
        name, _, part = key.partition(".")
        parts.setdefault(name, {})[part] = tensor
    return {name: _matrices(name, found) for name, found in parts.items()}


def _reject_other_kinds(shapes: Mapping[str, tuple[int, ...]]) -> None:
    keys, layers = list(shapes), layers_of(shapes)
    if family := foreign_family(keys):
        raise ModelFileError(
            say("the file is for {family} (such as {name}): choose a LoRA of the base model's family",
                family=family, name=keys[0])
        )  # fmt: skip
    if layers and (spelling := spelling_of(keys)) != "kohya's":
        fault = unsupported(say("the file has {spelling} names (such as {name})", spelling=spelling, name=keys[0]))
        raise ModelFileError(say("{fault}; convert it to kohya's names first", fault=fault))
    odd = {name: layer.kind for name, layer in layers.items() if layer.kind != "LoRA"}
    kinds = joined(", ", dict.fromkeys(odd.values()))
    if odd and len(odd) == len(layers):
        if kinds.split(" ")[0] not in _READ_BY_THE_WEBUI:
            raise ModelFileError(say("{fault}; choose a LoRA or LoCon file", fault=unsupported(kinds)))
        raise ModelFileError(
            say("{fault}; choose a LoRA or LoCon file, or draw it with the WebUI, whose prompts read this kind",
                fault=unsupported(kinds))
        )  # fmt: skip
    if odd:
        raise ModelFileError(
            say("{count} of the file's {layers} layers are of another kind ({fault}): {names}; choose a LoRA or LoCon "
                "file",
                count=len(odd), layers=len(layers), fault=unsupported(kinds), names=some_of(list(odd)))
        )  # fmt: skip
    others = [key for key in keys if key.partition(".")[2] not in (DOWN, UP, ALPHA)]
    if others:
        raise ModelFileError(
            say("{count} of the file's {tensors} tensors belong to another kind of network or file ({names}): choose a "
                "LoRA or LoCon file",
                count=len(others), tensors=len(keys), names=some_of(others))
        )  # fmt: skip


def _matrices(name: str, found: Mapping[str, Tensor]) -> Matrices:
    for part in (DOWN, UP):
        if part not in found or found[part].dim() < 2 or 0 in found[part].shape:
            raise ModelFileError(
                say("{tensor} is missing or empty: the file is damaged, take another copy", tensor=f"{name}.{part}")
            )
    alpha = found.get(ALPHA)
    if alpha is not None and alpha.numel() != 1:
        raise ModelFileError(
            say("{tensor} holds {count} numbers, not one: the file is damaged or another program's, take another copy",
                tensor=f"{name}.{ALPHA}", count=alpha.numel())
        )  # fmt: skip
    return Matrices(found[DOWN], found[UP], float(found[DOWN].shape[0] if alpha is None else alpha))


def fitted(key: str, found: Tensor, wanted: tuple[int, ...]) -> Tensor:
    """``found`` in the shape ``wanted``: a matrix may stand as a 1x1 convolution and the other way round.

    Raises:
        ModelFileError: it is of another size.
    """
    if _core(found.shape) != _core(wanted):
        raise ModelFileError(
            say("{key} has shape {shape}, this layer needs {wanted}: choose a file of the same family as the base "
                "model and, to go on training it, of the same network_dim",
                key=key, shape=str(tuple(found.shape)), wanted=str(wanted))
        )  # fmt: skip
    return found.reshape(wanted)


def _core(shape: tuple[int, ...]) -> tuple[int, ...]:
    return shape[:2] if set(shape[2:]) <= {1} else shape


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
