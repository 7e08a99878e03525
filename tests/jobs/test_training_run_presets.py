"""Published recipes run from their presets, and their numbers arrive in the file as they were published."""

import json
from typing import Any

import pytest

from lib_train.checkpoints.files import read_metadata
from lib_train.config.codec import config_of
from lib_train.config.presets import PRESETS
from tests.jobs.stopping import draw

STEPS = {"max_train_steps": 2}
"""All that is changed: no published number of theirs but the length, which the plan is asked for instead."""
_CHAR = {
    "ss_learning_rate": "0.0001", "ss_text_encoder_lr": "4.4e-05", "ss_color_aug": "True", "ss_flip_aug": "True",
    "ss_enable_bucket": "True", "ss_bucket_no_upscale": "True", "ss_shuffle_caption": "False", "ss_keep_tokens": "0",
    "ss_num_reg_images": "0",
}  # fmt: skip
_CHAR_LARGE = {**_CHAR, "ss_network_dim": "128", "ss_network_alpha": "64.0"}
_CONVS = {"conv_dim": 128, "conv_alpha": 64.0}
_BOOK = {
    "ss_resolution": "(768, 768)", "ss_caption_dropout_rate": "0.1", "ss_keep_tokens": "1",
    "ss_keep_tags": "('1girl', '1boy', '2girls', 'solo')",
}  # fmt: skip
PUBLISHED: dict[str, dict[str, Any]] = {
    "CherryCat": {
        "ss_network_dim": "32", "ss_network_alpha": "32.0", "ss_resolution": "(768, 1024)",
        "ss_batch_size_per_device": "4", "ss_noise_offset": "0.05", "ss_clip_skip": "2",
    },
    "rimochan": {
        "ss_network_dim": "10", "ss_network_alpha": "2.0", "ss_batch_size_per_device": "2",
        "ss_optimizer": "lion_pytorch.lion_pytorch.Lion", "ss_text_encoder_lr": "2e-05", "ss_unet_lr": "5e-05",
        "ss_lr_scheduler": "cosine_with_restarts",
    },
    "CharFramework": {**_CHAR_LARGE, "ss_network_module": "networks.lora", "ss_network_args": _CONVS},
    "CharFramework-LoCon": {**_CHAR_LARGE, "ss_network_args": _CONVS},
    "CharFramework-LoHa": {
        **_CHAR, "ss_network_dim": "32", "ss_network_alpha": "16.0", "ss_network_module": "lycoris.kohya",
        "ss_network_args": {"algo": "loha", "preset": "auto", "conv_dim": 32, "conv_alpha": 16.0},
    },
    "course": {
        "ss_network_dim": "32", "ss_network_alpha": "16.0", "ss_resolution": "(512, 512)",
        "ss_batch_size_per_device": "1", "ss_unet_lr": "0.0001", "ss_text_encoder_lr": "1e-05",
    },
    "Notebook": {**_BOOK, "ss_network_dim": "32"},
    "Notebook-128": {**_BOOK, "ss_network_dim": "128"},
    "Notebook-Full": {
        **_BOOK, "ss_unet_lr": "1e-05", "ss_text_encoder_lr": "2e-06",
        "ss_network_args": {"algo": "full", "preset": "attn-mlp"},
    },
}  # fmt: skip
"""As it stands in the descriptions of the recipes, not in the presets; the course has alpha = half of the rank."""
LENGTHS = {
    "CherryCat": 8 * 3, "rimochan": 1000, "CharFramework": 1000, "CharFramework-LoCon": 1000,
    "CharFramework-LoHa": 1000, "course": 10 * 10,
}  # fmt: skip
"""Steps for ten uses: eight epochs in batches of four, ten in batches of one, or as many as were published."""


@pytest.fixture
def set_of_ten(tmp_path):
    """Ten drawings of one shape, counted once each."""
    for place in range(10):
        draw(tmp_path / "ten" / "1_girl", f"{place}", (20 * place, 90, 200), "mi_cv, 1girl, solo, hat, blue eyes")
    return tmp_path / "ten"


def test_every_published_recipe_is_followed():
    assert PUBLISHED.keys() == PRESETS.keys()


@pytest.mark.parametrize("name", PUBLISHED)
def test_numbers_of_a_recipe_arrive_in_its_file(service, set_of_ten, name):
    """Every published number but the length, which is that of the plan."""
    whole = config_of({**PRESETS[name].settings, "train_data_dir": [str(set_of_ten)]})
    if name in LENGTHS:
        assert service.plan(whole).plan.total_steps == LENGTHS[name]
    made = service.train("p", "v1", config_of({**PRESETS[name].settings, **STEPS, "train_data_dir": [str(set_of_ten)]}))
    metadata = read_metadata(made.checkpoints[-1])
    for key, told in PUBLISHED[name].items():
        assert (json.loads(metadata[key]) if isinstance(told, dict) else metadata[key]) == told, key
