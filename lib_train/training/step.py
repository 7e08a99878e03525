"""The loss of one batch, as the objective of the run has it."""

from collections.abc import Callable, Sequence
from contextlib import nullcontext
from typing import NamedTuple

from torch import Generator, Tensor, no_grad

from lib_train.config.training import TrainingConfig
from lib_train.dataset.records import Batch
from lib_train.diffusion.loss import picture_means, squared_errors
from lib_train.diffusion.masking import MaskedMeans
from lib_train.host.protocol import BaseModel, Conditioning
from lib_train.host.shared.transfer import sent
from lib_train.networks.network import Network
from lib_train.training.objective import objective_of
from lib_train.training.precision import Precision

_INSIDE = MaskedMeans(normalised=True)


class StepLoss(NamedTuple):
    """What a batch gives."""

    total: Tensor
    """Sum of the batch's weighted picture losses, 0-dim float32, with gradients for whatever is trained."""
    each: Tensor
    """(B,), float32: of each picture, without its weight and without gradients."""
    timesteps: Tensor
    """(B,), in the machine's own memory."""
    preserved: Callable[[], Tensor] | None = None
    """What is to be added to ``total``, computed when it is called: its activations need no room beside the first ones,
    when ``total`` has gone backward. None where nothing is.
    """


class _Seen(NamedTuple):
    """A batch on the device, as the model sees it."""

    noisy: Tensor
    timesteps: Tensor
    sizes: Tensor
    weights: Tensor


class Loss:
    """Computes what a step minimises: the same batch and chance give the same loss.

    Args:
        network: what is trained; it is silent where the base model's prediction is wanted.
    """

    def __init__(
        self, model: BaseModel, config: TrainingConfig, precision: Precision, network: Network, *, trains_text: bool
    ) -> None:
        self._model, self._precision, self._network = model, precision, network
        self._reading = config.clip_skip, config.max_token_length, config.weighted_captions
        self.trains_text = trains_text
        """Whether gradients reach the text encoder."""
        self.objective = objective_of(config, model.prediction_type, model.alphas_cumprod, model.device)
        self._changes_text = bool(network.parameters("text_encoder"))
        self._base: tuple[Sequence[str], Conditioning] | None = None

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
        seen, masks = _Seen(noisy, there, sizes, weights), None if batch.masks is None else sent(batch.masks, to)
        cached = _cached(batch.context, batch.pooled)
        base = self._by_base(seen, batch.captions, cached) if masks is not None and objective.masks_need_base else None
        predicted = self._predicted(seen, batch.captions, cached)
        against_base = None if base is None else objective.error(predicted, base, there)
        losses = objective.mean(objective.error(predicted, target, there), masks, against_base)
        preserved = (lambda: self._preserved(seen, batch)) if objective.preservation else None
        return StepLoss((losses * weights).sum(), losses.detach(), timesteps, preserved)

    @no_grad()
    def plain(self, batch: Batch, timestep: int, chance: Generator, *, base: bool = False) -> Tensor:
        """(B,), float32: the mean squared error of each picture inside its mask, whatever the objective minimises.

        Args:
            base: whether of the base model, with the networks that are not trained.
        """
        to = self._model.device
        timesteps, noisy, target = self.objective.plain(batch.latents, timestep, chance)
        noisy, there, target, sizes = (sent(tensor, to) for tensor in (noisy, timesteps, target, batch.sizes))
        seen, cached = _Seen(noisy, there, sizes, there), _cached(batch.context, batch.pooled)
        predicted = (self._by_base if base else self._predicted)(seen, batch.captions, cached)
        masks = None if batch.masks is None else sent(batch.masks, to)
        return _INSIDE(squared_errors(predicted, target, there), masks)

    def _preserved(self, seen: _Seen, batch: Batch) -> Tensor:
        """As ``StepLoss.total``, of how far predictions for ``kept_captions`` are from those of the base model."""
        captions, cached = batch.kept_captions, _cached(batch.kept_context, batch.kept_pooled)
        base = self._by_base(seen, captions, cached)
        errors = self.objective.error(self._predicted(seen, captions, cached), base, seen.timesteps)
        return self.objective.preservation * (picture_means(errors) * seen.weights).sum()

    def _predicted(self, seen: _Seen, captions: Sequence[str], cached: Conditioning | None) -> Tensor:
        with self._precision.context():
            return self._model.predict(seen.noisy, seen.timesteps, self._condition(captions, cached), seen.sizes)

    def _condition(self, captions: Sequence[str], cached: Conditioning | None) -> Conditioning:
        if cached is not None:
            to, pooled = self._model.device, cached.pooled
            return Conditioning(sent(cached.context, to), None if pooled is None else sent(pooled, to))
        with nullcontext() if self.trains_text else no_grad():
            return self._model.encode_captions(captions, *self._reading)

    @no_grad()
    def _by_base(self, seen: _Seen, captions: Sequence[str], cached: Conditioning | None) -> Tensor:
        """What the base model predicts, with the networks that are not trained."""
        with self._network.silent(), self._precision.context():
            condition = self._base_condition(captions) if self._changes_text else self._condition(captions, cached)
            return self._model.predict(seen.noisy, seen.timesteps, condition, seen.sizes)

    def _base_condition(self, captions: Sequence[str]) -> Conditioning:
        """Kept until others are asked for: the empty prompt is encoded once."""
        if self._base is None or self._base[0] != captions:
            found = self._model.encode_captions(captions, *self._reading)
            self._base = captions, found
        return self._base[1]


def _cached(context: Tensor | None, pooled: Tensor | None) -> Conditioning | None:
    return None if context is None else Conditioning(context, pooled)
