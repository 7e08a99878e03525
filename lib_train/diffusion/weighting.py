"""How much each timestep counts in the loss: factors (1000,) by cumulative alphas, made once.

``Prediction.gain`` is how many times the squared error of a prediction that of the latents is which follow from it: the
SNR where noise is predicted, and SNR + 1 for v.
"""

import torch
from torch import Tensor

from lib_train.diffusion.prediction import Prediction
from lib_train.diffusion.schedule import signal_to_noise

_LARGEST = 1000.0
"""SNR that counts as infinite, as in sd-scripts."""


def unweighted(weights: Tensor, timesteps: Tensor) -> Tensor:
    """Each picture with its own weight (B,), whatever its timestep."""
    return weights


class ByTimestep:
    """Pictures weigh by their timesteps too.

    Args:
        table: (1000,), float32.
    """

    def __init__(self, table: Tensor) -> None:
        self.table = table

    def __call__(self, weights: Tensor, timesteps: Tensor) -> Tensor:
        """Weights (B,) of pictures at timesteps (B,)."""
        return weights * self.table[timesteps]


def soft_min_snr(prediction: Prediction, bars: Tensor, gamma: float) -> Tensor:
    """Min-SNR without its corner: snr gamma / (snr + gamma) takes the place of min(snr, gamma).

    Source:
        Crowson et al. 2024, https://arxiv.org/abs/2401.11605, and k-diffusion's "soft-min-snr", which has gamma 1 on v.
    """
    snr = signal_to_noise(bars)
    return gamma / (snr + gamma) * (snr / prediction.gain(snr)).nan_to_num(1.0)  # both ends of noise: 0 / 0, inf / inf


def p2(prediction: Prediction, bars: Tensor, gamma: float) -> Tensor:
    """(1 + snr)^-gamma where noise is predicted, (2 + snr)^-gamma for v.

    Source:
        Choi et al. 2022, https://arxiv.org/abs/2204.00227, with k = 1; for v as OneTrainer has it.
    """
    return (1 + prediction.gain(signal_to_noise(bars))) ** -gamma


def debiased(prediction: Prediction, bars: Tensor) -> Tensor:
    """1 / sqrt(snr) where noise is predicted, 1 / (snr + 1) for v.

    Source:
        Yu et al. 2023, https://arxiv.org/abs/2310.08442; for v debiased_estimation_loss of kohya's sd-scripts.
        OneTrainer has 1 / sqrt(snr + 1) there.
    """
    return finite(prediction.debiased_weight(signal_to_noise(bars).clamp(max=_LARGEST)))


def v_like_noise(bars: Tensor) -> Tensor:
    """snr / (snr + 1): the loss of v becomes that of the noise which follows from it.

    Source:
        scale_v_pred_loss_like_noise_pred of kohya's sd-scripts.
    """
    snr = signal_to_noise(bars).clamp(max=_LARGEST)
    return snr / (snr + 1)


def with_v_loss(bars: Tensor, strength: float) -> Tensor:
    """1 + strength (snr + 1) / snr: the loss of the v that follows from the noise is added.

    Source:
        v_pred_like_loss of kohya's sd-scripts.
    """
    return finite(1 + strength / v_like_noise(bars))


def finite(factors: Tensor) -> Tensor:
    """Pure noise, where a factor is infinite, has that of the timestep before it."""
    known = torch.isfinite(factors)
    return torch.where(known, factors, factors[known].max())
