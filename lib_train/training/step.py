"""The loss of one batch, as the objective of the run has it."""

from collections.abc import Callable
from typing import NamedTuple

from torch import Generator, Tensor, enable_grad, no_grad

from lib_train.config.training import TrainingConfig
from lib_train.dataset.records import Batch
from lib_train.host.protocol import BaseModel, Conditioning
from lib_train.host.shared.transfer import sent
from lib_train.training.objective import objective_of
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
        self._model, self._precision = model, precision
        self._clip_skip, self._max_token_length = config.clip_skip, config.max_token_length
        self.trains_text = trains_text
        """Whether gradients reach the text encoder."""
        self.objective = objective_of(config, model.prediction_type, model.alphas_cumprod, model.device)

    def __call__(self, batch: Batch, chance: Generator) -> Tensor:
        """``StepLoss.total`` alone."""
        return self.told(batch, chance).total

    def told(
        self, batch: Batch, chance: Generator, begin: Callable[[Tensor], None] = lambda timesteps: None
    ) -> StepLoss:
        """Everything about the loss of a batch; ``begin`` is told its timesteps (B,) before anything is computed."""
        to, objective = self._model.device, self.objective
        timesteps, noisy, target = objective.draw(batch.latents, chance)
        begin(timesteps)
        weights = objective.weight(batch.loss_weights, timesteps)
        noisy, there, target, weights, sizes = (
            sent(tensor, to) for tensor in (noisy, timesteps, target, weights, batch.sizes)
        )
        with self._precision.context():
            predicted = self._model.predict(noisy, there, self._condition(batch), sizes)
        losses = objective.mean(objective.error(predicted, target, there))
        return StepLoss((losses * weights).sum(), losses.detach(), timesteps)

    def _condition(self, batch: Batch) -> Conditioning:
        if batch.context is not None:
            to, pooled = self._model.device, batch.pooled
            return Conditioning(sent(batch.context, to), None if pooled is None else sent(pooled, to))
        with enable_grad() if self.trains_text else no_grad():
            return self._model.encode_captions(batch.captions, self._clip_skip, self._max_token_length)
