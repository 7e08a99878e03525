"""The functions of ``diffusion`` that the settings choose."""

from functools import partial

from torch import Tensor

from lib_train.config.training import TrainingConfig
from lib_train.diffusion.loss import picture_means, squared_errors
from lib_train.diffusion.noise import training_noise
from lib_train.diffusion.objective import Objective
from lib_train.diffusion.prediction import PREDICTIONS
from lib_train.diffusion.timesteps import uniform_timesteps
from lib_train.diffusion.weighting import ByTimestep, unweighted


def objective_of(config: TrainingConfig, prediction_type: str, bars: Tensor) -> Objective:
    """What a run with these settings minimises.

    Args:
        prediction_type: "epsilon" or "v".
        bars: the base model's cumulative alphas (1000,).
    """
    prediction, bars = PREDICTIONS[prediction_type], bars.float().cpu()
    gamma = config.min_snr_gamma
    return Objective(
        bars=bars,
        noise=partial(training_noise, offset=config.noise_offset),
        timesteps=partial(uniform_timesteps, low=config.min_timestep, high=config.max_timestep),
        target=prediction.target,
        error=squared_errors,
        weight=unweighted if gamma is None else ByTimestep(prediction.min_snr_weight(bars, gamma)),
        mean=picture_means,
    )
