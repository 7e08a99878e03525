"""What a run is given beside its settings and pictures, as tensors."""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from typing import NamedTuple

from torch import Tensor


class Background(NamedTuple):
    """A network that is on during the run and not trained."""

    tensors: Mapping[str, Tensor]
    multiplier: float


@dataclass(frozen=True, kw_only=True)
class Given:
    """Networks of files. All names are kohya's."""

    weights: Mapping[str, Tensor] | None = None
    """What the trained network begins with, and has its layers from where dim_from_weights is on; None begins anew."""
    background: tuple[Background, ...] = ()
    """The lowest first."""


def digest_of(tensors: Mapping[str, Tensor]) -> str:
    """A text that changes whenever a tensor or a name does."""
    found = hashlib.sha256()
    for name, tensor in sorted(tensors.items()):
        plain = tensor.detach().cpu().float().contiguous()
        found.update(f"{name} {tuple(plain.shape)} ".encode())
        found.update(plain.numpy().tobytes())
    return found.hexdigest()[:32]
