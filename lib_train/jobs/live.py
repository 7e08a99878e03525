"""The network of a run that goes on, for a host whose prompts may name it."""

import os
from pathlib import Path

from lib_train.jobs.sinks import CheckpointWriter
from lib_train.store.runs import Run
from lib_train.texts import say
from lib_train.training.trainer import Trainer


class Live:
    """See ``InTraining``."""

    def __init__(self, run: Run, trainer: Trainer, writer: CheckpointWriter) -> None:
        self._run, self._trainer, self._writer = run, trainer, writer
        self.folder = run.version.part("cache")

    @property
    def step(self) -> int:
        return self._trainer.step

    @property
    def label(self) -> str:
        version = self._run.version
        return f"{version.project.name}/{version.name} {self._run.name} step {self.step}"

    @property
    def about(self) -> str:
        step, plan = self.step, self._trainer.plan
        return say(
            "training now: step {step} of {steps}, epoch {epoch}",
            step=step, steps=plan.total_steps, epoch=plan.epoch_of(max(1, step)),
        )  # fmt: skip

    @property
    def sample(self) -> Path | None:
        for checkpoint in reversed(self._run.checkpoints()):
            if drawn := list(self._run.version.inside("previews", checkpoint.stem).glob("*.png")):
                return max(drawn, key=os.path.getmtime)
        return None

    def write(self, path: Path) -> None:
        self._writer.copy_to(path, self._trainer.present())
