import json
import os
from dataclasses import replace
from datetime import datetime

import torch

from lib_train.checkpoints.files import read_metadata, write_network
from lib_train.checkpoints.metadata import RunFacts, Subset, network_metadata
from lib_train.config.dataset import DatasetConfig
from lib_train.config.network import NetworkConfig
from lib_train.config.run import RunConfig
from lib_train.config.training import TrainingConfig

WHOLE = {
    "modelspec.architecture": "stable-diffusion-v1/lora",
    "modelspec.date": datetime.fromtimestamp(10**9).isoformat(),
    "modelspec.encoder_layer": "2",
    "modelspec.implementation": "diffusers",
    "modelspec.implementation_version": "train-tools/0.1.0",
    "modelspec.prediction_type": "epsilon",
    "modelspec.resolution": "512x512",
    "modelspec.sai_model_spec": "1.0.1",
    "modelspec.title": "my-lora",
    "modelspec.trigger_phrase": "mochi",
    "ss_adaptive_noise_scale": "None",
    "ss_base_model_version": "sd_v1",
    "ss_batch_size_per_device": "2",
    "ss_bucket_info": '{"buckets": {"0": {"resolution": [448, 576], "count": 10}, '
    '"1": {"resolution": [512, 512], "count": 20}}, "mean_img_ar_error": 0.125}',
    "ss_bucket_no_upscale": "False",
    "ss_cache_latents": "True",
    "ss_caption_dropout_every_n_epochs": "0",
    "ss_caption_dropout_rate": "0.0",
    "ss_caption_prefix": "mochi,",
    "ss_caption_tag_dropout_rate": "0.0",
    "ss_clip_skip": "2",
    "ss_color_aug": "False",
    "ss_dataset_dirs": '{"10_mochi": {"n_repeats": 10, "img_count": 2}}',
    "ss_debiased_estimation": "False",
    "ss_enable_bucket": "True",
    "ss_epoch": "2",
    "ss_face_crop_aug_range": "None",
    "ss_flip_aug": "False",
    "ss_fp8_base": "False",
    "ss_fp8_base_unet": "False",
    "ss_full_fp16": "False",
    "ss_gradient_accumulation_steps": "1",
    "ss_gradient_checkpointing": "False",
    "ss_huber_c": "0.1",
    "ss_huber_scale": "1.0",
    "ss_huber_schedule": "snr",
    "ss_ip_noise_gamma": "None",
    "ss_ip_noise_gamma_random_strength": "False",
    "ss_keep_tokens": "0",
    "ss_learning_rate": "0.0001",
    "ss_loss_type": "l2",
    "ss_lowram": "False",
    "ss_lr_scheduler": "cosine",
    "ss_lr_warmup_steps": "6",
    "ss_max_bucket_reso": "1024",
    "ss_max_grad_norm": "1.0",
    "ss_max_token_length": "225",
    "ss_max_train_steps": "60",
    "ss_max_validation_steps": "None",
    "ss_min_bucket_reso": "256",
    "ss_min_snr_gamma": "None",
    "ss_mixed_precision": "bf16",
    "ss_multires_noise_discount": "0.3",
    "ss_multires_noise_iterations": "None",
    "ss_network_alpha": "8.0",
    "ss_network_args": '{"conv_dim": 4, "conv_alpha": 1.0, "dropout": 0.1}',
    "ss_network_dim": "16",
    "ss_network_dropout": "0.1",
    "ss_network_module": "networks.lora",
    "ss_new_sd_model_hash": "cd",
    "ss_new_vae_hash": "34",
    "ss_noise_offset": "None",
    "ss_noise_offset_random_strength": "False",
    "ss_num_batches_per_epoch": "15",
    "ss_num_epochs": "4",
    "ss_num_reg_images": "30",
    "ss_num_train_images": "30",
    "ss_num_validation_images": "0",
    "ss_optimizer": "torch.optim.adamw.AdamW(weight_decay=0.1)",
    "ss_output_name": "my-lora",
    "ss_prior_loss_weight": "1.0",
    "ss_random_crop": "False",
    "ss_reg_dataset_dirs": '{"1_cat": {"n_repeats": 1, "img_count": 1}}',
    "ss_resize_interpolation": "None",
    "ss_resolution": "(512, 512)",
    "ss_scale_weight_norms": "None",
    "ss_sd_model_hash": "ab",
    "ss_sd_model_name": "base.safetensors",
    "ss_sd_scripts_commit_hash": "None",
    "ss_seed": "42",
    "ss_session_id": "5",
    "ss_shuffle_caption": "False",
    "ss_steps": "30",
    "ss_tag_frequency": '{"10_mochi": {"mochi": 2, "hat": 1}, "1_cat": {"cat": 1}}',
    "ss_text_encoder_lr": "5e-05",
    "ss_total_batch_size": "2",
    "ss_training_comment": "None",
    "ss_training_finished_at": "1000000000.0",
    "ss_training_started_at": "1700000000.5",
    "ss_unet_lr": "0.0001",
    "ss_v2": "False",
    "ss_vae_hash": "12",
    "ss_vae_name": "my.vae.pt",
    "ss_validate_every_n_epochs": "None",
    "ss_validate_every_n_steps": "None",
    "ss_validation_seed": "None",
    "ss_validation_split": "0.0",
    "ss_zero_terminal_snr": "False",
}
"""Every entry that sd-scripts writes, with the value that it has there where nothing is set, and the prefix."""


def facts(**changes):
    known = {
        "family": "sd1", "prediction_type": "epsilon", "zero_terminal_snr": False,
        "base_title": "base.safetensors", "base_hashes": ("ab", "cd"),
        "vae_title": "my.vae.pt", "vae_hashes": ("12", "34"), "session_id": 5, "started_at": 1700000000.5,
        "subsets": (Subset(name="10_mochi", repeats=10, captions=("Mochi, Hat", "mochi")),
                    Subset(name="1_cat", repeats=1, captions=("cat",), is_reg=True)),
        "buckets": {(512, 512): 20, (448, 576): 10}, "train_uses": 30, "reg_uses": 30, "batches_per_epoch": 15,
        "epochs": 4, "total_steps": 60, "warmup_steps": 6, "mixed_precision": "bf16",
        "optimizer": "torch.optim.adamw.AdamW", "ratio_error": 0.125, "version": "0.1.0",
    }  # fmt: skip
    return RunFacts(**{**known, **changes})


def config(**dataset):
    return RunConfig(
        base_model="/home/me/secret/base.safetensors",
        network=NetworkConfig(network_dim=16, conv_dim=4, network_dropout=0.1),
        dataset=DatasetConfig(train_data_dir=("/home/me/secret/pictures",), **dataset),
        training=TrainingConfig(learning_rate=1e-4, text_encoder_lr=5e-5, optimizer_args={"weight_decay": 0.1},
                                train_batch_size=2, clip_skip=2),
    )  # fmt: skip


def made(**changes):
    return network_metadata(
        config(caption_prefix="mochi,"), facts(**changes), stem="my-lora", step=30, epoch=2, now=1e9
    )


def test_every_entry_of_sd_scripts_is_there_as_a_string():
    assert made() == WHOLE


def test_file_on_the_disk_has_these_keys_and_the_two_hashes(tmp_path):
    write_network(tmp_path / "a.safetensors", {"lora_unet_x.alpha": torch.tensor(4.0)}, made())
    found = read_metadata(tmp_path / "a.safetensors")
    assert set(found) == {*made(), "sshs_model_hash", "sshs_legacy_hash"}
    assert made() == {key: found[key] for key in made()}


def test_keys_without_a_meaning_in_this_run_are_left_out():
    nothing = facts(vae_title="", vae_hashes=("", ""), base_hashes=("", ""))
    found = network_metadata(RunConfig(), nothing, stem="a", step=1, epoch=1, now=1e9)
    left_out = {"ss_sd_model_hash", "ss_new_sd_model_hash", "ss_vae_name", "ss_vae_hash", "ss_new_vae_hash",
                "modelspec.encoder_layer", "modelspec.trigger_phrase", "modelspec.timestep_range",
                "ss_caption_prefix"}  # fmt: skip
    assert set(made()) - set(found) == left_out - {"modelspec.timestep_range"}
    assert not left_out & set(found)
    assert found["ss_optimizer"] == "torch.optim.adamw.AdamW"
    assert found["ss_clip_skip"] == found["ss_noise_offset"] == found["ss_network_dropout"] == "None"


def test_limits_of_buckets_are_told_as_they_were_whether_set_or_not():
    for settings, told in (({"resolution": (128,)}, ("64", "256")), ({"min_bucket_reso": 320}, ("320", "1024")),
                           ({"enable_bucket": False}, ("None", "None"))):  # fmt: skip
        config = RunConfig(dataset=DatasetConfig(**settings))
        found = network_metadata(config, facts(), stem="a", step=1, epoch=1)
        assert (found["ss_min_bucket_reso"], found["ss_max_bucket_reso"]) == told


def told(*, network=None, dataset=None, training=None, **changes):
    config = RunConfig(
        network=NetworkConfig(**(network or {})),
        dataset=DatasetConfig(**(dataset or {})),
        training=TrainingConfig(**(training or {})),
    )
    return network_metadata(config, facts(**changes), stem="a", step=1, epoch=1, now=1e9)


def test_arguments_of_the_network_are_those_that_are_set():
    """A convolution's alpha that is not set is 1, as in sd-scripts."""
    for settings, args in (
        ({}, {}),
        ({"conv_dim": 4}, {"conv_dim": 4, "conv_alpha": 1.0}),
        ({"conv_dim": 4, "conv_alpha": 2}, {"conv_dim": 4, "conv_alpha": 2}),
        ({"network_dropout": 0.1, "rank_dropout": 0.2}, {"dropout": 0.1, "rank_dropout": 0.2}),
        ({"module_dropout": 0.3}, {"module_dropout": 0.3}),
    ):
        assert json.loads(told(network=settings)["ss_network_args"]) == args


def test_rate_of_a_part_that_is_not_trained_is_zero():
    for part in ("unet", "text_encoder"):
        assert told(training={f"{part}_lr": 0.0})[f"ss_{part}_lr"] == "0.0"


def test_buckets_are_none_without_buckets():
    assert told(dataset={"enable_bucket": False})["ss_bucket_info"] == "None"


def test_range_of_timesteps_is_told_when_it_is_not_all_of_them():
    for low, high in ((100, 1000), (0, 900), (100, 900)):
        found = told(training={"min_timestep": low, "max_timestep": high})
        assert found["modelspec.timestep_range"] == f"{low},{high}"


def test_prefix_of_separators_alone_is_no_trigger():
    assert "modelspec.trigger_phrase" not in told(dataset={"caption_prefix": " , "})


def test_names_of_folders_and_tags_stay_readable():
    assert "年糕" in told(subsets=(Subset(name="1_年糕", repeats=1, captions=("年糕",)),))["ss_tag_frequency"]


def test_folders_of_one_name_count_together():
    here, there, reg = (Subset(name="5_a", repeats=5, captions=("x, y",) * n, is_reg=n == 3) for n in (1, 2, 3))
    found = made(subsets=(here, there, reg))
    assert json.loads(found["ss_dataset_dirs"]) == {"5_a": {"n_repeats": 5, "img_count": 3}}
    assert json.loads(found["ss_reg_dataset_dirs"]) == {"5_a": {"n_repeats": 5, "img_count": 3}}
    assert json.loads(found["ss_tag_frequency"]) == {"5_a": {"x": 6, "y": 6}}


def test_folder_name_that_is_no_unicode_does_not_end_the_run(tmp_path):
    found = made(subsets=(Subset(name=os.fsdecode(b"3_\xff"), repeats=3, captions=("a",)),))
    write_network(tmp_path / "a.safetensors", {"lora_unet_x.alpha": torch.tensor(4.0)}, found)
    assert json.loads(read_metadata(tmp_path / "a.safetensors")["ss_dataset_dirs"]).keys() == {"3_?"}


def test_no_folder_of_the_person_is_in_the_file():
    assert not any("secret" in value or "/home" in value for value in made().values())


def test_comment_of_the_person_is_in_the_file_and_an_empty_one_is_none():
    commented = replace(config(), training=TrainingConfig(training_comment="weight 0.8, says mochi"))
    assert (
        network_metadata(commented, facts(), stem="a", step=1, epoch=1)["ss_training_comment"]
        == "weight 0.8, says mochi"
    )
    assert made()["ss_training_comment"] == "None"


def test_implementation_is_that_of_the_family_s_own_names():
    found = {family: made(family=family)["modelspec.implementation"] for family in ("sd1", "sdxl")}
    assert found == {"sd1": "diffusers", "sdxl": "https://github.com/Stability-AI/generative-models"}


def test_family_decides_what_the_webui_filters_by():
    assert made(family="sdxl")["ss_base_model_version"] == "sdxl_base_v1-0"
    v2 = made(family="sd2", prediction_type="v")
    assert (v2["ss_v2"], v2["ss_base_model_version"], v2["modelspec.prediction_type"]) == ("True", "sd_v2_v", "v")
    assert v2["modelspec.architecture"] == "stable-diffusion-v2-768-v/lora"
