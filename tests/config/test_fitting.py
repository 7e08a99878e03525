import pytest

from lib_train.config.codec import config_of
from lib_train.config.fitting import fitted, notes_on_fitting
from lib_train.errors import ConfigError


@pytest.mark.parametrize("side", [128, 512, 1024])
def test_empty_resolution_is_the_models_own_and_buckets_follow_it(side):
    dataset = fitted(config_of({"resolution": ""}), side).dataset
    assert dataset.resolution == dataset.size == (side, side)
    assert dataset.bucket_limits == (side // 2, side * 2)
    assert notes_on_fitting(config_of({}), side) == []


@pytest.mark.parametrize("settings", [{"resolution": 512}, {"resolution": "512,768", "max_bucket_reso": 1024}])
def test_settings_that_are_whole_stay_the_very_same(settings):
    config = config_of(settings)
    assert fitted(config, 1024) is config
    assert notes_on_fitting(config, 1024) == []


@pytest.mark.parametrize(
    ("settings", "side", "limits", "notes"),
    [
        ({"min_bucket_reso": 600}, 512, (512, 1024),
         ["min_bucket_reso = 600 is above the shorter side of resolution, so 512 is taken"]),
        ({"min_bucket_reso": 600}, 1024, (600, 2048), []),
        ({"resolution": "512,768", "max_bucket_reso": 640, "min_bucket_reso": 576}, 1024, (512, 768),
         ["min_bucket_reso = 576 is above the shorter side of resolution, so 512 is taken",
          "max_bucket_reso = 640 is below the longer side of resolution, so 768 is taken"]),
        ({"min_bucket_reso": 600, "enable_bucket": False}, 512, (512, 1024), []),
        ({"min_bucket_reso": 600, "bucket_no_upscale": True}, 512, (512, 1024), []),
    ],
)  # fmt: skip
def test_bucket_limits_that_leave_no_bucket_of_the_resolution_follow_it_and_say_so(settings, side, limits, notes):
    config = config_of(settings)
    assert fitted(config, side).dataset.bucket_limits == limits
    assert notes_on_fitting(config, side) == notes
    assert fitted(config, side).dataset.min_bucket_reso == config.dataset.min_bucket_reso


@pytest.mark.parametrize(
    ("settings", "cached", "told"),
    [({"color_aug": True}, False, "color_aug"),
     ({"random_crop": True, "color_aug": True}, False, "color_aug, random_crop varies"),
     ({"color_aug": True, "cache_latents": False}, False, ""), ({"flip_aug": True}, True, "")],
)  # fmt: skip
def test_pictures_that_vary_are_not_cached_whatever_is_set(settings, cached, told):
    config = config_of(settings)
    assert (fitted(config, 512).dataset.cache_latents, config.dataset.caches_latents) == (cached, cached)
    notes = notes_on_fitting(config, 512)
    assert len(notes) == bool(told)
    assert all(note.startswith(f"cache_latents is off for this run: {told}") for note in notes)


def test_a_setting_that_cannot_be_used_at_the_models_own_size_is_named():
    with pytest.raises(ConfigError) as caught:
        fitted(config_of({"bucket_reso_steps": 256}), 128)
    (problem,) = caught.value.problems
    assert (problem.setting, problem.remedy[:24]) == ("bucket_reso_steps", "must be at most 128 for ")
