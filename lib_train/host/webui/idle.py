"""How long nobody has generated pictures in the WebUI, told by its state: the job it names, and when that began."""

import time

from modules import shared

OWN = "train-tools"
"""How our jobs are called there."""


class Idle:
    """Looks when it is asked, and when one of our jobs begins. A WebUI that has just started counts as used."""

    def __init__(self) -> None:
        self._used = time.time()
        self._own: object = None  # when our last job began, by the WebUI's own clock

    def seconds(self) -> float:
        """Since the end of the last job that is not ours, as far as somebody looked then, or else its begin."""
        self.look()
        return max(0.0, time.time() - self._used)

    def look(self) -> None:
        """Note what goes on."""
        state = shared.state
        if state.job and state.job != OWN:
            self._used = time.time()
        elif state.time_start and state.time_start != self._own:
            self._used = max(self._used, float(state.time_start))

    def begin(self) -> None:
        """Begin a job of ours in the WebUI's state."""
        self.look()
        shared.state.begin(job=OWN)
        self._own = shared.state.time_start
