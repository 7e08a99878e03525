"""Handlers of a run's events: files, log, previews."""

import dataclasses
import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from itertools import chain, count
from pathlib import Path
from threading import Event as Flag

from torch import Tensor

from lib_train.chance import seed_of
from lib_train.checkpoints.files import holds, write_network
from lib_train.checkpoints.metadata import AVERAGE_KEY
from lib_train.checkpoints.resume import write_state
from lib_train.config.preview import PreviewConfig
from lib_train.errors import BaseModelChanged, TrainToolsError
from lib_train.jobs.provenance import facts_of
from lib_train.jobs.resuming import Start
from lib_train.store.runs import Run
from lib_train.texts import either, say
from lib_train.training.events import (
    CheckpointReady,
    CheckpointSaved,
    Event,
    FixedLoss,
    RunFinished,
    RunStarted,
    StateReady,
    StepDone,
    Validated,
)
from lib_train.training.plan import TrainPlan
from lib_train.training.trainer import Trainer

_LEAST_SECONDS, _LEAST_TIMES = 180.0, 100
"""Least time between two states that the plan does not ask for: seconds, and multiples of the last writing time."""
_MOST_LOSSES = 200_000
"""Of single pictures that a run's log tells, in some 23 bytes each."""


class CheckpointWriter:
    """Writes each checkpoint. One that a resumed run makes again stays as it is.

    Args:
        warn: called with a sentence when a file differs from what the settings ask.
    """

    def __init__(
        self,
        run: Run,
        plan: TrainPlan,
        metadata: Callable[[str, int, int], dict[str, str]],
        precision: str,
        warn: Callable[[str], None],
    ):
        self._run, self._plan, self._metadata, self._precision, self._warn = run, plan, metadata, precision, warn
        self._latest: CheckpointSaved | None = None

    def __call__(self, event: Event) -> Iterable[Event]:
        if not isinstance(event, CheckpointReady):
            return ()
        if self._latest and event.step == self._latest.step:  # requested once more
            return (dataclasses.replace(self._latest, again=True),)
        path = self._written(event, event.tensors, averaged=False)
        beside = None if event.averaged is None else self._written(event, event.averaged, averaged=True)
        self._latest = CheckpointSaved(event.step, event.epoch, path, averaged=beside)
        return (self._latest,)

    def copy_to(self, path: Path, event: CheckpointReady) -> None:
        """Write to ``path`` what the file of this checkpoint would hold, or holds; of two files the first."""
        stem = self._path(event, event.tensors, averaged=False).stem
        write_network(path, event.tensors, self._metadata(stem, event.step, event.epoch), self._precision)

    def _written(self, event: CheckpointReady, tensors: Mapping[str, Tensor], *, averaged: bool) -> Path:
        """The file of these tensors, written where it is not there yet."""
        path = self._path(event, tensors, averaged)
        if not path.exists():
            metadata = self._metadata(path.stem, event.step, event.epoch)
            if averaged:
                metadata[AVERAGE_KEY] = "True"
            if beyond := write_network(path, tensors, metadata, self._precision):
                self._warn(_float_note(path, beyond, self._precision))
        return path

    def _path(self, event: CheckpointReady, tensors: Mapping[str, Tensor], averaged: bool) -> Path:
        path = self._run.checkpoint_path(
            event.step,
            event.epoch,
            last=event.step == self._plan.total_steps,
            ends_epoch=self._plan.ends_epoch(event.step),
            averaged=averaged,
        )
        return self._free(path, event.step, tensors) if self._run.changed() else path

    def _free(self, path: Path, step: int, tensors: Mapping[str, Tensor]) -> Path:
        """A file name that no other weights of this run have; its data may have changed on resuming."""
        names = chain([path.stem, f"{path.stem}-step{step:08d}"], (f"{path.stem}-{n}" for n in count(2)))
        found = (path.with_stem(name) for name in names)
        return next(one for one in found if not one.exists() or holds(one, tensors, self._precision))


def _float_note(path: Path, beyond: Sequence[str], precision: str) -> str:
    """Note on a file that is written in float because ``precision`` cannot hold its weights."""
    names = ", ".join([*beyond[:3], *(["..."] if len(beyond) > 3 else [])])
    larger = either(("bf16", "float")) if precision == "fp16" else "float"
    return say(
        "note: {name} is written in float, as {precision} cannot hold weights as large as in {names}: set "
        "save_precision = {larger}; weights so large mostly come of a learning rate that is too high",
        name=path.name, precision=precision, names=names, larger=larger,
    )  # fmt: skip


class StateWriter:
    """Keeps a state to resume from: when the plan wants it, and every few minutes.

    Args:
        clock: seconds that only grow.
    """

    def __init__(self, start: Start, trainer: Trainer, clock: Callable[[], float] = time.monotonic) -> None:
        self._start, self._trainer, self._clock = start, trainer, clock
        self._written, self._took = clock(), 0.0

    def __call__(self, event: Event) -> None:
        if isinstance(event, StateReady):
            self.write()

    def due(self) -> bool:
        """Whether the last state is minutes old and 100 times its writing time: states cost 1% of a run at most."""
        return self._clock() - self._written >= max(_LEAST_SECONDS, _LEAST_TIMES * self._took)

    def write(self) -> Path:
        """Write a state now."""
        begun = self._clock()
        tensors, facts = self._trainer.state()
        made = facts_of(self._start.made) if self._start.made else {}
        path = write_state(self._start.run.state_folder, int(facts["step"]), tensors, {**facts, **made})
        self._written = self._clock()
        self._took = self._written - begun
        return path


class LogWriter:
    """Appends steps, checkpoints, start and end to the run's events.jsonl.

    Of a long run some steps alone tell the losses of their pictures, by chance that depends on the step.
    """

    def __init__(self, run: Run, total_steps: int) -> None:
        self._run, self._total = run, total_steps

    def __call__(self, event: Event) -> None:
        if isinstance(event, StepDone | RunStarted | RunFinished | Validated | FixedLoss):
            facts = {"event": type(event).__name__, "time": round(time.time(), 3), **vars(event)}
            if isinstance(event, StepDone):
                facts["norms"] = event.norms._asdict() if event.norms else None
                told = event.pictures if self._tells_pictures(event) else ()
                facts["pictures"] = [[one.picture, one.timestep, round(one.loss, 6)] for one in told]
            self._run.log({name: fact for name, fact in facts.items() if fact is not None})
        elif isinstance(event, CheckpointSaved) and not event.again:
            for path in event.paths:
                named = {"step": event.step, "epoch": event.epoch, "file": path.name}
                self._run.log({"event": type(event).__name__, **named})

    def _tells_pictures(self, event: StepDone) -> bool:
        share = _MOST_LOSSES / max(1, self._total * len(event.pictures))
        return seed_of("log", event.step, bits=32) < share * 2**32


class Previews:
    """Pictures of the newest checkpoint between two steps. One that fails is reported, and training goes on.

    Args:
        draw: called with the files of a checkpoint; with none before the first step.
        requested: set when previews are requested beside those of the settings; cleared when they are made.
    """

    def __init__(
        self,
        config: PreviewConfig,
        plan: TrainPlan,
        trainer: Trainer,
        draw: Callable[..., object],
        warn: Callable[[str], None],
        requested: Flag,
    ) -> None:
        self._every = config.preview_every_n_steps, config.preview_every_n_epochs
        self._plan, self._trainer = plan, trainer
        self._draw, self._warn, self._requested = draw, warn, requested
        self._at_first = config.preview_at_first and bool(config.preview_prompts)

    def __call__(self, event: Event) -> None:
        if isinstance(event, RunStarted) and event.first_step == 1 and self._at_first:
            self._try(0)
        if not isinstance(event, CheckpointSaved):
            return
        if self._requested.is_set() or self._plan.is_due(event.step, *self._every):
            self._try(event.step, *event.paths)
            self._requested.clear()

    def _try(self, step: int, *paths: Path) -> None:
        try:
            with self._trainer.paused():
                self._draw(*paths)
        except BaseModelChanged:
            raise
        except (TrainToolsError, RuntimeError, OSError) as error:
            self._warn(say("no preview of step {step}: {why}", step=step, why=error))
