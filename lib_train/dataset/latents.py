"""Latents of all pictures, made once: in memory, and on disk where a folder is given."""

import hashlib
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from pathlib import Path

import torch
from torch import Tensor

from lib_train.config.dataset import DatasetConfig
from lib_train.dataset.kept import Contents, made, read_tensors, write_tensors
from lib_train.dataset.pixels import pixels_of
from lib_train.dataset.uses import used
from lib_train.errors import DatasetError
from lib_train.pictures.buckets import Bucketing
from lib_train.pictures.images import fitted, open_picture
from lib_train.pictures.records import Fit, Picture
from lib_train.texts import say

MeanStd = tuple[Tensor, Tensor]
"""Mean and standard deviation of latents: (B, 4, H / 8, W / 8), or without B for one picture; float32, scaled."""
Encode = Callable[[Tensor], MeanStd]
"""(B, 3, H, W) in [-1, 1] -> mean and standard deviation."""
Why = Callable[[], str]
"""The end of a sentence: why latents can be NaN or infinite, and the way out."""
Item = tuple[int, bool]
"""Place of a picture, and whether it is mirrored."""
_MADE = 3
"""Raised when this package makes other pixels of the same picture, so that older files are not used."""


def cause_unknown() -> str:
    """The ``Why`` of callers that do not know the VAE's file."""
    return say("the VAE or its number format is at fault")


class LatentStore:
    """Mean and deviation of each used picture's latents, so that each use can draw a fresh sample.

    Files are keyed by the picture's content, size, crop and colour behind it, and by ``key``: what the VAE is. A file
    that does not read back is made anew.
    """

    def __init__(
        self,
        pictures: Sequence[Picture],
        config: DatasetConfig,
        key: str,
        folder: Path | None,
        why: Why = cause_unknown,
    ) -> None:
        self._pictures, self._config, self._key, self._why = pictures, config, key, why
        bucketing = Bucketing(config)
        self.fits: list[Fit] = [bucketing.fit(picture.width, picture.height) for picture in pictures]
        sides = (False, True) if config.flip_aug else (False,)
        self._items: list[Item] = [(index, side) for index in used(pictures) for side in sides]
        self._kept: dict[Item, MeanStd] = {}
        self._files: dict[Item, Path] = {}
        if folder is not None:
            self._folder = made(folder)
            self._contents = Contents(folder / "contents.json")
            self._read_all()

    def missing(self) -> list[Item]:
        """What ``fill`` would encode, bucket by bucket."""
        missing = (item for item in self._items if item not in self._kept)
        return sorted(missing, key=lambda item: (self.fits[item[0]].bucket, item))

    def fill(self, encode: Encode) -> Iterator[tuple[int, int]]:
        """Encode what is missing, in batches of one size; yields (done, total) after each.

        Pictures are read by threads while the encoder works.

        Raises:
            DatasetError: a picture cannot be decoded, or its latents are NaN or infinite; names it.
            FileError: the folder cannot be written to.
        """
        missing = self.missing()
        groups = list(self._groups(missing))
        done = 0
        with ThreadPoolExecutor(2) as threads:
            ahead: list[Future[Tensor]] = [threads.submit(self._pixels, group) for group in groups[:2]]
            for place, group in enumerate(groups):
                pixels = ahead.pop(0).result()
                if place + 2 < len(groups):
                    ahead.append(threads.submit(self._pixels, groups[place + 2]))
                self._keep(group, encode(pixels))
                done += len(group)
                yield done, len(missing)

    def moments(self, index: int, flipped: bool) -> MeanStd:
        """Mean and deviation of one picture, (4, H / 8, W / 8) each."""
        return self._kept[index, flipped]

    def _groups(self, items: Sequence[Item]) -> Iterator[list[Item]]:
        group: list[Item] = []
        for item in items:
            full = len(group) == at_once(self.fits[item[0]].bucket, self._config.vae_batch_size)
            if group and (full or self.fits[item[0]].bucket != self.fits[group[0][0]].bucket):
                yield group
                group = []
            group.append(item)
        if group:
            yield group

    def _pixels(self, items: Sequence[Item]) -> Tensor:
        return torch.stack([read_pixels(self._pictures[i], self.fits[i], self._config, mirrored=m) for i, m in items])

    def _keep(self, items: Sequence[Item], found: MeanStd) -> None:
        mean, std = (tensor.float().cpu() for tensor in found)
        for place, (index, flipped) in enumerate(items):
            one = (
                mean[place].clone(memory_format=torch.contiguous_format),
                std[place].clone(memory_format=torch.contiguous_format),
            )
            require_finite(self._pictures[index], one, self._why)
            self._kept[index, flipped] = one
            file = self._files.get((index, flipped))
            if file and file == self._file(index, flipped):  # else the picture changed while it was encoded
                write_tensors(file, {"mean": one[0], "std": one[1]})

    def _file(self, index: int, flipped: bool) -> Path:
        fit, picture = self.fits[index], self._pictures[index]
        parts = (self._contents.hash_of(picture.path), fit.bucket, fit.resized, flipped, self._config.alpha_color)
        digest = hashlib.sha256(repr((_MADE, self._key, *parts)).encode()).hexdigest()
        return self._folder / f"{digest[:40]}.safetensors"

    def _read_all(self) -> None:
        with ThreadPoolExecutor(2) as threads:  # most of it is hashing
            self._files = dict(zip(self._items, threads.map(lambda item: self._file(*item), self._items), strict=True))
        self._contents.save()
        for item, file in self._files.items():
            width, height = self.fits[item[0]].bucket
            found = read_tensors(file)
            shape = (4, height // 8, width // 8)
            if {"mean", "std"} <= found.keys() and found["mean"].shape == found["std"].shape == shape:
                self._kept[item] = found["mean"], found["std"]


def at_once(bucket: tuple[int, int], batch_size: int) -> int:
    """How many pictures of a size are encoded together: as many pixels as ``batch_size`` pictures of 512 x 512 have.

    In float32 SD's encoder holds 2.6 GiB for a picture of 1024 x 1024 (654 MiB for 512 x 512, measured on a CPU).
    """
    return max(1, min(batch_size, batch_size * 512 * 512 // (bucket[0] * bucket[1])))


def require_finite(picture: Picture, found: MeanStd, why: Why) -> None:
    """Raise a DatasetError that names the picture and the cause when its latents are NaN or infinite."""
    if not all(bool(torch.isfinite(tensor).all()) for tensor in found):
        raise DatasetError(say("{path}: its latents are NaN or infinite; {why}", path=picture.path, why=why()))


def read_pixels(picture: Picture, fit: Fit, config: DatasetConfig, *, mirrored: bool) -> Tensor:
    """(3, H, W) in [-1, 1]: the picture cut at its centre to its bucket.

    Raises:
        DatasetError: the picture cannot be decoded, or has another size than it had.
    """
    opened = open_picture(picture.path, config.alpha_color)
    if opened.size != (picture.width, picture.height):
        raise DatasetError(
            say("{path}: was replaced by a picture of another size meanwhile; start again", path=picture.path)
        )
    pixels = pixels_of(fitted(opened, fit))
    return pixels.flip(-1) if mirrored else pixels
