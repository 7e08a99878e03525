"""When the jobs of the queue begin."""

import re
from dataclasses import dataclass

from lib_train.config.checking import checked
from lib_train.config.fields import BASIC, option
from lib_train.errors import Problem
from lib_train.texts import say

_TIME = re.compile("([01]?[0-9]|2[0-3]):[0-5][0-9]")


@dataclass(frozen=True, kw_only=True)
class QueueConfig:
    """What a waiting job waits for, beside its turn. An instance is always valid."""

    paused: bool = option(
        False, "No waiting job begins; the one that goes on is not touched.", level=BASIC, label="Pause the queue"
    )
    go_on_by_itself: bool = option(
        False, "After a restart the queue goes on without asking.", level=BASIC, label="Go on after a restart"
    )
    start_at: str = option(
        "", "Waiting jobs begin at this time of day, such as 01:00; empty is at once.", level=BASIC, label="Start at"
    )
    idle_minutes: int = option(
        0, "Waiting jobs begin, and trainings of the queue go on, only while nobody has generated a picture for so "
        "many minutes; 0 is always.", low=0, high=1440, level=BASIC, label="Minutes without generating",
    )  # fmt: skip

    def __post_init__(self) -> None:
        checked(self, _time_of_day)


def _time_of_day(config: QueueConfig) -> Problem | None:
    if config.start_at and not _TIME.fullmatch(config.start_at):
        return Problem("start_at", config.start_at, say("give a time of day such as 01:00, or leave it empty"))
    return None
