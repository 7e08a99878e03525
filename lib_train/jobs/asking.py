"""Wishes of other processes, granted as those of this one are."""

import time
from collections.abc import Callable, Sequence

from lib_train.errors import TrainToolsError
from lib_train.jobs.wishes import Wishes
from lib_train.store.asked import WISHES, taken
from lib_train.store.runs import Run
from lib_train.texts import say

_APART = 0.5  # seconds from one look to the next


class Asking:
    """Looks for what was asked of a run, twice a second at most.

    Args:
        told: called with a sentence where something is granted or cannot be.
        clock: seconds that only grow.
    """

    def __init__(
        self, run: Run, wishes: Wishes, told: Callable[[str], None], clock: Callable[[], float] = time.monotonic
    ) -> None:
        self._run, self._told, self._clock = run, told, clock
        self._grant: dict[str, Callable[[], object]] = {
            "save": wishes.ask_for_save,
            "sample": wishes.ask_for_sample,
            "pause": wishes.ask_for_pause,
            "continue": wishes.ask_to_continue,
            "stop": wishes.stop.set,
            "stop-after-epoch": wishes.ask_for_last_epoch,
        }
        self._next = clock()

    def look(self, wishes: Sequence[str] = WISHES) -> None:
        """Grant those of these wishes that were asked since the last time; others stay for later."""
        if self._clock() < self._next:
            return
        self._next = self._clock() + _APART
        for wish in taken(self._run, wishes):
            try:
                self._grant[wish]()
                self._told(say("asked from outside: {wish}", wish=wish))
            except TrainToolsError as error:
                self._told(say("asked from outside: {wish}: {why}", wish=wish, why=error))
