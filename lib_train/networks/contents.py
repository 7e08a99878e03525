"""What the tensors of a LoRA file hold: the matrices of each layer, checked."""

from collections.abc import Collection, Mapping, Sequence
from typing import NamedTuple

from torch import Tensor

from lib_train.errors import ModelFileError

DOWN, UP, ALPHA = "lora_down.weight", "lora_up.weight", "alpha"
_FOREIGN = ("lora_A", "lora_B", "lora.down", "lora.up", "lora_linear_layer", ".processor.")


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
        ModelFileError: empty, of another kind of network, of another program's names, or incomplete.
    """
    if not tensors:
        raise ModelFileError("the file holds no tensors: choose a LoRA file")
    parts: dict[str, dict[str, Tensor]] = {}
    for key, tensor in tensors.items():
        name, _, part = key.partition(".")
        if any(mark in key for mark in _FOREIGN):
            raise ModelFileError(f"the file has diffusers' names (such as {key}): convert it to kohya's names first")
        if part not in (DOWN, UP, ALPHA):
            raise ModelFileError(f"{key} belongs to another kind of network or file: choose a LoRA or LoCon file")
        parts.setdefault(name, {})[part] = tensor
    return {name: _matrices(name, found) for name, found in parts.items()}


def _matrices(name: str, found: Mapping[str, Tensor]) -> Matrices:
    for part in (DOWN, UP):
        if part not in found or found[part].dim() < 2 or 0 in found[part].shape:
            raise ModelFileError(f"{name}.{part} is missing or empty: the file is damaged, take another copy")
    rank = found[DOWN].shape[0]
    return Matrices(found[DOWN], found[UP], float(found[ALPHA]) if ALPHA in found else float(rank))


def fitted(key: str, found: Tensor, wanted: tuple[int, ...]) -> Tensor:
    """``found`` in the shape ``wanted``: a matrix may stand as a 1x1 convolution and the other way round.

    Raises:
        ModelFileError: it is of another size.
    """
    if _core(found.shape) != _core(wanted):
        raise ModelFileError(
            f"{key} has shape {tuple(found.shape)}, this layer needs {wanted}: "
            "choose a file of the same family as the base model and, to go on training it, of the same network_dim"
        )
    return found.reshape(wanted)


def _core(shape: tuple[int, ...]) -> tuple[int, ...]:
    return shape[:2] if set(shape[2:]) <= {1} else shape


def reject_strangers(names: Collection[str], known: Collection[str]) -> None:
    """Raise a ModelFileError that lists the file's layers that are not ``known``, if there are any."""
    strangers = [name for name in names if name not in known]
    if strangers:
        raise ModelFileError(
            f"{len(strangers)} of the file's {len(names)} layers are not in this base model or network "
            f"({_first_of(strangers)}): choose a file that was trained on the same family of base models"
        )


def reject_gaps(names: Collection[str], needed: Collection[str]) -> None:
    """Raise a ModelFileError that lists the ``needed`` layers that the file lacks, if there are any."""
    gaps = [name for name in needed if name not in names]
    if gaps:
        raise ModelFileError(
            f"the file lacks {len(gaps)} of this network's {len(needed)} layers ({_first_of(gaps)}): "
            "choose a file that was trained with the same parts and conv_dim"
        )


def _first_of(names: Sequence[str]) -> str:
    return ", ".join([*names[:3], *(["..."] if len(names) > 3 else [])])
