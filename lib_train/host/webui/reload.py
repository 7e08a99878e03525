"""Reload UI during a run: the run waits between two steps until the WebUI's scripts are loaded again.

Reload UI sets the flag of the Interrupt button, closes the page's server, lets each extension unload (Lora takes its
patches off torch's classes then, and a layer computed just at that moment would fail), and loads all scripts anew.
"""

import threading
import time

from modules import shared

_PATIENCE = 120.0  # seconds that unloading waits for the step in hand
_GRACE = 0.3  # between the flag and the first other sign of a reload
_RETURN = 30.0  # between the page's return and ours


class Scripts:
    """Whether the WebUI's scripts are loaded. Set by the tab, read by the run's thread."""

    def __init__(self) -> None:
        self._loaded, self._still, self._lent = threading.Event(), threading.Event(), threading.Event()
        self._loaded.set()

    def lent(self, on: bool) -> None:
        """Whether a run holds the model. Setting it waits while scripts reload."""
        if on:
            self._lent.set()
            self._loaded.wait(_RETURN)
        else:
            self._lent.clear()

    def unload(self) -> None:
        """Returns when the run waits; the WebUI unloads its scripts after that."""
        self._loaded.clear()
        ends = time.monotonic() + _PATIENCE
        while self._lent.is_set() and not self._still.wait(0.05) and time.monotonic() < ends:
            pass

    def loaded(self) -> None:
        """Our own script has been loaded, and its page is up."""
        self._loaded.set()

    def go_on(self) -> bool:
        """Whether to continue: False when Interrupt was pressed, or this extension was switched off and reloaded.

        Called while nothing computes. Waits where the WebUI reloads its scripts.
        """
        state = shared.state
        if not interrupted() and self._loaded.is_set():
            return True
        if self._loaded.is_set() and not reloading():
            time.sleep(_GRACE)
            if not reloading():
                return False
        self._still.set()
        try:
            while reloading():
                time.sleep(0.05)
            back = self._loaded.wait(_RETURN)
        finally:
            self._still.clear()
        state.interrupted = state.stopping_generation = False
        return back


def interrupted() -> bool:
    """Whether Interrupt was pressed, or set by the WebUI in order to reload."""
    return bool(shared.state.interrupted or getattr(shared.state, "stopping_generation", False))


def reloading() -> bool:
    """Whether the WebUI is between closing its page and opening it again."""
    if getattr(shared.state, "server_command", None) == "restart":
        return True
    page = getattr(shared, "demo", None)  # None with --nowebui
    closing = getattr(getattr(page, "server", None), "should_exit", False)
    return page is not None and (closing or not page.is_running)
