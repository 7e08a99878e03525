"""Parts of a layer in a file: checked, fitted and taken."""

from collections.abc import Callable, Sequence

import torch
from torch import Tensor

from lib_train.errors import ModelFileError
from lib_train.networks.update import Parts, Update
from lib_train.texts import say


def matrix_in(parts: Parts, name: str, part: str) -> Tensor:
    """A part that must be there and have two sides.

    Args:
        name: of the layer, for errors.

    Raises:
        ModelFileError: it is not, or has not.
    """
    found = parts.get(part)
    if found is None or found.dim() < 2 or 0 in found.shape:
        raise ModelFileError(
            say("{tensor} is missing or empty: the file is damaged, take another copy", tensor=f"{name}.{part}")
        )
    return found


def require_fit(name: str, part: str, rank: int, wanted: int) -> None:
    """Check that a part's rank is that of the others of its layer.

    Raises:
        ModelFileError: it is not.
    """
    if rank != wanted:
        raise ModelFileError(
            say("{tensor} is of rank {rank}, the rest of its layer of {wanted}: the file is damaged, take another copy",
                tensor=f"{name}.{part}", rank=rank, wanted=wanted)
        )  # fmt: skip


def number_in(parts: Parts, name: str, part: str, default: float) -> Tensor:
    """A part that is one number, () or (1,), or ``default`` where the file does not say.

    Raises:
        ModelFileError: it is more than one, or none.
    """
    found = parts.get(part, torch.tensor(float(default)))
    if found.numel() != 1:
        raise ModelFileError(
            say("{tensor} holds {count} numbers, not one: the file is damaged or another program's, take another copy",
                tensor=f"{name}.{part}", count=found.numel())
        )  # fmt: skip
    return found


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


def _given(parts: Parts, update: Update, part: str) -> Tensor:
    if part not in parts:
        raise ModelFileError(
            say("{tensor} is missing: the layer is of another kind or makeup ({found}) than this network's; choose a "
                "file that was trained with the same network_type and sizes",
                tensor=f"{update.target.name}.{part}", found=", ".join(parts))
        )  # fmt: skip
    return parts[part]


def _unpacked(update: Update, parts: Parts) -> Parts:
    """What of a file's parts is trained: all of them, unless the update itself says otherwise."""
    unpacked: Callable[[Parts], Parts] = getattr(update, "unpacked", lambda parts: parts)
    return unpacked(parts)


@torch.no_grad()
def take(pairs: Sequence[tuple[Update, Parts]]) -> None:
    """Give each update what its parts of a file hold, completed ones.

    Raises:
        ModelFileError: one of them does not fit; nothing was taken then.
    """
    values = [
        (parameter, fitted(f"{update.target.name}.{part}", _given(own, update, part), tuple(parameter.shape)))
        for update, own in ((update, _unpacked(update, parts)) for update, parts in pairs)
        for part, parameter in update.parameters().items()
    ]
    for parameter, value in values:
        parameter.copy_(value)
    for update, parts in pairs:
        update.set_constants(parts)
