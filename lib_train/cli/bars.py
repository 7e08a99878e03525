"""A listener that draws progress bars: step, epoch, smoothed loss, speed and the time left."""

from collections.abc import Mapping
from pathlib import Path
from statistics import fmean
from typing import Any

from tqdm import tqdm

from lib_train.cli.console import print_line
from lib_train.cli.language import here
from lib_train.smoothing import Smoothed
from lib_train.store.curves import Curve
from lib_train.texts import say
from lib_train.training.events import Event, RunStarted, StepDone, Validated
from lib_train.training.plan import TrainPlan

_WORK = {
    "pictures": say("pictures"), "latents": say("latents"), "captions": say("captions"), "previews": say("previews"),
    "files": say("files"), "tags": say("tags"), "bytes": say("bytes"), "layers": say("layers"),
    "figures": say("figures"),
}  # fmt: skip
"""What a listener is told that one works on."""


class Console:
    """See ``Listener``. Lines go to standard output, bars to standard error."""

    def __init__(self) -> None:
        self._bar: Any = None
        self._loss = Smoothed()

    def message(self, text: str) -> None:
        print_line(text)

    def working(self, what: str, done: int, total: int) -> None:
        label = here(_WORK.get(what, what))
        if self._bar is None or self._bar.desc != label:
            self.ended()
            self._bar = tqdm(total=total, desc=label, unit="", dynamic_ncols=True)
        self._bar.update(done - self._bar.n)
        if done == total:
            self.ended()

    def resumed(self, curves: Mapping[str, Curve]) -> None:
        self._loss = Smoothed(curves["loss"].values if "loss" in curves else ())

    def trained(self, event: Event, plan: TrainPlan) -> None:
        if isinstance(event, RunStarted):
            self.ended()
            self._bar = tqdm(total=event.total_steps, initial=event.first_step - 1, unit="it",
                             desc=here(say("training")), dynamic_ncols=True, smoothing=0.1)  # fmt: skip
        elif isinstance(event, StepDone) and self._bar is not None:
            smooth = self._loss.add(event.loss)
            facts = {here(say("epoch")): f"{event.epoch}/{plan.epochs}", here(say("loss")): f"{smooth:.4f}"}
            self._bar.set_postfix(facts, refresh=False)
            self._bar.update(event.step - self._bar.n)
            if event.step == plan.total_steps:
                self.ended()

        elif isinstance(event, Validated):
            print_line(say("validation after step {step}: loss {on:.4f}, {off:.4f} without the network",
                           step=event.step, on=fmean(event.on.values()), off=fmean(event.off.values())))  # fmt: skip

    def offered(self, name: str) -> None: ...

    def paused(self, on: bool) -> None:
        pass  # nobody can ask for it here

    def file_written(self, path: Path) -> None:
        pass  # the command prints all paths at its end

    def ended(self) -> None:
        if self._bar is not None:
            self._bar.close()
            self._bar = None
