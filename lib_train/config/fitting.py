"""Settings as a run takes them: what follows from the base model, or from other settings, is filled in."""

from collections.abc import Iterator
from dataclasses import replace

from lib_train.config.dataset import DatasetConfig
from lib_train.config.run import RunConfig
from lib_train.texts import say


def fitted(config: RunConfig, side: int) -> RunConfig:
    """The same settings with a resolution, and without a cache of pictures that vary.

    Args:
        side: pixels of a side that the base model was trained at; the resolution where none is set.

    Raises:
        ConfigError: a setting cannot be used at that resolution.
    """
    dataset = config.dataset
    resolution = dataset.resolution or (side, side)
    if (resolution, dataset.caches_latents) == (dataset.resolution, dataset.cache_latents):
        return config
    return replace(config, dataset=replace(dataset, resolution=resolution, cache_latents=dataset.caches_latents))


def notes_on_fitting(config: RunConfig, side: int) -> list[str]:
    """What of the settings is taken otherwise than it stands there, and why.

    Args:
        config: as a person set it.
        side: as for ``fitted``.
    """
    dataset = replace(config.dataset, resolution=config.dataset.resolution or (side, side))
    return [*_on_buckets(dataset), *_on_cache(dataset)]


def _on_buckets(dataset: DatasetConfig) -> Iterator[str]:
    if not dataset.enable_bucket or dataset.bucket_no_upscale:
        return
    low, high = dataset.bucket_limits
    if (given := dataset.min_bucket_reso) not in (None, low):
        yield say(
            "{name} = {given} is above the shorter side of resolution, so {taken} is taken",
            name="min_bucket_reso", given=given, taken=low,
        )  # fmt: skip
    if (given := dataset.max_bucket_reso) not in (None, high):
        yield say(
            "{name} = {given} is below the longer side of resolution, so {taken} is taken",
            name="max_bucket_reso", given=given, taken=high,
        )  # fmt: skip


def _on_cache(dataset: DatasetConfig) -> Iterator[str]:
    if dataset.cache_latents and dataset.varied:
        yield say("cache_latents is off for this run: {varied} varies each picture", varied=", ".join(dataset.varied))
