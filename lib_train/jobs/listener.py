"""Who hears of a job's progress: a console, the tab's status, or nobody."""

from collections.abc import Sequence
from pathlib import Path
from typing import Protocol

from lib_train.training.events import Event
from lib_train.training.plan import TrainPlan


class Listener(Protocol):
    """Told of everything that a person waits for, in the job's own thread. Must be quick and never fail."""

    def message(self, text: str) -> None:
        """A line for a person."""

    def working(self, what: str, done: int, total: int) -> None:
        """Work of known length: "latents", "captions", "previews"."""

    def resumed(self, losses: Sequence[Sequence[float]]) -> None:
        """[step, loss] of what a run did before, which now goes on."""

    def trained(self, event: Event, plan: TrainPlan) -> None:
        """What the trainer tells."""

    def paused(self, on: bool) -> None:
        """Training stands still because somebody wants it to, or goes on."""

    def wrote(self, path: Path) -> None:
        """A checkpoint, a picture or a grid is on the disk."""

    def ended(self) -> None:
        """The job is over, however it ended."""


class Nobody:
    """A listener that hears nothing."""

    def message(self, text: str) -> None: ...

    def working(self, what: str, done: int, total: int) -> None: ...

    def resumed(self, losses: Sequence[Sequence[float]]) -> None: ...

    def trained(self, event: Event, plan: TrainPlan) -> None: ...

    def paused(self, on: bool) -> None: ...

    def wrote(self, path: Path) -> None: ...

    def ended(self) -> None: ...
