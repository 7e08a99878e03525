"""The functions of ``diffusion`` that the settings choose."""

from collections.abc import Callable
from functools import partial

import torch
from torch import Generator, Tensor

from lib_train.config.training import TrainingConfig
from lib_train.diffusion import timesteps as shapes
from lib_train.diffusion import weighting
from lib_train.diffusion.loss import HuberErrors, absolute_errors, huber_thresholds, squared_errors
from lib_train.diffusion.masking import MaskedMeans
from lib_train.diffusion.noise import Perturbation, balanced, training_noise
from lib_train.diffusion.objective import Objective
from lib_train.diffusion.prediction import PREDICTIONS, Prediction


def objective_of(
    config: TrainingConfig, prediction_type: str, bars: Tensor, device: torch.device | str = "cpu"
) -> Objective:
    """What a run with these settings minimises.

    Args:
        prediction_type: "epsilon" or "v".
        bars: the base model's cumulative alphas (1000,).
        device: on which predictions are compared with targets.
    """
    prediction, bars = PREDICTIONS[prediction_type], bars.float().cpu()
    means = MaskedMeans(
        floor=config.unmasked_weight,
        normalised=config.normalize_masked_area_loss,
        prior=config.masked_prior_weight,
    )
    return Objective(
        bars=bars,
        noise=_noise(config),
        timesteps=_timesteps(config, bars),
        perturbation=_perturbation(config, bars),
        target=prediction.target,
        error=_error(config, bars, device),
        weight=_weight(config, prediction, bars),
        mean=means,
        masks_need_base=means.wants_prior,
        preservation=config.prior_preservation_weight if config.prior_preservation != "off" else 0.0,
    )


def _noise(config: TrainingConfig) -> Callable[[Tensor, Generator], Tensor]:
    return partial(
        training_noise,
        offset=0.0 if config.balanced_noise_offset else config.noise_offset,
        random_strength=config.noise_offset_random_strength,
        adaptive=config.adaptive_noise_scale,
        levels=config.multires_noise_iterations,
        discount=config.multires_noise_discount,
    )


def _perturbation(config: TrainingConfig, bars: Tensor) -> Perturbation:
    on = config.balanced_noise_offset and config.noise_offset
    return Perturbation(
        offset=config.noise_offset,
        random_strength=config.noise_offset_random_strength,
        adaptive=config.adaptive_noise_scale,
        by_timestep=balanced(bars) if on else None,
        input=config.ip_noise_gamma,
        random_input=config.ip_noise_gamma_random_strength,
    )


def _timesteps(config: TrainingConfig, bars: Tensor) -> Callable[[int, Generator], Tensor]:
    drawn = _drawn(config, bars)
    return shapes.OneTimestep(drawn) if config.fixed_timesteps_in_batch else drawn


def _drawn(config: TrainingConfig, bars: Tensor) -> Callable[[int, Generator], Tensor]:
    low, high, shape = config.min_timestep, config.max_timestep, config.timestep_shape
    if shape == "uniform" and config.timestep_shift == 1:
        return partial(shapes.uniform_timesteps, low=low, high=high)
    mean, spread = config.timestep_mean, config.timestep_spread
    if shape == "laplace":
        return shapes.ShapedTimesteps(shapes.laplace_chances(bars, low, high, mean, spread))
    share = {
        "uniform": shapes.evenly,
        "logit_normal": shapes.logit_normal(mean, spread),
        "cosmap": shapes.cosmap,
        "beta": shapes.beta(config.timestep_alpha),
    }[shape]
    return shapes.ShapedTimesteps(shapes.chances_of(share, low, high, config.timestep_shift))


def _error(
    config: TrainingConfig, bars: Tensor, device: torch.device | str
) -> Callable[[Tensor, Tensor, Tensor], Tensor]:
    if config.loss_type in ("l1", "l2"):
        return absolute_errors if config.loss_type == "l1" else squared_errors
    thresholds = huber_thresholds(config.huber_schedule, bars, config.huber_c, config.huber_scale)
    return HuberErrors(thresholds.to(device), smooth=config.loss_type == "smooth_l1")


def _weight(config: TrainingConfig, prediction: Prediction, bars: Tensor) -> Callable[[Tensor, Tensor], Tensor]:
    """Those that are chosen, multiplied with each other, as in sd-scripts."""
    chosen: list[Tensor] = []
    if config.min_snr_gamma is not None:
        chosen.append(prediction.min_snr_weight(bars, config.min_snr_gamma))
    if config.soft_min_snr_gamma is not None:
        chosen.append(weighting.soft_min_snr(prediction, bars, config.soft_min_snr_gamma))
    if config.p2_gamma is not None:
        chosen.append(weighting.p2(prediction, bars, config.p2_gamma))
    if config.debiased_estimation_loss:
        chosen.append(weighting.debiased(prediction, bars))
    if config.scale_v_pred_loss_like_noise_pred and prediction is PREDICTIONS["v"]:
        chosen.append(weighting.v_like_noise(bars))
    if config.v_pred_like_loss is not None and prediction is PREDICTIONS["epsilon"]:
        chosen.append(weighting.with_v_loss(bars, config.v_pred_like_loss))
    if not chosen:
        return weighting.unweighted
    return weighting.ByTimestep(torch.stack(chosen).prod(0))
