import json
import os
from dataclasses import replace

import torch

from lib_train.checkpoints.files import read_metadata, write_network
from lib_train.checkpoints.metadata import RunFacts, Subset, network_metadata
from lib_train.config.dataset import DatasetConfig
from lib_train.config.network import NetworkConfig
from lib_train.config.run import RunConfig
from lib_train.config.training import TrainingConfig

ALWAYS = [
    "ss_session_id",
    "ss_training_started_at",
    "ss_output_name",
    "ss_learning_rate",
    "ss_text_encoder_lr",
    "ss_unet_lr",
    "ss_num_train_images",
    "ss_num_validation_images",
    "ss_num_reg_images",
    "ss_num_batches_per_epoch",
    "ss_num_epochs",
    "ss_gradient_checkpointing",
    "ss_gradient_accumulation_steps",
    "ss_max_train_steps",
    "ss_lr_warmup_steps",
    "ss_lr_scheduler",
    "ss_network_module",
    "ss_network_dim",
    "ss_network_alpha",
    "ss_network_dropout",
    "ss_mixed_precision",
    "ss_full_fp16",
    "ss_v2",
    "ss_base_model_version",
    "ss_clip_skip",
    "ss_max_token_length",
    "ss_cache_latents",
    "ss_seed",
    "ss_lowram",
    "ss_noise_offset",
    "ss_multires_noise_iterations",
    "ss_multires_noise_discount",
    "ss_adaptive_noise_scale",
    "ss_zero_terminal_snr",
    "ss_training_comment",
    "ss_sd_scripts_commit_hash",
    "ss_optimizer",
    "ss_max_grad_norm",
    "ss_caption_dropout_rate",
    "ss_caption_dropout_every_n_epochs",
    "ss_caption_tag_dropout_rate",
    "ss_face_crop_aug_range",
    "ss_prior_loss_weight",
    "ss_min_snr_gamma",
    "ss_scale_weight_norms",
    "ss_ip_noise_gamma",
    "ss_debiased_estimation",
    "ss_noise_offset_random_strength",
    "ss_ip_noise_gamma_random_strength",
    "ss_loss_type",
    "ss_huber_schedule",
    "ss_huber_scale",
    "ss_huber_c",
    "ss_fp8_base",
    "ss_fp8_base_unet",
    "ss_validation_seed",
    "ss_validation_split",
    "ss_max_validation_steps",
    "ss_validate_every_n_epochs",
    "ss_validate_every_n_steps",
    "ss_resize_interpolation",
]
DATASET = [
    "ss_batch_size_per_device",
    "ss_total_batch_size",
    "ss_resolution",
    "ss_color_aug",
    "ss_flip_aug",
    "ss_random_crop",
    "ss_shuffle_caption",
    "ss_enable_bucket",
    "ss_bucket_no_upscale",
    "ss_min_bucket_reso",
    "ss_max_bucket_reso",
    "ss_keep_tokens",
    "ss_dataset_dirs",
    "ss_reg_dataset_dirs",
    "ss_tag_frequency",
    "ss_bucket_info",
]
MODEL = [
    "ss_network_args",
    "ss_sd_model_name",
    "ss_sd_model_hash",
    "ss_new_sd_model_hash",
    "ss_vae_name",
    "ss_vae_hash",
    "ss_new_vae_hash",
    "ss_training_finished_at",
    "ss_steps",
    "ss_epoch",
]
SPEC = [
    "encoder_layer",
    "trigger_phrase",
    "sai_model_spec",
    "architecture",
    "implementation",
    "implementation_version",
    "title",
    "resolution",
    "date",
    "prediction_type",
]


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


def test_every_key_of_sd_scripts_is_there_as_a_string():
    found = made()
    assert set(found) == {*ALWAYS, *DATASET, *MODEL, *(f"modelspec.{key}" for key in SPEC)}
    assert all(isinstance(value, str) for value in found.values())


def test_file_on_the_disk_has_these_keys_and_the_two_hashes(tmp_path):
    write_network(tmp_path / "a.safetensors", {"lora_unet_x.alpha": torch.tensor(4.0)}, made())
    found = read_metadata(tmp_path / "a.safetensors")
    assert set(found) == {*made(), "sshs_model_hash", "sshs_legacy_hash"}
    assert made() == {key: found[key] for key in made()}


def test_keys_without_a_meaning_in_this_run_are_left_out():
    nothing = facts(vae_title="", vae_hashes=("", ""), base_hashes=("", ""))
    found = network_metadata(RunConfig(), nothing, stem="a", step=1, epoch=1, now=1e9)
    left_out = {"ss_sd_model_hash", "ss_new_sd_model_hash", "ss_vae_name", "ss_vae_hash", "ss_new_vae_hash",
                "modelspec.encoder_layer", "modelspec.trigger_phrase", "modelspec.timestep_range"}  # fmt: skip
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


def test_values_are_true_and_in_the_form_that_readers_expect():
    found = made()
    expected = {
        "ss_output_name": "my-lora", "ss_unet_lr": "0.0001", "ss_text_encoder_lr": "5e-05", "ss_v2": "False",
        "ss_base_model_version": "sd_v1", "ss_resolution": "(512, 512)", "ss_clip_skip": "2", "ss_steps": "30",
        "ss_epoch": "2", "ss_optimizer": "torch.optim.adamw.AdamW(weight_decay=0.1)", "ss_num_train_images": "30",
        "ss_min_snr_gamma": "None", "ss_total_batch_size": "2", "ss_sd_model_name": "base.safetensors",
        "modelspec.title": "my-lora", "modelspec.architecture": "stable-diffusion-v1/lora",
        "modelspec.resolution": "512x512", "modelspec.encoder_layer": "2", "modelspec.trigger_phrase": "mochi",
    }  # fmt: skip
    assert {key: found[key] for key in expected} == expected
    assert json.loads(found["ss_tag_frequency"]) == {"10_mochi": {"mochi": 2, "hat": 1}, "1_cat": {"cat": 1}}
    assert json.loads(found["ss_dataset_dirs"]) == {"10_mochi": {"n_repeats": 10, "img_count": 2}}
    assert json.loads(found["ss_reg_dataset_dirs"]) == {"1_cat": {"n_repeats": 1, "img_count": 1}}
    assert json.loads(found["ss_network_args"]) == {"conv_dim": 4, "conv_alpha": 1.0, "dropout": 0.1}
    buckets = json.loads(found["ss_bucket_info"])["buckets"]
    assert buckets == {"0": {"resolution": [448, 576], "count": 10}, "1": {"resolution": [512, 512], "count": 20}}
    assert json.loads(found["ss_bucket_info"])["mean_img_ar_error"] == 0.125
    assert float(found["ss_training_started_at"]) == 1700000000.5


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
    told = replace(config(), training=TrainingConfig(training_comment="weight 0.8, says mochi"))
    assert network_metadata(told, facts(), stem="a", step=1, epoch=1)["ss_training_comment"] == "weight 0.8, says mochi"
    assert made()["ss_training_comment"] == "None"


def test_implementation_is_that_of_the_family_s_own_names():
    found = {family: made(family=family)["modelspec.implementation"] for family in ("sd1", "sdxl")}
    assert found == {"sd1": "diffusers", "sdxl": "https://github.com/Stability-AI/generative-models"}


def test_family_decides_what_the_webui_filters_by():
    assert made(family="sdxl")["ss_base_model_version"] == "sdxl_base_v1-0"
    v2 = made(family="sd2", prediction_type="v")
    assert (v2["ss_v2"], v2["ss_base_model_version"], v2["modelspec.prediction_type"]) == ("True", "sd_v2_v", "v")
    assert v2["modelspec.architecture"] == "stable-diffusion-v2-768-v/lora"
