"""Loss masks of pictures, cut and mirrored as their pictures are."""

from collections.abc import Sequence
from typing import Any

import numpy
import torch
import torch.nn.functional as F
from torch import Tensor

from lib_train.dataset.records import Use
from lib_train.pictures.buckets import crop_of
from lib_train.pictures.images import fitted
from lib_train.pictures.masks import learned_part
from lib_train.pictures.records import Fit, Picture


class MaskStore:
    """Masks at the size of latents; those of centred crops are made once and kept in memory.

    Args:
        files: whether mask files count.
        alpha: whether the transparency of a picture that has no mask file counts.
    """

    def __init__(self, pictures: Sequence[Picture], fits: Sequence[Fit], *, files: bool, alpha: bool) -> None:
        self._pictures, self._fits, self._files, self._alpha = pictures, fits, files, alpha
        self._kept: dict[Any, Tensor | None] = {}

    def batch(self, uses: Sequence[Use], mirrored: Sequence[bool], crops: Sequence[tuple[int, int]]) -> Tensor | None:
        """(B, 1, H / 8, W / 8), float32 in [0, 1], 1 where a picture has no mask; None where none of them has one.

        Args:
            crops: left and top of each, in pixels of the resized picture.

        Raises:
            PictureError: a mask, or a picture whose transparency is wanted, is damaged.
        """
        found = [
            self._of(use.index, *moved) for use, moved in zip(uses, zip(mirrored, crops, strict=True), strict=True)
        ]
        masks = [one for one in found if one is not None]
        if not masks:
            return None
        return torch.stack([torch.ones_like(masks[0]) if one is None else one for one in found])

    def _of(self, index: int, mirrored: bool, crop: tuple[int, int]) -> Tensor | None:
        place = index, mirrored
        if crop != crop_of(self._fits[index]):
            return self._made(index, mirrored, crop)
        if place not in self._kept:
            self._kept[place] = self._made(index, mirrored, crop)
        return self._kept[place]

    def _made(self, index: int, mirrored: bool, crop: tuple[int, int]) -> Tensor | None:
        mask = learned_part(self._pictures[index], files=self._files, alpha=self._alpha)
        if mask is None:
            return None
        pixels = torch.from_numpy(numpy.array(fitted(mask, self._fits[index], crop))).float() / 255
        height, width = pixels.shape
        pixels = pixels.flip(-1) if mirrored else pixels
        return F.interpolate(pixels[None, None], size=(height // 8, width // 8), mode="area")[0]
