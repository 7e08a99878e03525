"""What each setting of pictures and captions does."""

from tests.effects.probes import accepted, weights, work
from tests.effects.table import Effect

_FINE = {"resolution": 128, "bucket_reso_steps": 32}
_WHOLE = {"enable_bucket": False}
_SHUFFLED = {"shuffle_caption": True}
_FROZEN = {"text_encoder_lr": 0}

EFFECTS = {
    "train_data_dir": Effect(("@data", "@held"), weights),
    "reg_data_dir": Effect(("@reg",), weights),
    "resolution": Effect(96, weights),
    "enable_bucket": Effect(False, weights, _FINE),
    "min_bucket_reso": Effect(128, weights, _FINE, idle=({**_FINE, "bucket_no_upscale": True}, {**_FINE, **_WHOLE})),
    "max_bucket_reso": Effect(128, weights, _FINE, idle=({**_FINE, "bucket_no_upscale": True}, {**_FINE, **_WHOLE})),
    "bucket_reso_steps": Effect(32, weights, idle=(_WHOLE,)),
    "bucket_no_upscale": Effect(True, weights, _FINE, idle=(_WHOLE,)),
    "random_crop": Effect(True, weights),
    "flip_aug": Effect(True, weights),
    "color_aug": Effect(True, weights),
    "alpha_color": Effect("#000000", weights),
    "on_bad_file": Effect("skip", accepted, {"train_data_dir": ("@torn",)}),
    "caption_extension": Effect((".caption",), weights),
    "caption_separator": Effect(";", weights, _SHUFFLED),
    "caption_prefix": Effect("new", weights),
    "caption_suffix": Effect("new", weights),
    "shuffle_caption": Effect(True, weights),
    "keep_tokens": Effect(2, weights, _SHUFFLED, idle=({},)),
    "keep_tokens_separator": Effect("|||", weights),
    "keep_tags": Effect(("mochi",), weights),
    "drop_tags": Effect(("mochi",), weights),
    "caption_dropout_rate": Effect(0.9, weights),
    "caption_dropout_every_n_epochs": Effect(1, weights),
    "caption_tag_dropout_rate": Effect(0.5, weights),
    "cache_latents": Effect(False, work),
    "cache_latents_to_disk": Effect(False, work),
    "vae_batch_size": Effect(1, work, idle=({"cache_latents": False}, {"color_aug": True}, {"random_crop": True})),
    "cache_text_encoder_outputs": Effect(False, work, _FROZEN),
}
