import json
from typing import Any

import pytest

from lib_train.checkpoints.metadata import network_metadata
from lib_train.config.codec import config_of
from lib_train.config.like_file import settings_like
from lib_train.config.run import RunConfig
from tests.checkpoints.test_metadata import facts

OURS = {
    "network_dim": 12, "network_alpha": 3.0, "conv_dim": 5, "conv_alpha": 2.5,
    "network_dropout": 0.1, "rank_dropout": 0.2, "module_dropout": 0.3, "resolution": (640, 768),
    "enable_bucket": True, "bucket_no_upscale": True, "random_crop": True, "flip_aug": True, "color_aug": True,
    "shuffle_caption": True, "keep_tokens": 2, "caption_dropout_rate": 0.05, "caption_tag_dropout_rate": 0.1,
    "cache_latents": False, "noise_offset": 0.04, "min_snr_gamma": 5.0, "prior_loss_weight": 0.5, "clip_skip": 2,
    "max_token_length": 150, "train_batch_size": 3, "gradient_accumulation_steps": 2, "seed": 7,
    "learning_rate": 2e-4, "unet_lr": 3e-4, "text_encoder_lr": 5e-5, "lr_scheduler": "cosine_with_restarts",
    "max_grad_norm": 0.5, "gradient_checkpointing": True, "min_timestep": 100, "max_timestep": 900,
    "optimizer_args": {"weight_decay": 0.05, "betas": (0.9, 0.99)}, "mixed_precision": "bf16",
}  # fmt: skip


def written(settings, **more):
    """The metadata of a file that was trained with these settings."""
    config = config_of(settings)
    told = facts(mixed_precision=config.training.mixed_precision, optimizer="torch.optim.adamw.AdamW", **more)
    return network_metadata(config, told, stem="x", step=1, epoch=1)


def taken(metadata):
    found = settings_like(metadata)
    return config_of(found.settings), found.notes


def test_our_own_files_give_back_what_they_were_trained_with():
    steps = {"max_train_steps": 61, "max_train_epochs": None}
    found, _ = taken(written({**OURS, **steps}, total_steps=61, epochs=3, batches_per_epoch=40, warmup_steps=6))
    wanted = config_of({**OURS, **steps, "lr_warmup_steps": 6})
    for section in ("network", "dataset", "training"):
        ours, theirs = (vars(getattr(one, section)) for one in (found, wanted))
        other = {name for name in ours if ours[name] != theirs[name]}
        assert other <= {"min_bucket_reso", "max_bucket_reso", "max_train_epochs"}, section  # steps win over epochs


def test_whole_epochs_are_taken_as_such_and_warmup_as_a_share():
    found, _ = taken(written(OURS, total_steps=60, epochs=3, batches_per_epoch=40, warmup_steps=6))
    assert (found.training.max_train_epochs, found.training.max_train_steps) == (3, None)
    assert found.training.lr_warmup_steps == 0.1


SD_SCRIPTS = {
    "ss_network_module": "lycoris.kohya", "ss_network_dim": "16", "ss_network_alpha": "1.0",
    "ss_network_args": '{"algo": "locon", "conv_dim": "8", "conv_alpha": "4", "preset": "full"}',
    "ss_optimizer": "bitsandbytes.optim.adamw.AdamW8bit(weight_decay=0.1,betas=(0.9, 0.99))",
    "ss_learning_rate": "0.0001", "ss_unet_lr": "None", "ss_text_encoder_lr": "[5e-05, 5e-05]",
    "ss_lr_scheduler": "cosine", "ss_lr_warmup_steps": "0", "ss_max_train_steps": "1600", "ss_num_epochs": "7",
    "ss_num_batches_per_epoch": "240", "ss_gradient_accumulation_steps": "1", "ss_seed": "1026", "ss_clip_skip": "2",
    "ss_max_token_length": "225", "ss_noise_offset": "0.1", "ss_min_snr_gamma": "5.0", "ss_mixed_precision": "fp16",
    "ss_scale_weight_norms": "None", "ss_training_comment": "mine", "ss_sd_model_name": "base.safetensors",
    "ss_cache_latents": "True", "ss_gradient_checkpointing": "False", "ss_max_grad_norm": "1.0",
    "ss_datasets": json.dumps([{
        "batch_size_per_device": 4, "resolution": [768, 768], "enable_bucket": True, "min_bucket_reso": 256,
        "max_bucket_reso": 1536, "bucket_no_upscale": False,
        "subsets": [{"num_repeats": 10, "shuffle_caption": True, "keep_tokens": 1, "flip_aug": True}],
    }]),
}  # fmt: skip


def test_files_of_sd_scripts_are_read_with_their_datasets():
    found, notes = taken(SD_SCRIPTS)
    network, dataset, training = found.network, found.dataset, found.training
    assert (network.network_dim, network.conv_dim, network.conv_alpha) == (16, 8, 4.0)
    assert (training.optimizer_type, training.optimizer_args) == (
        "AdamW8bit", {"weight_decay": 0.1, "betas": [0.9, 0.99]},
    )  # fmt: skip
    assert (training.learning_rate, training.unet_lr, training.text_encoder_lr) == (1e-4, None, 5e-5)
    assert (training.max_train_steps, training.train_batch_size, training.seed) == (1600, 4, 1026)
    assert (dataset.resolution, dataset.max_bucket_reso) == ((768, 768), 1536)
    assert (dataset.shuffle_caption, dataset.keep_tokens, dataset.flip_aug) == (True, 1, True)
    assert training.training_comment == ""
    assert [note for note in notes if note.startswith("not taken")] == []


def test_what_cannot_be_taken_is_told_and_the_rest_is():
    found = settings_like(SD_SCRIPTS | {
        "ss_optimizer": "sophia.Sophia", "ss_network_dim": "Dynamic", "ss_lr_scheduler": "exponential",
        "ss_network_args": '{"algo": "glora"}', "ss_scale_weight_norms": "1.0",
    })  # fmt: skip
    notes = "\n".join(found.notes)
    for part in ("not taken: optimizer_type = 'Sophia': choose one of", "not taken: lr_scheduler = 'exponential'",
                 "glora"):  # fmt: skip
        assert part in notes
    assert found.settings.keys().isdisjoint({"optimizer_type", "lr_scheduler", "network_dim"})
    assert float(found.settings["learning_rate"]) == 1e-4
    assert isinstance(config_of(found.settings), RunConfig)


@pytest.mark.parametrize(
    "metadata",
    [{}, {"modelspec.title": "x"}, {"ss_output_name": "x"}, {"ss_datasets": "[", "ss_optimizer": ""}],
)
def test_a_file_that_tells_nothing_says_so(metadata):
    assert settings_like(metadata) == ({}, ["the file tells nothing of its training: set everything anew"])


@pytest.mark.parametrize("text", ["", "[", "{", "nan", "None", "(", "'", "\0", "[[[[", "1e999", "True"])
def test_no_text_in_metadata_does_harm(text):
    found = settings_like(dict.fromkeys(SD_SCRIPTS, text))
    assert isinstance(config_of(found.settings), RunConfig)


NOISE_AND_LOSS: dict[str, Any] = {
    "noise_offset": 0.1, "noise_offset_random_strength": True, "adaptive_noise_scale": 0.01,
    "balanced_noise_offset": True, "multires_noise_iterations": 6, "multires_noise_discount": 0.2,
    "ip_noise_gamma": 0.1, "ip_noise_gamma_random_strength": True, "timestep_shape": "laplace", "timestep_mean": -1.0,
    "timestep_spread": 0.5, "timestep_alpha": 2.0, "timestep_shift": 3.0, "fixed_timesteps_in_batch": True,
    "soft_min_snr_gamma": 4.0, "p2_gamma": 0.5, "debiased_estimation_loss": True, "v_pred_like_loss": 0.5,
    "scale_v_pred_loss_like_noise_pred": True, "loss_type": "huber", "huber_schedule": "exponential", "huber_c": 0.2,
    "huber_scale": 2.0, "masked_loss": True, "alpha_mask": True, "unmasked_weight": 0.1, "masked_prior_weight": 0.5,
    "normalize_masked_area_loss": True, "prior_preservation": "class", "prior_preservation_weight": 2.0,
    "prior_preservation_class": "cat", "prior_preservation_trigger": "x", "weighted_captions": True,
}  # fmt: skip


def test_every_setting_of_noise_and_loss_comes_back_from_a_file_and_defaults_of_our_own_are_not_written():
    told = network_metadata(config_of(NOISE_AND_LOSS), facts(), stem="a", step=1, epoch=1)
    training = config_of(settings_like(told).settings).training
    assert {name: getattr(training, name) for name in NOISE_AND_LOSS} == NOISE_AND_LOSS
    plain = network_metadata(config_of({}), facts(), stem="a", step=1, epoch=1)
    ours = {"ss_masked_loss", "ss_p2_gamma", "ss_timestep_shape", "ss_prior_preservation", "ss_weighted_captions"}
    assert ours <= told.keys()
    assert not ours & plain.keys()


@pytest.mark.parametrize(
    ("told", "args", "schedule"),
    [
        ("transformers.optimization.Adafactor(relative_step=True)", {"relative_step": True, "scale_parameter": True},
         "adafactor"),
        ("transformers.optimization.Adafactor(relative_step=False,scale_parameter=False)",
         {"relative_step": False, "scale_parameter": False}, "cosine"),
        ("transformers.optimization.Adafactor",
         {"relative_step": False, "scale_parameter": False, "warmup_init": False}, "cosine"),  # an early version
    ],
)  # fmt: skip
def test_adafactor_of_a_file_is_the_one_that_it_was_trained_with(told, args, schedule):
    training = taken(SD_SCRIPTS | {"ss_optimizer": told, "ss_network_module": "networks.lora"})[0].training
    assert (training.optimizer_type, training.optimizer_args, training.lr_scheduler) == ("Adafactor", args, schedule)
