"""Which pictures and captions checkpoints are judged by, and what tells them from others."""

import hashlib
import json
import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from random import Random

import torch

from lib_train.chance import seed_of
from lib_train.config.dataset import DatasetConfig
from lib_train.config.run import RunConfig
from lib_train.dataset.kept import Contents
from lib_train.dataset.latents import LatentStore
from lib_train.dataset.pixels import pixels_of
from lib_train.host.protocol import BaseModel, BaseModelRef
from lib_train.jobs.provenance import base_of, mark_of
from lib_train.judging.probes import Shown
from lib_train.judging.words import Words, words_for
from lib_train.pictures.buckets import crop_of
from lib_train.pictures.captions import compose, steady
from lib_train.pictures.images import open_picture
from lib_train.pictures.records import Picture, Scan
from lib_train.previews.fixed_prompts import trigger_in
from lib_train.store.layout import oldest_first
from lib_train.store.projects import Version
from lib_train.training.validation import timesteps_of

MOST = 16
"""Training pictures that are measured."""
_COMPARED, _PREVIEWS = 8, 32
_WAY = 1
"""Raised when figures are measured otherwise, so that older ones are made anew."""
_UNSEEN_WEIGHT = re.compile(r"-w0(-|$)")


@dataclass(frozen=True, kw_only=True)
class Judging:
    """What checkpoints of one run are judged by. Decided without a model."""

    config: RunConfig
    """The run's own."""
    ref: BaseModelRef
    pictures: tuple[Picture, ...]
    """Of training, at most ``MOST``, chosen by the run's seed."""
    held_out: tuple[Picture, ...]
    words: Words
    mark: str
    """Another one where figures would be others, of the same checkpoint."""

    @property
    def mirrored(self) -> bool:
        """Whether mirror images stand for pictures that were never trained on."""
        return not self.held_out and not self.config.dataset.flip_aug

    @property
    def timesteps(self) -> tuple[int, ...]:
        """Of each band."""
        return timesteps_of(self.config.training.min_timestep, self.config.training.max_timestep)


def judging_of(config: RunConfig, ref: BaseModelRef, found: Scan, version: Version, *, drawn: bool) -> Judging:
    """What the checkpoints of a run with these settings are judged by.

    Args:
        drawn: whether the base model is one of the drawn world.

    Raises:
        TrainToolsError: a file cannot be read.
    """
    trained = [picture for picture in found.pictures if not picture.is_reg]
    pictures = _chosen(trained, MOST, config.training.seed)
    held_out = _chosen(found.held_out, MOST, config.training.seed)
    captions = [caption_of(picture, config.dataset) for picture in trained]
    trigger = trigger_in(config.dataset.caption_prefix, captions, [picture.folder for picture in trained])
    words = words_for(trigger, captions, drawn=drawn)
    judging = Judging(config=config, ref=ref, pictures=pictures, held_out=held_out, words=words, mark="")
    contents = Contents(version.part("cache", "latents") / "contents.json")
    mark = _mark(judging, contents.hash_of)
    contents.save()
    return replace(judging, mark=mark)


def caption_of(picture: Picture, config: DatasetConfig) -> str:
    """As it is trained with all its tags."""
    return compose(picture.caption, steady(config), Random(0), 1)


def _chosen(pictures: Sequence[Picture], most: int, seed: int) -> tuple[Picture, ...]:
    """At most so many, in their order."""
    if len(pictures) <= most:
        return tuple(pictures)
    places = sorted(Random(seed_of(seed, "judge")).sample(range(len(pictures)), most))
    return tuple(pictures[place] for place in places)


def _mark(judging: Judging, hash_of: Callable[[Path], str]) -> str:
    config = judging.config
    training, dataset = config.training, config.dataset
    rows = [(hash_of(one.path), caption_of(one, dataset)) for one in (*judging.pictures, *judging.held_out)]
    told = (
        _WAY, rows, judging.words.neutral, judging.words.pairs, judging.timesteps, training.seed, judging.mirrored,
        (training.clip_skip, training.max_token_length, training.weighted_captions, training.mixed_precision),
        (training.train_batch_size, dataset.size, dataset.alpha_color, str(dataset.bucket_reso_steps)),
        [mark and mark.content for mark in base_of(judging.ref)], judging.ref.prediction_type,
        [(mark_of(Path(file)).content, strength) for file, strength in config.network.background],
    )  # fmt: skip
    return hashlib.sha256(json.dumps(told).encode()).hexdigest()[:32]


class Latents:
    """Latents of the pictures that checkpoints are judged by, from the version's cache where they are there."""

    def __init__(self, judging: Judging, model: BaseModel, version: Version) -> None:
        self._judging = judging
        dataset = replace(steady(judging.config.dataset), color_aug=False, random_crop=False)
        folder = version.part("cache", "latents") if dataset.cache_latents_to_disk else None
        both = replace(dataset, flip_aug=judging.mirrored)
        self._trained = LatentStore(judging.pictures, both, model.vae_key(), folder, model.vae_fault)
        self._held_out = LatentStore(judging.held_out, dataset, model.vae_key(), folder, model.vae_fault)
        self._encode = model.encode_images

    def fill(self) -> Iterator[tuple[int, int]]:
        """Encode what is missing; yields (done, total)."""
        for store in (self._trained, self._held_out):
            yield from store.fill(self._encode)

    def trained(self) -> list[Shown]:
        """Of the training pictures."""
        pictures = self._judging.pictures
        return [self._shown(self._trained, picture, place, False) for place, picture in enumerate(pictures)]

    def unseen(self) -> list[Shown]:
        """Of held-out pictures, or else mirror images of the first training pictures; none where those are trained."""
        judging = self._judging
        if judging.held_out:
            return [self._shown(self._held_out, *pair[::-1], False) for pair in enumerate(judging.held_out)]
        if not judging.mirrored:
            return []
        return [self._shown(self._trained, *pair[::-1], True) for pair in enumerate(judging.pictures[:_COMPARED])]

    def _shown(self, store: LatentStore, picture: Picture, place: int, mirrored: bool) -> Shown:
        fit = store.fits[place]
        left, top = crop_of(fit)
        if mirrored:
            left = fit.resized[0] - fit.bucket[0] - left
        sizes = torch.tensor([picture.height, picture.width, top, left, fit.bucket[1], fit.bucket[0]]).float()
        return Shown(store.moments(place, mirrored)[0], caption_of(picture, self._judging.config.dataset), sizes)


def previews_at(version: Version, checkpoint: Path) -> list[Path]:
    """Preview pictures of a checkpoint that show it, at most the newest ``_PREVIEWS``; none at weight 0."""
    folder = version.inside("previews", checkpoint.stem)
    found = oldest_first(folder.glob("[!.]*.png")) if folder.is_dir() else []
    return [path for path in found if not _UNSEEN_WEIGHT.search(path.stem)][-_PREVIEWS:]


def mark_of_previews(paths: Sequence[Path]) -> str:
    """Another text whenever one of the pictures is another; empty for none."""
    told = [(path.name, path.stat().st_size, path.stat().st_mtime_ns) for path in paths]
    return hashlib.sha256(json.dumps(told).encode()).hexdigest()[:32] if told else ""


def pixels_of_preview(path: Path) -> torch.Tensor:
    """(1, 3, H, W) in [-1, 1], H and W multiples of 64.

    Raises:
        PictureError: it is no picture.
    """
    picture = open_picture(path)
    width, height = (max(64, side // 64 * 64) for side in picture.size)
    return pixels_of(picture.resize((width, height)))[None]
