import pytest

from lib_train.config.codec import section_of
from lib_train.config.dataset import DatasetConfig
from lib_train.config.fields import options_of
from lib_train.config.network import NetworkConfig
from lib_train.config.preview import PreviewConfig
from lib_train.config.run import SECTIONS
from lib_train.config.training import TrainingConfig
from lib_train.errors import ConfigError


@pytest.mark.parametrize(
    ("make", "setting"),
    [
        (lambda: NetworkConfig(conv_alpha=4), "conv_alpha"),
        (lambda: NetworkConfig(network_alpha=1e6), "network_alpha"),
        (lambda: TrainingConfig(max_train_epochs=None), "max_train_epochs"),
        (lambda: TrainingConfig(unet_lr=0, text_encoder_lr=0), "learning_rate"),
        (lambda: TrainingConfig(min_timestep=500, max_timestep=400), "min_timestep"),
        (lambda: TrainingConfig(lr_warmup_steps=1.5, lr_scheduler="linear"), "lr_warmup_steps"),
        (lambda: TrainingConfig(lr_warmup_steps=float("inf"), lr_scheduler="linear"), "lr_warmup_steps"),
        (lambda: TrainingConfig(lr_warmup_steps=10, lr_scheduler="constant"), "lr_warmup_steps"),
        (lambda: TrainingConfig(max_token_length=100), "max_token_length"),
        (lambda: DatasetConfig(bucket_reso_steps=12), "bucket_reso_steps"),
        (lambda: DatasetConfig(resolution=(64,), bucket_reso_steps=128), "bucket_reso_steps"),
        (lambda: DatasetConfig(resolution=(100,)), "resolution"),
        (lambda: DatasetConfig(alpha_color="white"), "alpha_color"),
        (lambda: DatasetConfig(caption_prefix="caf\udce9"), "caption_prefix"),
        (lambda: PreviewConfig(preview_prompts=("a", "caf\udce9")), "preview_prompts"),
        (lambda: DatasetConfig(caption_extension="txt"), "caption_extension"),  # type: ignore[arg-type]
        *(
            (lambda ending=ending: DatasetConfig(caption_extension=(".txt", ending)), "caption_extension")
            for ending in (
                ".py",
                ".PY",
                ".txt.sh",
                ".bat",
                ".js",
                ".html",
                ".svg",
                ".lnk",
                ".",
                ".txt.",
                ".txt ",
                ".a/b",
                ".a\\b",
                ".txt:x",
                ".\0",
                "." + "x" * 30,
                "..py",
                ".desktop",
                ".ps1",
            )
        ),
        (lambda: DatasetConfig(caption_separator=" "), "caption_separator"),
        (lambda: DatasetConfig(resolution=(64, 64, 64)), "resolution"),
        (lambda: DatasetConfig(resolution=("512", "x")), "resolution"),  # type: ignore[arg-type]
        (lambda: PreviewConfig(preview_width=100), "preview_width"),  # type: ignore[arg-type]
        (lambda: PreviewConfig(preview_seeds=()), "preview_seeds"),
    ],
)
def test_each_check_names_its_setting_alone(make, setting):
    with pytest.raises(ConfigError) as caught:
        make()
    assert [problem.setting for problem in caught.value.problems] == [setting]


def test_one_number_is_a_square_training_area():
    assert DatasetConfig(resolution=640).size == (640, 640)  # type: ignore[arg-type]
    assert DatasetConfig(resolution="512, 768").size == (512, 768)  # type: ignore[arg-type]


def test_rates_fall_back_and_zero_freezes():
    assert TrainingConfig(learning_rate=1e-4, text_encoder_lr=5e-5).rates == {"unet": 1e-4, "text_encoder": 5e-5}
    assert TrainingConfig(learning_rate=1e-4, text_encoder_lr=0).rates == {"unet": 1e-4}


def test_every_setting_has_help_and_a_name_of_its_own():
    options = [option for kind in SECTIONS.values() for option in options_of(kind)]
    names = [option.name for option in options]
    assert len(names) == len(set(names)) == len(section_of())
    assert not {"schema", "base_model", "vae", *SECTIONS} & set(names)
    assert all(option.help.endswith(".") and len(option.help) > 10 for option in options)


SLIDERS = [one for kind in SECTIONS.values() for one in options_of(kind) if one.slider]


@pytest.mark.parametrize("declared", SLIDERS, ids=lambda one: one.name)
def test_slider_lies_within_the_limits_and_meets_the_default(declared):
    low, high, step = declared.slider
    assert declared.kind in (int, float)
    assert declared.low <= low or low == declared.off
    assert low < high <= (declared.high or high)
    for value in (high, declared.default):
        if value is not None:
            assert low <= value <= high
            assert round((value - low) / step, 6).is_integer()
    assert declared.kind is float or int(step) == step


def test_people_slide_the_rank_and_type_the_rates():
    names = {one.name for one in SLIDERS}
    assert {"network_dim", "network_alpha", "clip_skip", "noise_offset", "caption_dropout_rate"} <= names
    assert not {"learning_rate", "seed", "max_train_epochs"} & names
