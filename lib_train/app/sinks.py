"""Who listens to a run: files, log, console, previews."""

import dataclasses
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from lib_train.checkpoints.files import write_network
from lib_train.checkpoints.resume import write_state
from lib_train.config.preview import PreviewConfig
from lib_train.errors import TrainToolsError
from lib_train.store.runs import Run
from lib_train.training.events import (
    CheckpointReady,
    Event,
    RunFinished,
    RunStarted,
    StateReady,
    StepDone,
)
from lib_train.training.plan import TrainPlan
from lib_train.training.trainer import Trainer


class CheckpointWriter:
    """Writes each checkpoint; the newest is ``latest``. A checkpoint that a resumed run makes again stays as it is."""

    def __init__(self, run: Run, plan: TrainPlan, metadata: Callable[[str, int, int], dict[str, str]], precision: str):
        self._run, self._plan, self._metadata, self._precision = run, plan, metadata, precision
        self.latest: Path | None = None

    def __call__(self, event: Event) -> None:
        if not isinstance(event, CheckpointReady):
            return
        path = self._run.checkpoint_path(
            event.step,
            event.epoch,
            last=event.step == self._plan.total_steps,
            ends_epoch=self._plan.ends_epoch(event.step),
        )
        if not path.exists():
            metadata = self._metadata(path.stem, event.step, event.epoch)
            write_network(path, event.tensors, metadata, self._precision)
        self._run.log({"event": "CheckpointSaved", "step": event.step, "epoch": event.epoch, "file": path.name})
        self.latest = path


class StateWriter:
    """Keeps a state to resume from."""

    def __init__(self, run: Run, trainer: Trainer) -> None:
        self._run, self._trainer = run, trainer

    def __call__(self, event: Event) -> None:
        if isinstance(event, StateReady):
            self.write()

    def write(self) -> Path:
        tensors, facts = self._trainer.state()
        return write_state(self._run.state_folder, int(facts["step"]), tensors, facts)


class LogWriter:
    """Appends steps, start and end to the run's events.jsonl."""

    def __init__(self, run: Run) -> None:
        self._run = run

    def __call__(self, event: Event) -> None:
        if isinstance(event, StepDone | RunStarted | RunFinished):
            self._run.log({"event": type(event).__name__, "time": round(time.time(), 3), **dataclasses.asdict(event)})


class Console:
    """A progress bar: step, epoch, smoothed loss, speed and the time left."""

    def __init__(self, plan: TrainPlan) -> None:
        self._plan, self._loss = plan, 0.0
        self._bar: Any = None

    def __call__(self, event: Event) -> None:
        from tqdm import tqdm

        if isinstance(event, RunStarted):
            self._bar = tqdm(total=event.total_steps, initial=event.first_step - 1, unit="it", desc="training",
                             dynamic_ncols=True, smoothing=0.1)  # fmt: skip
        elif isinstance(event, StepDone) and self._bar is not None:
            self._loss = event.loss if not self._loss else 0.95 * self._loss + 0.05 * event.loss
            epoch = f"{event.epoch}/{self._plan.epochs}"
            self._bar.set_postfix({"epoch": epoch, "loss": f"{self._loss:.4f}"}, refresh=False)
            self._bar.update(event.step - self._bar.n)

    def close(self) -> None:
        if self._bar is not None:
            self._bar.close()


class Previews:
    """Pictures of the newest checkpoint between two steps. One that fails is reported, and training goes on."""

    def __init__(
        self,
        config: PreviewConfig,
        plan: TrainPlan,
        trainer: Trainer,
        checkpoints: CheckpointWriter,
        draw: Callable[[Path], object],
    ) -> None:
        self._config, self._plan, self._trainer = config, plan, trainer
        self._checkpoints, self._draw = checkpoints, draw

    def __call__(self, event: Event) -> None:
        if not isinstance(event, CheckpointReady) or not self._due(event) or self._checkpoints.latest is None:
            return
        try:
            with self._trainer.paused():
                self._draw(self._checkpoints.latest)
        except (TrainToolsError, RuntimeError, OSError) as error:
            sys.stderr.write(f"\nno preview of step {event.step}: {error}\n")

    def _due(self, event: CheckpointReady) -> bool:
        every_epochs, every_steps = self._config.preview_every_n_epochs, self._config.preview_every_n_steps
        ends = self._plan.ends_epoch(event.step)
        by_epoch = bool(every_epochs) and ends and event.epoch % (every_epochs or 1) == 0
        return by_epoch or (bool(every_steps) and event.step % (every_steps or 1) == 0)
