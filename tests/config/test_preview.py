import pytest

from lib_train.config.codec import from_json
from lib_train.config.preview import PreviewConfig
from lib_train.errors import ConfigError


def test_one_width_goes_with_many_heights_and_empty_takes_the_training_size():
    assert PreviewConfig(preview_height=(512, 768)).sizes((640, 1)) == [(640, 512), (640, 768)]
    assert PreviewConfig(preview_width=(64,), preview_height=(512, 768)).sizes((1, 1)) == [(64, 512), (64, 768)]
    assert PreviewConfig().sizes((512, 704)) == [(512, 704)]


def test_settings_files_from_before_these_were_lists_stay_valid():
    old = {
        "preview_sampler": "DPM++ 2M Karras", "preview_steps": 20, "preview_cfg_scale": 7, "preview_width": 512,
        "preview_height": None,
    }  # fmt: skip
    config = from_json({"schema": 1, "preview": old})[0].preview
    assert (config.preview_sampler, config.preview_steps) == (("DPM++ 2M Karras",), (20,))
    assert (config.preview_cfg_scale, config.preview_width, config.preview_height) == ((7.0,), (512,), ())


@pytest.mark.parametrize(
    ("setting", "value"),
    [("preview_cfg_scale", "7, 0.5"), ("preview_steps", ""), ("preview_sampler", ()), ("preview_batch_size", 0),
     ("preview_width", "512, 100"), ("preview_weights", "0, x"),
     ("preview_block_weights", "FACE; 1,0"), ("preview_block_weights", "1;;x,y"),
     ("preview_sheets", "seed:1 | seed:2"), ("preview_sheets", ("seed:1", "x:1"))],
)  # fmt: skip
def test_unusable_preview_settings_are_named(setting, value):
    with pytest.raises(ConfigError, match=setting):
        PreviewConfig(**{setting: value})


def test_three_widths_and_two_heights_belong_to_no_pictures():
    with pytest.raises(ConfigError, match="preview_height.*one height, or 3"):
        PreviewConfig(preview_width=(64, 128, 192), preview_height=(64, 128))
