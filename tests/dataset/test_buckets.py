from random import Random

import pytest

from lib_train.config.dataset import DatasetConfig
from lib_train.dataset.buckets import Bucketing, bucket_sizes, crop_of
from lib_train.dataset.records import Fit


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
    assert len(bucket_sizes(*size, low, high, step)) == count


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
