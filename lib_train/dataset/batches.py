"""An epoch as batches of one size each. Order and chance depend on seed, epoch, picture and use alone."""

from collections import Counter
from collections.abc import Callable, Sequence
from functools import cached_property
from random import Random

import torch
from torch import Tensor

from lib_train.config.dataset import DatasetConfig
from lib_train.dataset.contexts import ContextStore
from lib_train.dataset.latents import Encode, LatentStore, Why, cause_unknown, require_finite
from lib_train.dataset.masks import MaskStore
from lib_train.dataset.pixels import pixels_of
from lib_train.dataset.records import Batch, Use
from lib_train.dataset.uses import counts_of, used, uses_of
from lib_train.pictures.buckets import Bucketing, crop_of
from lib_train.pictures.captions import compose
from lib_train.pictures.images import fitted, open_picture, recoloured
from lib_train.pictures.records import Scan


class Batches:
    """Batches of a scanned dataset.

    Regularisation pictures fill up: each counts its repeats, then once more in turn until there are as many uses as
    of training pictures; surplus ones are left out. So they double the steps of an epoch, as in sd-scripts.

    Args:
        batch_size: pictures of a forward pass.
        seed: decides order, crops, captions and samples of latents, together with epoch, picture and use.
        latents: encoded pictures; None encodes each use anew with ``encode_images``.
        contexts: encoded captions; None leaves ``Batch.context`` to the step.
        why: cause and way out in the error for latents that are NaN.
        prior_loss_weight: of regularisation pictures.
        masks: what of the pictures is learned; None is all of them.
        kept: each makes of a caption one for which the base model's prediction is kept, and is chosen as often as the
            others; none where nothing is.
    """

    def __init__(
        self,
        scan: Scan,
        config: DatasetConfig,
        *,
        batch_size: int,
        seed: int,
        latents: LatentStore | None = None,
        contexts: ContextStore | None = None,
        encode_images: Encode | None = None,
        why: Why = cause_unknown,
        prior_loss_weight: float = 1.0,
        masks: MaskStore | None = None,
        kept: Sequence[Callable[[str], str]] = (),
    ) -> None:
        self._pictures, self._config, self._seed = scan.pictures, config, seed
        self._latents, self._contexts, self._encode, self._why = latents, contexts, encode_images, why
        self._batch_size, self._prior, self._masks, self._kept = batch_size, prior_loss_weight, masks, kept
        bucketing = Bucketing(config)
        self._fits = [bucketing.fit(picture.width, picture.height) for picture in scan.pictures]
        uses = counts_of(scan.pictures)
        counts: Counter[tuple[int, int]] = Counter()
        for index, count in uses.items():
            counts[self._fits[index].bucket] += count
        self.buckets: dict[tuple[int, int], int] = {size: count for size, count in sorted(counts.items()) if count}
        """Uses in an epoch of each bucket (width, height)."""
        self.used = sorted(index for index, count in uses.items() if count)
        """Indices of the pictures that an epoch uses, ascending."""

    @cached_property
    def _by_bucket(self) -> dict[tuple[int, int], list[Use]]:
        found: dict[tuple[int, int], list[Use]] = {}
        for use in uses_of(self._pictures):
            found.setdefault(self._fits[use.index].bucket, []).append(use)
        return found

    @property
    def batches_per_epoch(self) -> int:
        """Forward passes of an epoch; a last, smaller batch of each bucket counts."""
        return sum(-(-count // self._batch_size) for count in self.buckets.values())

    @property
    def train_uses(self) -> int:
        """Uses of training pictures in an epoch: pictures times repeats."""
        return sum(picture.repeats for picture in self._pictures if not picture.is_reg)

    def epoch(self, epoch: int) -> list[tuple[Use, ...]]:
        """The epoch's batches: shuffled inside each bucket, cut, and shuffled among buckets."""
        rng = Random(f"{self._seed}/order/{epoch}")
        batches: list[tuple[Use, ...]] = []
        for _, uses in sorted(self._by_bucket.items()):
            order = list(uses)
            rng.shuffle(order)
            cuts = range(0, len(order), self._batch_size)
            batches += [tuple(order[start : start + self._batch_size]) for start in cuts]
        rng.shuffle(batches)
        return batches

    def keep_captions(self, contexts: ContextStore) -> None:
        """Take conditioning from there from now on."""
        self._contexts = contexts

    def batch(self, uses: Sequence[Use], epoch: int) -> Batch:
        """The numbers of one forward pass."""
        chances = [Random(f"{self._seed}/{epoch}/{use.index}/{use.number}") for use in uses]
        captions = [self._caption(use, chance, epoch) for use, chance in zip(uses, chances, strict=True)]
        context, pooled = self._contexts.condition(captions) if self._contexts else (None, None)
        mirrored = [self._config.flip_aug and chance.random() < 0.5 for chance in chances]
        mean, std, crops = self._moments(uses, mirrored, chances)
        noise = torch.stack([_noise(one.shape, chance) for one, chance in zip(mean, chances, strict=True)])
        kept = tuple(self._kept_caption(*one) for one in zip(captions, chances, strict=True)) if self._kept else ()
        kept_context, kept_pooled = self._contexts.condition(kept) if self._contexts and kept else (None, None)
        weights = [self._prior if self._pictures[use.index].is_reg else 1.0 for use in uses]
        return Batch(
            latents=mean + std * noise,
            captions=tuple(captions),
            context=context,
            pooled=pooled,
            sizes=torch.tensor([self._sizes(*one) for one in zip(uses, mirrored, crops, strict=True)]).float(),
            loss_weights=torch.tensor(weights),
            masks=self._masks.batch(uses, mirrored, crops) if self._masks else None,
            kept_captions=kept,
            kept_context=kept_context,
            kept_pooled=kept_pooled,
        )

    def _caption(self, use: Use, chance: Random, epoch: int) -> str:
        return compose(self._pictures[use.index].caption, self._config, chance, epoch)

    def _kept_caption(self, caption: str, chance: Random) -> str:
        return (chance.choice(self._kept) if len(self._kept) > 1 else self._kept[0])(caption)

    def _moments(
        self, uses: Sequence[Use], mirrored: Sequence[bool], chances: Sequence[Random]
    ) -> tuple[Tensor, Tensor, list[tuple[int, int]]]:
        """Mean and deviation of the latents, and the left and top of each crop."""
        if self._latents is not None:
            pairs = [self._latents.moments(use.index, side) for use, side in zip(uses, mirrored, strict=True)]
            crops = [crop_of(self._fits[use.index]) for use in uses]
            return torch.stack([mean for mean, _ in pairs]), torch.stack([std for _, std in pairs]), crops
        assert self._encode is not None
        made = [self._pixels(u.index, side, chance) for u, side, chance in zip(uses, mirrored, chances, strict=True)]
        mean, std = self._encode(torch.stack([pixels for pixels, _ in made]))
        mean, std = mean.float().cpu(), std.float().cpu()
        for use, one in zip(uses, zip(mean, std, strict=True), strict=True):
            require_finite(self._pictures[use.index], one, self._why)
        return mean, std, [crop for _, crop in made]

    def _pixels(self, index: int, mirrored: bool, chance: Random) -> tuple[Tensor, tuple[int, int]]:
        picture = open_picture(self._pictures[index].path, self._config.alpha_color)
        if self._config.color_aug:
            picture = recoloured(picture, chance)
        crop = crop_of(self._fits[index], chance if self._config.random_crop else None)
        pixels = pixels_of(fitted(picture, self._fits[index], crop))
        return pixels.flip(-1) if mirrored else pixels, crop

    def _sizes(self, use: Use, mirrored: bool, crop: tuple[int, int]) -> tuple[int, ...]:
        """See ``Batch.sizes``. A picture is mirrored before it is cut, so its left is what lay on the right.

        Source:
            Podell et al., SDXL, section 2.2, and diffusers' ``train_text_to_image_sdxl.py``. sd-scripts tells instead
            where the picture would stand if it were fitted inside its bucket, whatever was cut.
        """
        picture, fit = self._pictures[use.index], self._fits[use.index]
        left, top = crop
        if mirrored:
            left = fit.resized[0] - fit.bucket[0] - left
        return picture.height, picture.width, top, left, fit.bucket[1], fit.bucket[0]


def captions_of(scan: Scan, config: DatasetConfig) -> list[str]:
    """Every caption that batches will ask for, when captions do not vary."""
    return list(dict.fromkeys(compose(scan.pictures[i].caption, config, Random(0), 1) for i in used(scan.pictures)))


def _noise(shape: torch.Size, chance: Random) -> Tensor:
    return torch.randn(shape, generator=torch.Generator().manual_seed(chance.getrandbits(53)))
