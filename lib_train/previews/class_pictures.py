"""Requests of regularisation pictures: what the base model alone makes of a class prompt. Pure."""

import json
from collections.abc import Iterator, Mapping, Sequence
from itertools import islice
from random import Random
from typing import Any, NamedTuple

from lib_train.chance import seed_of
from lib_train.config.dataset import DatasetConfig
from lib_train.config.regularisation import RegularisationConfig
from lib_train.host.protocol import BaseModelRef, PictureRequest
from lib_train.pictures.buckets import Bucketing
from lib_train.pictures.prompts import caption_of, without_networks
from lib_train.pictures.records import Picture
from lib_train.previews.variants import Wildcards

Size = tuple[int, int]
"""Width and height in pixels."""
_SEEDS = 2**32


class ClassPicture(NamedTuple):
    """A regularisation picture that is wanted."""

    request: PictureRequest
    caption: str


def class_pictures(
    config: RegularisationConfig, sizes: Mapping[Size, int], clip_skip: int, wildcards: Wildcards
) -> list[ClassPicture]:
    """All pictures of the settings. More of them begin with the same ones.

    Args:
        sizes: of the training set's buckets, with their uses in an epoch.

    Raises:
        ConfigError: the prompt names a wildcard that cannot be used.
    """
    found = []
    fixed = {config.size: 1} if config.size else sizes
    for number, (width, height) in enumerate(islice(in_proportion(fixed), config.num_class_images)):
        seed = (config.class_seed + number) % _SEEDS
        prompt = without_networks(wildcards.varied(config.class_prompt, Random(seed_of(seed, "class_prompt")))).strip()
        request = PictureRequest(
            prompt=prompt, negative_prompt=config.class_negative_prompt, seed=seed, sampler=config.class_sampler,
            steps=config.class_steps, cfg_scale=config.class_cfg_scale, width=width, height=height, clip_skip=clip_skip,
        )  # fmt: skip
        caption = config.class_word.strip() if config.class_caption == "class" else caption_of(prompt)
        found.append(ClassPicture(request, caption))
    return found


def bucket_sizes_of(pictures: Sequence[Picture], dataset: DatasetConfig) -> dict[Size, int]:
    """Sizes of the buckets that training pictures are brought to, with their uses; the training size without any."""
    fit, found = Bucketing(dataset).fit, dict[Size, int]()
    for picture in pictures:
        if not picture.is_reg:
            size = fit(picture.width, picture.height).bucket
            found[size] = found.get(size, 0) + picture.repeats
    return found or {dataset.size: 1}


def in_proportion(weights: Mapping[Size, int]) -> Iterator[Size]:
    """Endless sizes; among the first n each has its share of n, to within one.

    >>> [width for width, _ in islice(in_proportion({(1, 1): 2, (2, 2): 1}), 6)]
    [1, 2, 1, 1, 2, 1]
    """
    total, ordered = sum(weights.values()), sorted(weights, key=lambda size: (-weights[size], size))
    given = dict.fromkeys(ordered, 0)
    number = 0
    while True:
        number += 1
        size = max(ordered, key=lambda one: weights[one] * number / total - given[one])
        given[size] += 1
        yield size


def identity_of(request: PictureRequest, ref: BaseModelRef) -> str:
    """What a picture is known again by: its request with the base model, as JSON."""
    facts: dict[str, Any] = {name: value for name, value in request.facts().items() if name != "weight"}
    facts |= {"background": request.background, "model": ref.title, "vae": ref.vae.name if ref.vae else ""}
    return json.dumps(facts, ensure_ascii=False, sort_keys=True)
