"""Requests to the running job: stop, sample, pause. Made from any thread; granted between two steps."""

from collections.abc import Iterator
from contextlib import contextmanager
from threading import Event as Flag
from typing import Any

from lib_train.errors import ConfigError, NotTraining, Problem
from lib_train.texts import say, with_texts

_NO_PROMPTS = say("this run has no preview prompts")
_NO_TRAINING = say("no training goes on now: press Train first, and wait for its first step")


class Wishes:
    """Requests to one job at a time; cleared when the next one begins."""

    def __init__(self) -> None:
        self.stop, self.sample, self.pause = Flag(), Flag(), Flag()
        self.save, self.last_epoch = Flag(), Flag()
        self._training, self._prompts = False, False

    def clear(self) -> None:
        """Cancel all requests."""
        for wish in (self.stop, self.sample, self.pause, self.save, self.last_epoch):
            wish.clear()

    @contextmanager
    def training(self, prompts: bool) -> Iterator[None]:
        """While entered, pauses may be requested, and samples if the run has preview ``prompts``."""
        self._training, self._prompts = True, prompts
        try:
            yield
        finally:
            self._training = False

    def ask_for_sample(self) -> None:
        """Save the present weights after the next step, and make their previews.

        Raises:
            TrainToolsError: no training goes on, or it has no preview prompts.
        """
        self._require_training()
        if not self._prompts:
            remedy = say("this run has no preview prompts; give some under Saving and previews before the next one")
            raise ConfigError([Problem("preview_prompts", (), remedy)])
        self.sample.set()

    def ask_for_save(self) -> None:
        """Save the present weights after the next step.

        Raises:
            NotTraining: no training goes on.
        """
        self._require_training()
        self.save.set()

    def ask_for_last_epoch(self, on: bool = True) -> None:
        """Stop after this epoch, with a checkpoint; or, without ``on``, no longer.

        Raises:
            NotTraining: no training goes on.
        """
        self._require_training()
        if on:
            self.last_epoch.set()
        else:
            self.last_epoch.clear()

    def ask_for_pause(self) -> None:
        """Pause the run after the next step and give the model back to the host.

        Raises:
            NotTraining: no training goes on.
        """
        self._require_training()
        self.pause.set()

    def ask_to_continue(self) -> None:
        """End the pause.

        Raises:
            NotTraining: no training goes on.
        """
        self._require_training()
        self.pause.clear()

    def should_pause(self) -> bool:
        """Whether a pause is requested, and neither a stop nor a checkpoint is waiting."""
        return self.pause.is_set() and not any(wish.is_set() for wish in (self.stop, self.sample, self.save))

    def snapshot(self) -> dict[str, Any]:
        """What can be requested now, why not, and what is pending; as JSON values."""
        why_no_sample = _NO_TRAINING if not self._training else "" if self._prompts else _NO_PROMPTS
        return with_texts({
            "training": self._training,
            "pausing": self.pause.is_set(),
            "sampling": self.sample.is_set(),
            "saving": self.save.is_set(),
            "last_epoch": self.last_epoch.is_set(),
            "why_no_sample": why_no_sample,
        })  # fmt: skip

    def _require_training(self) -> None:
        if not self._training:
            raise NotTraining(_NO_TRAINING)
