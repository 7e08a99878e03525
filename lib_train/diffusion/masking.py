"""The mean of each picture's errors where a mask says what of it is learned."""

import torch
from torch import Tensor

from lib_train.diffusion.loss import picture_means


class MaskedMeans:
    """Means of masked errors.

    Args:
        floor: least value of a mask.
        normalised: whether pictures count alike, whatever the area of their masks.
        prior: how much what lies outside the mask counts in the errors against the base model's prediction.

    Source:
        OneTrainer's masked loss, commit 23df3832; without floor and prior apply_masked_loss of kohya's sd-scripts.
    """

    def __init__(self, *, floor: float = 0.0, normalised: bool = False, prior: float = 0.0) -> None:
        self._floor, self._normalised, self._prior = floor, normalised, prior
        self.wants_prior = prior > 0

    def __call__(self, errors: Tensor, mask: Tensor | None = None, prior_errors: Tensor | None = None) -> Tensor:
        """(B,) of errors (B, C, h, w).

        Args:
            mask: (B, 1, h, w), 1 is learned and 0 is not; None where no picture has one.
            prior_errors: (B, C, h, w), against the base model's prediction.
        """
        if mask is None:
            return picture_means(errors)
        inside = mask.clamp(min=self._floor, max=1)
        found = self._mean(errors, inside)
        return found if prior_errors is None else found + self._prior * self._mean(prior_errors, 1 - inside)

    def _mean(self, errors: Tensor, share: Tensor) -> Tensor:
        means = picture_means(errors * share)
        if not self._normalised:
            return means
        return means / share.mean((1, 2, 3)).clamp(min=torch.finfo(torch.float32).tiny)  # 0 where nothing is learned
