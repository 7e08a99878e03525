"""What a file tells of the settings that it was trained with: real runs on a fake model, read back."""

import json
import shutil
from typing import Any

import pytest

from lib_train.checkpoints.files import read_metadata
from lib_train.checkpoints.like_file import like
from lib_train.checkpoints.metadata import network_metadata
from lib_train.config.codec import config_of, section_of
from lib_train.config.fields import options_of
from lib_train.config.run import SECTIONS
from tests.checkpoints.test_metadata import facts
from tests.jobs.stopping import draw

DECLARED = {one.name: one for kind in SECTIONS.values() for one in options_of(kind)}
BLOCKS = tuple(range(1, 26))
RUNS: dict[str, dict[str, Any]] = {
    "words": {
        "network_dim": 4, "network_alpha": 2.5, "conv_dim": 3, "conv_alpha": 1.5, "network_dropout": 0.1,
        "rank_dropout": 0.2, "module_dropout": 0.3, "tlora": True, "tlora_min_rank": 2, "tlora_alpha": 2.0,
        "rs_lora": True, "block_dims": BLOCKS, "block_alphas": BLOCKS[::-1], "conv_block_dims": BLOCKS,
        "conv_block_alphas": BLOCKS[::-1], "network_layers": ("*unet*", "*te*"), "network_layers_exclude": ("*to_k",),
        "resolution": (64, 128), "min_bucket_reso": 32, "max_bucket_reso": 160, "bucket_reso_steps": 32,
        "alpha_color": "#102030", "caption_separator": ";", "caption_prefix": "(mochi)", "caption_suffix": "end",
        "shuffle_caption": True, "keep_tokens": 1, "keep_tokens_separator": "|||", "keep_tags": ("cat", "hat, red"),
        "drop_tags": ("7",), "caption_dropout_rate": 0.25, "caption_dropout_every_n_epochs": 7,
        "caption_tag_dropout_rate": 0.5, "max_train_steps": 4, "train_batch_size": 2, "gradient_accumulation_steps": 2,
        "learning_rate": 3e-4, "unet_lr": 2e-3, "text_encoder_lr": 5e-5, "text_encoder_stop": 0.5,
        "loraplus_lr_ratio": 2.0, "loraplus_unet_lr_ratio": 4.0, "loraplus_text_encoder_lr_ratio": 8.0,
        "optimizer_type": "Lion", "optimizer_args": {"weight_decay": 0.25}, "lr_scheduler": "polynomial",
        "lr_scheduler_power": 2.0, "lr_warmup_steps": 1.0, "max_grad_norm": 0.5, "mixed_precision": "bf16",
        "clip_skip": 2, "max_token_length": 150, "weighted_captions": True, "down_lr_weight": "linear+0.5",
        "mid_lr_weight": "0.5", "up_lr_weight": "zeros", "block_lr_zero_threshold": 0.25, "training_comment": "mine",
    },
    "noise": {
        "network_type": "lokr", "factor": 2, "decompose_both": True, "full_matrix": True, "dora_wd": True,
        "network_preset": "full", "train_norm": True, "use_tucker": True, "enable_bucket": False, "random_crop": True,
        "flip_aug": True, "color_aug": True, "cache_latents": False, "max_train_epochs": 1, "seed": 7,
        "lr_scheduler": "cosine_with_restarts", "lr_scheduler_num_cycles": 2, "gradient_checkpointing": True,
        "noise_offset": 0.1, "noise_offset_random_strength": True, "adaptive_noise_scale": 0.01,
        "balanced_noise_offset": True, "multires_noise_iterations": 2, "multires_noise_discount": 0.2,
        "ip_noise_gamma": 0.1, "ip_noise_gamma_random_strength": True, "min_timestep": 100, "max_timestep": 900,
        "timestep_shape": "laplace", "timestep_mean": -1.0, "timestep_spread": 0.5, "timestep_alpha": 2.0,
        "timestep_shift": 3.0, "fixed_timesteps_in_batch": True, "min_snr_gamma": 5.0, "soft_min_snr_gamma": 4.0,
        "p2_gamma": 0.5, "debiased_estimation_loss": True, "scale_v_pred_loss_like_noise_pred": True,
        "v_pred_like_loss": 0.5, "loss_type": "huber", "huber_schedule": "exponential", "huber_c": 0.2,
        "huber_scale": 2.0, "prior_loss_weight": 0.5, "masked_loss": True, "alpha_mask": True, "unmasked_weight": 0.1,
        "normalize_masked_area_loss": True, "masked_prior_weight": 0.5, "prior_preservation": "class",
        "prior_preservation_weight": 2.0, "prior_preservation_class": "cat", "prior_preservation_trigger": "number",
        "validation_split": 0.25, "validation_seed": 5, "validate_every_n_steps": 2, "validate_every_n_epochs": 1,
        "max_validation_steps": 1, "ema": "beside", "ema_decay": 0.5, "ema_update_step_interval": 2,
    },
    "norms": {"bucket_no_upscale": True, "network_preset": "unet-transformer-only", "scale_weight_norms": 0.5,
              "max_train_steps": 1},
    "begun": {"network_init": "pissa", "max_train_steps": 1},
    "going on": {"network_weights": "A.safetensors", "base_weights": ("B.safetensors",),
                 "base_weights_multiplier": (0.5,), "max_train_steps": 1},
}  # fmt: skip
"""Settings, each otherwise than its default. They need not make sense together."""
_UP, _DOWN = ",".join(map(str, BLOCKS)), ",".join(map(str, BLOCKS[::-1]))
TOLD: dict[str, dict[str, Any]] = {
    "words": {
        "ss_network_module": "networks.lora",
        "ss_network_args": {
            "conv_dim": 3, "conv_alpha": 1.5, "dropout": 0.1, "rank_dropout": 0.2, "module_dropout": 0.3, "tlora": True,
            "tlora_min_rank": 2, "tlora_alpha": 2.0, "rs_lora": True, "block_dims": _UP, "block_alphas": _DOWN,
            "conv_block_dims": _UP, "conv_block_alphas": _DOWN, "network_layers": "*unet*;*te*",
            "network_layers_exclude": "*to_k", "loraplus_lr_ratio": 2.0, "loraplus_unet_lr_ratio": 4.0,
            "loraplus_text_encoder_lr_ratio": 8.0, "down_lr_weight": "linear+0.5", "mid_lr_weight": "0.5",
            "up_lr_weight": "zeros", "block_lr_zero_threshold": "0.25",
        },
        "ss_dataset_dirs": {"1_cat": {"n_repeats": 1, "img_count": 6}}, "ss_resolution": "(64, 128)",
        "ss_reg_dataset_dirs": {"2_any": {"n_repeats": 2, "img_count": 1}}, "ss_min_bucket_reso": "32",
        "ss_max_bucket_reso": "160", "ss_max_train_steps": "4", "ss_unet_lr": "0.002", "ss_text_encoder_lr": "5e-05",
        "ss_optimizer": "lion_pytorch.lion_pytorch.Lion(weight_decay=0.25)", "ss_lr_warmup_steps": "1",
        "ss_mixed_precision": "bf16", "ss_total_batch_size": "4", "ss_num_train_images": "6",
    },
    "noise": {
        "ss_network_module": "lycoris.kohya",
        "ss_network_args": {"algo": "lokr", "preset": "full", "use_tucker": True, "train_norm": True, "conv_dim": 16,
                            "conv_alpha": 8.0, "factor": 2, "decompose_both": True, "full_matrix": True,
                            "dora_wd": True, "wd_on_output": False},
        "ss_min_bucket_reso": "None", "ss_max_bucket_reso": "None", "ss_bucket_info": "None", "ss_num_epochs": "1",
        "modelspec.timestep_range": "100,900", "ss_num_validation_images": "2",
    },
    "norms": {"ss_network_module": "networks.lora", "ss_network_args": {"preset": "unet-transformer-only"}},
    "begun": {"ss_network_args": {"network_init": "pissa"}, "ss_network_dim": "32", "ss_network_alpha": "16.0"},
    "going on": {"ss_network_weights": "A.safetensors", "ss_base_weights": {"B.safetensors": 0.5}},
}  # fmt: skip
"""What stands in another form than it was set, as sd-scripts and LyCORIS call it."""


def trained(service, data, tmp_path, name):
    """The settings of a run of this name, and the metadata of its file."""
    draw(tmp_path / "reg" / "2_any", "0", (9, 9, 9), "any")
    settings = {
        "resolution": 64,
        "train_data_dir": (str(data),),
        "reg_data_dir": (str(tmp_path / "reg"),),
        **RUNS[name],
    }
    if "network_weights" in settings:
        first = service.train("p", "v0", config_of({**settings, "network_weights": "", "base_weights": ()}))
        for file in ("A.safetensors", "B.safetensors"):
            shutil.copy(first.checkpoints[-1], tmp_path / file)
        settings |= {"network_weights": str(tmp_path / "A.safetensors")}
        settings |= {"base_weights": (str(tmp_path / "B.safetensors"),)}
    return settings, service.train("p", "v1", config_of(settings)).checkpoints[-1]


def as_text(declared, value):
    """As sd-scripts writes a value: ``str`` of it, and what means off as None."""
    value = tuple(value) if isinstance(value, list) else value
    return "None" if value == declared.key_none else str(value)


@pytest.mark.parametrize("name", RUNS)
def test_file_tells_the_settings_that_it_was_trained_with(service, data, tmp_path, name):
    settings, file = trained(service, data, tmp_path, name)
    metadata = read_metadata(file)
    config = config_of(settings)
    for setting in RUNS[name]:
        declared = DECLARED[setting]
        value = getattr(getattr(config, section_of()[setting]), setting)
        assert value != declared.default, setting
        if declared.key and declared.key not in TOLD[name]:
            assert metadata[declared.key] == as_text(declared, value), setting
        assert declared.key or declared.told_in in metadata, setting
    for key, told in TOLD[name].items():
        assert (json.loads(metadata[key]) if isinstance(told, dict) else metadata[key]) == told, key


def test_these_runs_set_everything_that_a_file_tells():
    """All that is declared to be told, each otherwise than its default; and nothing but that."""
    told = {name for name, one in DECLARED.items() if one.key or one.told_in}
    places = {"train_data_dir", "reg_data_dir", "text_encoder_lr2"}  # each run has such; below
    assert {setting for settings in RUNS.values() for setting in settings} | places == told


def test_sdxls_two_rates_of_text_are_both_told():
    config = config_of({"text_encoder_lr": 1e-5, "text_encoder_lr2": 2e-5})
    sdxl, sd1 = (network_metadata(config, facts(family=one), stem="x", step=1, epoch=1) for one in ("sdxl", "sd1"))
    assert (sdxl["ss_text_encoder_lr"], sd1["ss_text_encoder_lr"]) == ("[1e-05, 2e-05]", "1e-05")


OWN = {
    "network_weights",
    "base_weights",
    "base_weights_multiplier",
    "training_comment",
    "train_data_dir",
    "reg_data_dir",
}
"""What belongs to one set of pictures or one machine, and is not taken from a file."""


@pytest.mark.parametrize("name", ["words", "noise", "norms", "begun"])
def test_settings_that_a_file_tells_are_taken_from_it_as_they_were(service, data, tmp_path, name):
    settings, file = trained(service, data, tmp_path, name)
    found = like(file)
    assert [note for note in found.notes if note.startswith("not taken")] == []
    taken, wanted = config_of(found.settings), config_of(settings)
    for setting in RUNS[name].keys() - OWN:
        section = section_of()[setting]
        assert getattr(getattr(taken, section), setting) == getattr(getattr(wanted, section), setting), setting
