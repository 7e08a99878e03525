"""A job's status that is told on the console, too."""

from collections.abc import Mapping
from pathlib import Path

from lib_train.cli.bars import Console
from lib_train.cli.console import print_line
from lib_train.error_json import without_root
from lib_train.jobs.status import Status
from lib_train.store.curves import Curve
from lib_train.texts import joined, say
from lib_train.training.events import Event
from lib_train.training.plan import TrainPlan

_PHASES = {"finished": say("finished"), "stopped": say("stopped"), "failed": say("failed")}


class TellingStatus(Status):
    """See ``Status`` and ``Console``."""

    def __init__(self, root: Path | None = None) -> None:
        super().__init__(root)
        self._told, self._below = Console(), root

    def begin(self, kind: str, project: str, version: str) -> None:
        super().begin(kind, project, version)
        print_line(f"{project} / {version}" if project else kind)

    def end(self, phase: str, text: str = "", error: BaseException | None = None) -> None:
        super().end(phase, text, error)
        self._told.ended()
        said = without_root(str(error), self._below) if error else ""
        if said or phase != "finished":
            print_line(joined(": ", (_PHASES[phase], *([said] if said else []))))

    def message(self, text: str) -> None:
        super().message(text)
        self._told.message(text)

    def working(self, what: str, done: int, total: int) -> None:
        super().working(what, done, total)
        self._told.working(what, done, total)

    def resumed(self, curves: Mapping[str, Curve]) -> None:
        super().resumed(curves)
        self._told.resumed(curves)

    def trained(self, event: Event, plan: TrainPlan) -> None:
        super().trained(event, plan)
        self._told.trained(event, plan)

    def ended(self) -> None:
        super().ended()
        self._told.ended()
