"""Who hears of a job's progress: a console, the tab's status, or nobody."""

from collections.abc import Mapping
from pathlib import Path
from typing import Protocol

from lib_train.store.curves import Curve
from lib_train.training.events import Event
from lib_train.training.plan import TrainPlan


class Listener(Protocol):
    """Called with the job's progress, in the job's own thread. Must return quickly and never raise."""

    def message(self, text: str) -> None:
        """A line for a person."""

    def working(self, what: str, done: int, total: int) -> None:
        """Work of known length: "latents", "captions", "previews", "tags", "bytes", "figures"."""

    def resumed(self, curves: Mapping[str, Curve]) -> None:
        """Curves of the earlier steps of a resumed run."""

    def trained(self, event: Event, plan: TrainPlan) -> None:
        """An event of the trainer."""

    def offered(self, name: str) -> None:
        """Prompts of the host may name the network in training so, until the job is over; empty where they cannot."""

    def paused(self, on: bool) -> None:
        """Training was paused (``on``) or continues."""

    def file_written(self, path: Path) -> None:
        """A checkpoint, a picture or a sheet was written."""

    def ended(self) -> None:
        """The job is over, however it ended."""


class Nobody:
    """A listener that ignores everything."""

    def message(self, text: str) -> None: ...

    def working(self, what: str, done: int, total: int) -> None: ...

    def resumed(self, curves: Mapping[str, Curve]) -> None: ...

    def trained(self, event: Event, plan: TrainPlan) -> None: ...

    def offered(self, name: str) -> None: ...

    def paused(self, on: bool) -> None: ...

    def file_written(self, path: Path) -> None: ...

    def ended(self) -> None: ...
