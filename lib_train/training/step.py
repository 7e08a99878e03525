"""The loss of one batch: noise, prediction, target, weights."""

from collections.abc import Callable
from typing import NamedTuple

from torch import Generator, Tensor, enable_grad, no_grad

from lib_train.config.training import TrainingConfig
from lib_train.dataset.records import Batch
from lib_train.diffusion.loss import picture_losses
from lib_train.diffusion.noise import training_noise, training_timesteps
from lib_train.diffusion.prediction import PREDICTIONS
from lib_train.diffusion.schedule import add_noise
from lib_train.host.protocol import BaseModel, Conditioning
from lib_train.host.shared.transfer import sent
from lib_train.training.precision import Precision


class StepLoss(NamedTuple):
    """What a batch gives."""

    total: Tensor
    """Sum of the batch's weighted picture losses, 0-dim float32, with gradients for whatever is trained."""
    each: Tensor
    """(B,), float32: of each picture, without its weight and without gradients."""
    timesteps: Tensor
    """(B,), in the machine's own memory."""


class Loss:
    """Computes what a step minimises: the same batch and chance give the same loss."""

    def __init__(self, model: BaseModel, config: TrainingConfig, precision: Precision, *, trains_text: bool) -> None:
        self._model, self._config, self._precision = model, config, precision
        self.trains_text = trains_text
        """Whether gradients reach the text encoder."""
        self._prediction = PREDICTIONS[model.prediction_type]
        self._bars = model.alphas_cumprod.float().cpu()

    def __call__(self, batch: Batch, chance: Generator) -> Tensor:
        """``StepLoss.total`` alone."""
        return self.told(batch, chance).total

    def told(
        self, batch: Batch, chance: Generator, begin: Callable[[Tensor], None] = lambda timesteps: None
    ) -> StepLoss:
        """Everything about the loss of a batch; ``begin`` is told its timesteps (B,) before anything is computed."""
        to, config = self._model.device, self._config
        noise = training_noise(batch.latents.shape, chance, offset=config.noise_offset)
        low, high = config.min_timestep, config.max_timestep
        chosen = timesteps = training_timesteps(len(batch.captions), chance, low=low, high=high)
        begin(timesteps)
        bars = self._bars[timesteps]
        noisy = add_noise(batch.latents, noise, bars)
        target = self._prediction.target(batch.latents, noise, bars)
        weights = batch.loss_weights
        if config.min_snr_gamma is not None:
            weights = weights * self._prediction.min_snr_weight(bars, config.min_snr_gamma)
        noisy, timesteps, target, weights, sizes = (
            sent(tensor, to) for tensor in (noisy, timesteps, target, weights, batch.sizes)
        )
        with self._precision.context():
            predicted = self._model.predict(noisy, timesteps, self._condition(batch), sizes)
        losses = picture_losses(predicted, target)
        return StepLoss((losses * weights).sum(), losses.detach(), chosen)

    def _condition(self, batch: Batch) -> Conditioning:
        if batch.context is not None:
            to, pooled = self._model.device, batch.pooled
            return Conditioning(sent(batch.context, to), None if pooled is None else sent(pooled, to))
        with enable_grad() if self.trains_text else no_grad():
            return self._model.encode_captions(batch.captions, self._config.clip_skip, self._config.max_token_length)
