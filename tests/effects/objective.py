"""What each setting of noise, timesteps, loss and the reading of captions does."""

from tests.effects.probes import weights
from tests.effects.table import Effect

_OFFSET = {"noise_offset": 0.5}
_HUBER = {"loss_type": "huber"}
_MASKED = {"masked_loss": True}
_CLASS = {
    "prior_preservation": "class", "prior_preservation_class": "cat", "prior_preservation_trigger": "mochi"
}  # fmt: skip
_PREFIXED = {"prior_preservation": "class", "prior_preservation_class": "cat", "caption_prefix": "mochi"}

EFFECTS = {
    "noise_offset": Effect(0.5, weights),
    "noise_offset_random_strength": Effect(True, weights, _OFFSET, idle=({},)),
    "adaptive_noise_scale": Effect(1, weights, _OFFSET, idle=({},)),
    "balanced_noise_offset": Effect(True, weights, _OFFSET, idle=({},)),
    "multires_noise_iterations": Effect(3, weights),
    "multires_noise_discount": Effect(0.9, weights, {"multires_noise_iterations": 3}, idle=({},)),
    "ip_noise_gamma": Effect(0.3, weights),
    "ip_noise_gamma_random_strength": Effect(True, weights, {"ip_noise_gamma": 0.3}, idle=({},)),
    "min_timestep": Effect(500, weights),
    "max_timestep": Effect(500, weights),
    "timestep_shape": Effect("cosmap", weights),
    "timestep_mean": Effect(1, weights, {"timestep_shape": "logit_normal"}, idle=({}, {"timestep_shape": "beta"})),
    "timestep_spread": Effect(0.5, weights, {"timestep_shape": "laplace"}, idle=({}, {"timestep_shape": "cosmap"})),
    "timestep_alpha": Effect(2, weights, {"timestep_shape": "beta"}, idle=({}, {"timestep_shape": "laplace"})),
    "timestep_shift": Effect(3, weights, idle=({"timestep_shape": "laplace"},)),
    "fixed_timesteps_in_batch": Effect(True, weights),
    "min_snr_gamma": Effect(1, weights),
    "soft_min_snr_gamma": Effect(1, weights),
    "p2_gamma": Effect(1, weights),
    "debiased_estimation_loss": Effect(True, weights),
    "scale_v_pred_loss_like_noise_pred": Effect(True, weights, {"prediction_type": "v"}, idle=({},)),
    "v_pred_like_loss": Effect(1, weights, idle=({"prediction_type": "v"},)),
    "loss_type": Effect("l1", weights),
    "huber_schedule": Effect("constant", weights, _HUBER, idle=({}, {"loss_type": "l1"})),
    "huber_c": Effect(0.5, weights, {"loss_type": "smooth_l1"}, idle=({}, {"loss_type": "l1"})),
    "huber_scale": Effect(3, weights, {**_HUBER, "huber_schedule": "constant"}, idle=({}, _HUBER)),
    "prior_loss_weight": Effect(0.5, weights, {"reg_data_dir": ("@reg",)}, idle=({},)),
    "masked_loss": Effect(True, weights),
    "alpha_mask": Effect(True, weights),
    "unmasked_weight": Effect(0.5, weights, _MASKED, idle=({},)),
    "normalize_masked_area_loss": Effect(True, weights, {"alpha_mask": True}, idle=({},)),
    "masked_prior_weight": Effect(1, weights, _MASKED, idle=({},)),
    "prior_preservation": Effect("empty", weights),
    "prior_preservation_weight": Effect(2, weights, {"prior_preservation": "empty"}, idle=({},)),
    "prior_preservation_class": Effect("dog", weights, _CLASS, idle=({}, {"prior_preservation": "empty"})),
    "prior_preservation_trigger": Effect("red", weights, _PREFIXED, idle=({}, {"prior_preservation": "empty"})),
    "clip_skip": Effect(2, weights, idle=({"model_family": "sdxl"},)),
    "max_token_length": Effect(75, weights),
    "weighted_captions": Effect(True, weights),
}
