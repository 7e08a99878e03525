import math
from itertools import product
from random import Random

import pytest

from lib_train.config.dataset import DatasetConfig
from lib_train.errors import ConfigError
from lib_train.pictures.buckets import Bucketing, bucket_sizes, crop_of
from lib_train.pictures.records import Fit


def bucketing(side, **settings):
    resolution = side if isinstance(side, tuple) else (side,)
    return Bucketing(DatasetConfig(resolution=resolution, **settings))


@pytest.mark.parametrize(
    ("size", "low", "high", "step", "count"),
    [((512, 512), 256, 1024, 64, 17), ((768, 768), 256, 1024, 64, 19), ((1024, 1024), 256, 2048, 64, 41),
     ((512, 768), 256, 1024, 64, 19), ((1024, 1024), 512, 2048, 32, 65)],
)  # fmt: skip
def test_sizes_are_those_of_sd_scripts(size, low, high, step, count):
    """Counts read off kohya's sd-scripts, commit 48d368fa."""
    assert len(bucket_sizes(*size, low, high, step)) == count  # type: ignore[call-arg]


def test_sizes_at_512_are_those_of_sd_scripts():
    half = [(256, 832), (256, 896), (256, 960), (256, 1024), (320, 704), (320, 768), (384, 640), (448, 576)]
    mirrors = [(height, width) for width, height in half]
    assert bucket_sizes(512, 512, 256, 1024, 64) == sorted([*half, (512, 512), *mirrors])


@pytest.mark.parametrize(
    ("size", "bucket", "resized"),
    [
        ((1024, 768), (576, 448), (597, 448)),
        ((1920, 1080), (640, 384), (683, 384)),
        ((300, 300), (512, 512), (512, 512)),
        ((3000, 1000), (832, 256), (832, 277)),
        ((512, 512), (512, 512), (512, 512)),
    ],
)
def test_pictures_go_into_the_bucket_of_the_nearest_proportions(size, bucket, resized):
    fit = bucketing(512).fit(*size)
    assert (fit.bucket, fit.resized) == (bucket, resized)


@pytest.mark.parametrize(
    ("size", "bucket"),
    [((3072, 3000), (512, 512)), ((300, 300), (256, 256)), ((1024, 768), (576, 448)), ((640, 448), (576, 448)),
     ((512, 512), (512, 512)), ((10_000, 70), (4096, 64)), ((70, 10_000), (64, 4096)), ((3000, 130), (2048, 128))],
)  # fmt: skip
def test_no_upscale_takes_the_largest_box_that_needs_no_enlarging(size, bucket):
    """sd-scripts puts 3072 x 3000 into 448 x 448 and 1024 x 768 into 512 x 384: a step is lost by flooring twice."""
    fit = bucketing(512, bucket_no_upscale=True).fit(*size)
    assert fit.bucket == bucket
    assert fit.resized[0] <= size[0]
    assert fit.resized[1] <= size[1]


@pytest.mark.parametrize(
    ("size", "fit"),
    [((40, 40), ((64, 64), (64, 64))), ((9, 500), ((64, 3520), (64, 3556))), ((500, 40), ((768, 64), (800, 64))),
     ((8, 4000), ((64, 4096), (64, 32000)))],
)  # fmt: skip
def test_no_upscale_enlarges_only_what_is_thinner_than_a_step(size, fit):
    """sd-scripts makes a bucket with a side of 0 of these."""
    found = bucketing(512, bucket_no_upscale=True).fit(*size)
    assert (found.bucket, found.resized) == fit


@pytest.mark.parametrize("size", [(w, h) for w in (100, 333, 640, 2000) for h in (100, 417, 900, 3100)])
@pytest.mark.parametrize("settings", [{}, {"bucket_no_upscale": True}, {"enable_bucket": False}])
def test_every_fit_covers_its_bucket_and_keeps_to_the_area(size, settings):
    fit = bucketing((512, 768), **settings).fit(*size)
    assert fit.resized[0] >= fit.bucket[0]
    assert fit.resized[1] >= fit.bucket[1]
    assert fit.bucket[0] * fit.bucket[1] <= 512 * 768
    assert all(side % 8 == 0 and side > 0 for side in fit.bucket)


def worth(width, height, bucket):
    """Share of the training area that is used, times the square of the share of the picture that is kept."""
    scale = max(bucket[0] / width, bucket[1] / height)
    return bucket[0] * bucket[1] * (bucket[0] * bucket[1] / (width * scale * height * scale)) ** 2


@pytest.mark.parametrize("resolution", [(512,), (512, 768)], ids=str)
def test_no_upscale_is_the_best_of_all_boxes_for_pictures_of_usual_proportions(resolution):
    area, chance = resolution[0] * resolution[-1], Random(1)
    found = bucketing(resolution, bucket_no_upscale=True)
    for _ in range(80):
        width = chance.randint(256, 2000)
        height = int(width * chance.uniform(0.6, 1.6))
        sides = (range(64, length + 1, 64) for length in (width, height))
        boxes = [box for box in product(*sides) if box[0] * box[1] <= area]
        best = max(worth(width, height, box) for box in boxes)
        assert worth(width, height, found.fit(width, height).bucket) == pytest.approx(best, rel=0.01), (width, height)


@pytest.mark.parametrize(
    ("size", "fit"),
    [
        ((127, 128), ((64, 64), (64, 65))),  # not 64 x 128, of which half of the picture would be cut off
        ((128, 127), ((64, 64), (65, 64))),
        ((48, 143), ((64, 128), (64, 191))),  # 190.67 long, so not 192
        ((143, 48), ((128, 64), (191, 64))),
    ],
)
def test_no_upscale_near_one_step(size, fit):
    found = bucketing(512, bucket_no_upscale=True).fit(*size)
    assert (found.bucket, found.resized) == fit


def test_without_buckets_every_picture_covers_the_resolution():
    fit = bucketing((512, 768), enable_bucket=False).fit(1000, 1000)
    assert (fit.bucket, fit.resized) == ((512, 768), (768, 768))


def test_crop_is_at_the_centre_or_anywhere_by_chance():
    fit = Fit((64, 32), (71, 35))
    assert crop_of(fit) == (3, 1)
    assert {crop_of(fit, Random(seed)) for seed in range(400)} == {(x, y) for x in range(8) for y in range(4)}


@pytest.mark.parametrize(
    ("size", "bucket"),
    [((10000, 70), (4096, 64)), ((70, 10000), (64, 4096)), ((3000, 70), (2880, 64)), ((500, 20), (1600, 64))],
)
def test_strips_are_not_cut_down_to_a_square(size, bucket):
    config = DatasetConfig(resolution=(512,), bucket_no_upscale=True)
    assert Bucketing(config).fit(*size).bucket == bucket


RESOLUTIONS = [(64,), (72,), (128,), (512,), (1000,), (64, 4096), (4096, 64), (512, 768), (2048,)]
STEPS = [8, 24, 64, 72, 128, 200, 256, 504, 512]
LIMITS = [(low, high) for low in (None, 32, 64, 100, 256, 513) for high in (None, 64, 500, 1024, 8192)]
SIZES = [(8, 8), (9, 5000), (5000, 9), (640, 480), (77, 1024), (3000, 3001)]
COMBINATIONS = [
    (resolution, step, limits, kind)
    for resolution in RESOLUTIONS
    for step in STEPS
    for limits in LIMITS
    for kind in ({}, {"bucket_no_upscale": True}, {"enable_bucket": False})
]


def require_sound(config, size):
    """A fit that a model can be trained with, inside of what the settings ask for."""
    fit = Bucketing(config).fit(*size)
    (width, height), step = fit.bucket, config.bucket_reso_steps
    assert {type(side) for side in (*fit.bucket, *fit.resized)} == {int}
    assert min(fit.bucket) > 0
    assert (width % 8, height % 8) == (0, 0)
    assert width * height <= config.size[0] * config.size[1]
    assert fit.resized[0] >= width
    assert fit.resized[1] >= height
    if config.enable_bucket:
        assert (width % step, height % step) == (0, 0)
    if config.enable_bucket and not config.bucket_no_upscale:
        low, high = config.bucket_limits
        assert low // step * step <= min(fit.bucket)
        assert max(fit.bucket) < high + step


def made(resolution, step, limits, kind):
    """The settings, or the names of those that are refused."""
    low, high = limits
    try:
        return DatasetConfig(
            resolution=resolution, bucket_reso_steps=step, min_bucket_reso=low, max_bucket_reso=high, **kind
        )
    except ConfigError as error:
        return {problem.setting for problem in error.problems}


@pytest.mark.parametrize("seed", range(4))
def test_any_settings_of_buckets_work_or_are_refused_in_words(seed):
    for resolution, step, limits, kind in Random(seed).sample(COMBINATIONS, 250):
        config = made(resolution, step, limits, kind)
        if isinstance(config, DatasetConfig):
            for size in SIZES:
                require_sound(config, size)
        else:
            assert kind != {"enable_bucket": False}
            assert config <= {"bucket_reso_steps", "min_bucket_reso", "max_bucket_reso"}


@pytest.mark.parametrize("resolution", RESOLUTIONS, ids=str)
@pytest.mark.parametrize("step", STEPS)
def test_step_of_buckets_is_refused_only_where_no_bucket_has_so_small_an_area(resolution, step):
    area = resolution[0] * resolution[-1]
    if step * step <= area:
        for size in SIZES:
            require_sound(DatasetConfig(resolution=resolution, bucket_reso_steps=step), size)
    else:
        with pytest.raises(ConfigError, match=rf"bucket_reso_steps = {step}: must be at most \d+ for a resolution of"):
            DatasetConfig(resolution=resolution, bucket_reso_steps=step)
        DatasetConfig(resolution=resolution, bucket_reso_steps=math.isqrt(area) // 8 * 8)


@pytest.mark.parametrize(
    ("resolution", "limits"),
    [((512,), (256, 1024)), ((128,), (64, 256)), ((64,), (32, 128)), ((1024,), (512, 2048)), ((768, 1024), (384, 2048)),
     ((4096,), (2048, 8192))],
)  # fmt: skip
def test_limits_of_buckets_follow_the_resolution_unless_they_are_set(resolution, limits):
    assert DatasetConfig(resolution=resolution).bucket_limits == limits
    side = min(resolution)
    chosen = DatasetConfig(resolution=resolution, min_bucket_reso=side, max_bucket_reso=8192)
    assert chosen.bucket_limits == (side, 8192)


def test_buckets_at_1024_have_the_sides_that_sdxl_was_trained_on():
    sizes = bucket_sizes(1024, 1024, *DatasetConfig(resolution=(1024,)).bucket_limits, 64)
    assert {(512, 2048), (832, 1216), (1024, 1024), (1536, 640), (2048, 512)} <= set(sizes)
