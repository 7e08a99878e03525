"""Latents of all pictures, made once: in memory, and on disk where a folder is given."""

import hashlib
import json
import os
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from pathlib import Path

import torch
from safetensors import SafetensorError
from safetensors.torch import load_file, save_file
from torch import Tensor

from lib_train.config.dataset import DatasetConfig
from lib_train.dataset.buckets import Bucketing
from lib_train.dataset.images import fitted, open_picture, pixels_of
from lib_train.dataset.records import Fit, Picture
from lib_train.errors import DatasetError

MeanStd = tuple[Tensor, Tensor]
"""Mean and standard deviation of latents: (B, 4, H / 8, W / 8), or without B for one picture; float32, scaled."""
Encode = Callable[[Tensor], MeanStd]
"""(B, 3, H, W) in [-1, 1] -> mean and standard deviation."""
Item = tuple[int, bool]
"""Place of a picture, and whether it is mirrored."""


class LatentStore:
    """Mean and deviation of each picture's latents, so that each use can draw a fresh sample.

    Files are keyed by the picture's content, size, crop and colour behind it, and by ``key``: what the VAE is. A file
    that does not read back is made anew.
    """

    def __init__(self, pictures: Sequence[Picture], config: DatasetConfig, key: str, folder: Path | None) -> None:
        self._pictures, self._config, self._key = pictures, config, key
        bucketing = Bucketing(config)
        self.fits: list[Fit] = [bucketing.fit(picture.width, picture.height) for picture in pictures]
        self._folder = folder
        self._kept: dict[Item, MeanStd] = {}
        if folder is not None:
            folder.mkdir(parents=True, exist_ok=True)
            self._contents = _Contents(folder / "contents.json")
            self._read_all()

    def missing(self) -> list[Item]:
        """What ``fill`` would encode, bucket by bucket."""
        sides = (False, True) if self._config.flip_aug else (False,)
        items = [(index, side) for index in range(len(self._pictures)) for side in sides]
        return sorted((i for i in items if i not in self._kept), key=lambda item: (self.fits[item[0]].bucket, item))

    def fill(self, encode: Encode) -> Iterator[tuple[int, int]]:
        """Encode what is missing, in batches of one size; yields (done, total) after each.

        Pictures are read by threads while the encoder works.

        Raises:
            DatasetError: a picture cannot be decoded, or its latents are NaN or infinite; names it.
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
        if self._folder is not None:
            self._contents.save()

    def moments(self, index: int, flipped: bool) -> MeanStd:
        """Mean and deviation of one picture, (4, H / 8, W / 8) each."""
        return self._kept[index, flipped]

    def _groups(self, items: Sequence[Item]) -> Iterator[list[Item]]:
        group: list[Item] = []
        for item in items:
            full = len(group) == self._config.vae_batch_size
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
            if not all(bool(torch.isfinite(tensor).all()) for tensor in one):
                raise DatasetError(
                    f"{self._pictures[index].path}: its latents are NaN or infinite; "
                    "the VAE overflows in half precision: use a VAE made for fp16, or run with --device cpu"
                )
            self._kept[index, flipped] = one
            if self._folder is not None:
                _write(self._file(index, flipped), {"mean": one[0], "std": one[1]})

    def _file(self, index: int, flipped: bool) -> Path:
        assert self._folder is not None
        fit, picture = self.fits[index], self._pictures[index]
        parts = (self._contents.hash_of(picture.path), fit.bucket, fit.resized, flipped, self._config.alpha_color)
        digest = hashlib.sha256(repr((self._key, *parts)).encode()).hexdigest()
        return self._folder / f"{digest[:40]}.safetensors"

    def _read_all(self) -> None:
        for index, flipped in self.missing():
            path = self._file(index, flipped)
            width, height = self.fits[index].bucket
            found = _read(path) if path.exists() else None
            shape = (4, height // 8, width // 8)
            if found and {"mean", "std"} <= found.keys() and found["mean"].shape == found["std"].shape == shape:
                self._kept[index, flipped] = found["mean"], found["std"]


def read_pixels(picture: Picture, fit: Fit, config: DatasetConfig, *, mirrored: bool) -> Tensor:
    """(3, H, W) in [-1, 1]: the picture cut at its centre to its bucket."""
    pixels = pixels_of(fitted(open_picture(picture.path, config.alpha_color), fit))
    return pixels.flip(-1) if mirrored else pixels


def _read(path: Path) -> dict[str, Tensor] | None:
    try:
        return dict(load_file(path))
    except (OSError, ValueError, SafetensorError):
        return None


def _write(path: Path, tensors: dict[str, Tensor]) -> None:
    partial = path.with_suffix(f".{os.getpid()}.partial")
    save_file(tensors, partial)
    os.replace(partial, path)


class _Contents:
    """sha256 of files, remembered by size and time of change."""

    def __init__(self, path: Path) -> None:
        self._path = path
        try:
            kept = json.loads(path.read_text(encoding="utf-8"))
        except (OSError, ValueError, RecursionError):
            kept = {}
        entries = kept.items() if isinstance(kept, dict) else ()
        self._known: dict[str, list[int | str]] = {
            name: entry for name, entry in entries if isinstance(entry, list) and len(entry) == 3
        }

    def hash_of(self, file: Path) -> str:
        stat = file.stat()
        known = self._known.get(str(file))
        if not known or known[:2] != [stat.st_size, stat.st_mtime_ns]:
            known = [stat.st_size, stat.st_mtime_ns, hashlib.sha256(file.read_bytes()).hexdigest()]
            self._known[str(file)] = known
        return str(known[2])

    def save(self) -> None:
        partial = self._path.with_suffix(f".{os.getpid()}.partial")
        partial.write_text(json.dumps(self._known), encoding="utf-8")
        os.replace(partial, self._path)
