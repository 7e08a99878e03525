"""Prediction types, epsilon and v. Chosen once when a run is built; no other file distinguishes them."""

from typing import Protocol

from torch import Tensor

from lib_train.diffusion.schedule import signal_to_noise


class Prediction(Protocol):
    """The target of the loss, and what weighs it."""

    def target(self, latents: Tensor, noise: Tensor, bars: Tensor) -> Tensor:
        """What the model should predict, (B, C, h, w), for latents and noise of that shape.

        Args:
            bars: cumulative alphas (B,) at the pictures' timesteps.
        """

    def min_snr_weight(self, bars: Tensor, gamma: float) -> Tensor:
        """Factor (B,) on each picture's loss, in [0, 1]; finite also at bar 0, pure noise.

        Args:
            bars: cumulative alphas (B,), in [0, 1].
            gamma: ceiling on the signal-to-noise ratio; 5 in the paper.

        Source:
            Hang et al. 2023, https://arxiv.org/abs/2303.09556, section 3.4.
        """

    def gain(self, snr: Tensor) -> Tensor:
        """How many times the squared error of the latents, which follow from a prediction, its own is."""

    def debiased_weight(self, snr: Tensor) -> Tensor:
        """See ``weighting.debiased``."""


class Epsilon:
    """The model predicts the noise."""

    def target(self, latents: Tensor, noise: Tensor, bars: Tensor) -> Tensor:
        return noise

    def min_snr_weight(self, bars: Tensor, gamma: float) -> Tensor:
        return (gamma / signal_to_noise(bars)).clamp(max=1)  # min(snr, gamma) / snr, which is 0 / 0 at pure noise

    def gain(self, snr: Tensor) -> Tensor:
        return snr

    def debiased_weight(self, snr: Tensor) -> Tensor:
        return snr.rsqrt()


class Velocity:
    """The model predicts v, sqrt(bar) * noise - sqrt(1 - bar) * latents.

    Source:
        Salimans and Ho 2022, https://arxiv.org/abs/2202.00512, appendix D.
    """

    def target(self, latents: Tensor, noise: Tensor, bars: Tensor) -> Tensor:
        bars = bars[:, None, None, None]
        return bars.sqrt() * noise - (1 - bars).sqrt() * latents

    def min_snr_weight(self, bars: Tensor, gamma: float) -> Tensor:
        snr = signal_to_noise(bars)
        return snr.clamp(max=gamma) / (snr + 1)

    def gain(self, snr: Tensor) -> Tensor:
        return snr + 1

    def debiased_weight(self, snr: Tensor) -> Tensor:
        return 1 / (snr + 1)


PREDICTIONS: dict[str, Prediction] = {"epsilon": Epsilon(), "v": Velocity()}
