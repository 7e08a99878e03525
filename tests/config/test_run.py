import pytest

from lib_train.config.dataset import DatasetConfig
from lib_train.config.network import NetworkConfig
from lib_train.config.preview import PreviewConfig
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
