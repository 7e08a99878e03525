"""Which trained picture a preview looks like, in the latents of the VAE."""

from collections.abc import Mapping, Sequence
from typing import NamedTuple

import torch
import torch.nn.functional as F
from torch import Tensor

SIDE = 8
"""Latents are pooled to so many rows and columns: place and colour count, single strokes do not."""
COPIED = 0.5
"""A preview that is nearer to a trained picture than this share of the distance from there to the next trained picture
is called its copy: within half of it, no other trained picture can be as near.
"""


class Near(NamedTuple):
    """The trained picture that is nearest to a preview."""

    picture: int
    """Its place among the trained ones."""
    distance: float
    """RMS of the pooled latents' difference."""
    share: float
    """The distance over that from the trained picture to its own nearest other trained picture."""

    @property
    def copied(self) -> bool:
        """Whether it is so near that it counts as a copy."""
        return self.share < COPIED


def pooled(latents: Tensor) -> Tensor:
    """(4, h, w) -> (4 * SIDE * SIDE,)."""
    return F.adaptive_avg_pool2d(latents.float(), SIDE).flatten()


def gaps(trained: Sequence[Tensor]) -> list[float]:
    """From each trained picture to its nearest other one that is no duplicate of it; infinity where there is none.

    Args:
        trained: pooled latents.
    """
    found = []
    for place, one in enumerate(trained):
        others = [distance(one, other) for index, other in enumerate(trained) if index != place]
        apart = [value for value in others if value > 1e-3]
        found.append(min(apart, default=float("inf")))
    return found


def distance(one: Tensor, other: Tensor) -> float:
    """RMS of the difference."""
    return float((one - other).double().square().mean().sqrt())


def nearest(preview: Tensor, trained: Sequence[Tensor], apart: Sequence[float]) -> Near:
    """The trained picture that is nearest by its share.

    Args:
        preview: pooled latents; so are ``trained``.
        apart: the ``gaps`` of ``trained``.
    """
    found = [distance(preview, one) for one in trained]
    shares = [one / gap for one, gap in zip(found, apart, strict=True)]
    place = int(torch.tensor(shares).argmin())
    return Near(place, found[place], shares[place])


def share_copied(previews: Mapping[str, Near]) -> float:
    """Which share of the previews are copies."""
    return sum(one.copied for one in previews.values()) / len(previews) if previews else 0.0
