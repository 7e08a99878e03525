"""Asks a model the questions of probes, a batch at a time."""

from collections.abc import Iterator, Sequence

import torch
from torch import Tensor

from lib_train.config.training import TrainingConfig
from lib_train.dataset.contexts import ContextStore, Encoded
from lib_train.host.protocol import BaseModel, Conditioning
from lib_train.host.shared.transfer import sent
from lib_train.judging.probes import Question
from lib_train.training.precision import Precision, types_of

_MOST = 16


class Asking:
    """Predictions of a model as it is now, with whatever network is on it.

    Args:
        config: how captions are encoded, in which number format is computed, and how many pictures go at once: twice
            as many as in training, which keeps activations too.
    """

    def __init__(self, model: BaseModel, config: TrainingConfig) -> None:
        self._model, self._config = model, config
        self._precision = Precision(config.mixed_precision, model.device, types_of(model.unet))
        self._size = min(_MOST, 2 * config.train_batch_size)

    def batches(self, questions: Sequence[Question]) -> list[list[int]]:
        """Places of the questions that are asked together: of one size, in their order."""
        shapes: dict[torch.Size, list[int]] = {}
        for place, question in enumerate(questions):
            shapes.setdefault(question.noisy.shape, []).append(place)
        return [
            places[start : start + self._size]
            for places in shapes.values()
            for start in range(0, len(places), self._size)
        ]

    def answers(self, questions: Sequence[Question]) -> Iterator[dict[int, Tensor]]:
        """Predictions (4, h, w), float32, in the machine's own memory, by place: a batch at a time.

        The network must stay as it is until the last one.
        """
        contexts = ContextStore((), "", None, self._encode)
        for places in self.batches(questions):
            yield self._asked([questions[place] for place in places], places, contexts)

    @torch.no_grad()
    def _asked(self, questions: Sequence[Question], places: Sequence[int], contexts: ContextStore) -> dict[int, Tensor]:
        to = self._model.device
        context, pooled = contexts.condition([one.caption for one in questions])
        condition = Conditioning(sent(context, to), None if pooled is None else sent(pooled, to))
        noisy = sent(torch.stack([one.noisy for one in questions]), to)
        timesteps = sent(torch.tensor([one.timestep for one in questions]), to)
        sizes = sent(torch.stack([one.sizes for one in questions]), to)
        with self._precision.context():
            found = self._model.predict(noisy, timesteps, condition, sizes)
        return dict(zip(places, found.float().cpu(), strict=True))

    @torch.no_grad()
    def _encode(self, captions: Sequence[str]) -> Encoded:
        config = self._config
        reading = config.clip_skip, config.max_token_length, config.weighted_captions
        with self._precision.context():
            return self._model.encode_captions(captions, *reading)
