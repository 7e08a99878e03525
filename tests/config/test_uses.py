import dataclasses

import pytest

from lib_train.config.codec import config_of
from lib_train.config.fields import options_of
from lib_train.config.run import SECTIONS
from lib_train.config.uses import Circumstances, made_idle, without_effect

PLAIN = Circumstances(family="sd1", regularisation=False)
DECLARED = {declared.name: declared for kind in SECTIONS.values() for declared in options_of(kind)}


def test_uses_name_settings_and_circumstances_that_exist():
    known = {*DECLARED, *(field.name for field in dataclasses.fields(Circumstances))}
    named = {name for one in DECLARED.values() if one.used_when for way in one.used_when.ways for name in way}
    assert named <= known


def test_no_two_settings_share_a_metadata_key():
    keys = [declared.key for declared in DECLARED.values() if declared.key]
    assert len(keys) == len(set(keys))
    assert all(key.startswith("ss_") for key in keys)


@pytest.mark.parametrize(
    ("settings", "around", "idle"),
    [
        ({}, PLAIN, []),
        ({"learning_rate": 1, "unet_lr": 1e-4}, PLAIN, []),
        ({"learning_rate": 1, "unet_lr": 1e-4, "text_encoder_lr": 0}, PLAIN, ["learning_rate"]),
        ({"keep_tokens": 2}, PLAIN, ["keep_tokens"]),
        ({"keep_tokens": 2, "drop_tags": "hat"}, PLAIN, []),
        ({"keep_tokens": 2, "caption_tag_dropout_rate": 0.1}, PLAIN, []),
        ({"keep_tokens": 2, "shuffle_caption": True}, PLAIN, []),
        ({"keep_tokens": 2, "keep_tags": "hat"}, PLAIN, []),
        ({"max_bucket_reso": 768, "bucket_no_upscale": True}, PLAIN, ["max_bucket_reso"]),
        ({"max_bucket_reso": 768, "bucket_no_upscale": True, "enable_bucket": False}, PLAIN,
         ["max_bucket_reso", "bucket_no_upscale"]),
        ({"clip_skip": 2, "prior_loss_weight": 0.5}, PLAIN, ["prior_loss_weight"]),
        ({"scale_v_pred_loss_like_noise_pred": True, "v_pred_like_loss": 1}, PLAIN,
         ["scale_v_pred_loss_like_noise_pred"]),
        ({"scale_v_pred_loss_like_noise_pred": True, "v_pred_like_loss": 1},
         Circumstances(family="sd2", regularisation=False, predicts="v"), ["v_pred_like_loss"]),
        ({"timestep_shape": "laplace", "timestep_shift": 3}, PLAIN, ["timestep_shift"]),
        ({"huber_c": 0.2, "huber_scale": 2, "loss_type": "huber"}, PLAIN, ["huber_scale"]),
        ({"clip_skip": 2, "prior_loss_weight": 0.5}, Circumstances(family="sdxl", regularisation=True), ["clip_skip"]),
    ],
)  # fmt: skip
def test_changed_setting_is_idle_where_none_of_its_uses_holds(settings, around, idle):
    assert [name for name, _ in without_effect(config_of(settings), around)] == idle


@pytest.mark.parametrize(
    ("settings", "idle"),
    [
        ({}, []),
        ({"max_train_steps": 100}, ["max_train_epochs"]),
        ({"max_train_steps": 100, "max_train_epochs": 3}, []),  # changed: ``without_effect`` tells it
        ({"unet_lr": 1e-4, "text_encoder_lr": 1e-4}, ["learning_rate"]),
        ({"optimizer_type": "AdamWScheduleFree"}, ["lr_scheduler"]),
        ({"bucket_no_upscale": True}, ["min_bucket_reso", "max_bucket_reso"]),
        ({"loss_type": "l1"}, []),  # huber_c is as idle as it usually is
    ],
)
def test_setting_that_others_take_the_effect_of_is_idle_at_its_default_too(settings, idle):
    assert [name for name, _ in made_idle(config_of(settings), PLAIN)] == idle
