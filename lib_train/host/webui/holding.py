"""The WebUI's device, held for work that needs no checkpoint: its queue, its progress bar, its Interrupt button."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager

from modules import call_queue, devices, lowvram, sd_models, shared

from lib_train.errors import HostBusyError
from lib_train.host.protocol import GoOn
from lib_train.host.webui.idle import Idle
from lib_train.host.webui.pictures import same_chance
from lib_train.host.webui.queue import let_others_first, others_wait
from lib_train.host.webui.reload import Scripts
from lib_train.texts import say


class Holding:
    """One job of ours at a time. It must not be entered in a thread that holds the WebUI's queue lock."""

    def __init__(self) -> None:
        self._taken = threading.Lock()
        self.scripts, self.idle = Scripts(), Idle()

    def idle_seconds(self) -> float | None:
        """See ``Host``."""
        return self.idle.seconds()

    @contextmanager
    def _alone(self) -> Iterator[None]:
        if not self._taken.acquire(blocking=False):
            raise HostBusyError(say("another job of this process holds the model; wait until it ends"))
        try:
            yield
        finally:
            self._taken.release()

    @contextmanager
    def computing(self) -> Iterator[GoOn]:
        """See ``Host``."""
        with self._alone(), call_queue.queue_lock, same_chance():
            with sd_models.model_data.lock:
                pass  # a checkpoint that is being loaded has torch build every module without memory
            lowvram.send_everything_to_cpu()
            try:
                self._begin()
                yield self._go_on
            finally:
                self._end()
                devices.torch_gc()

    def _go_on(self, done: int, total: int) -> bool:
        if not self.scripts.go_on():
            return False
        if others_wait():
            self._end()
            let_others_first()
            self._begin()
        shared.state.job_count, shared.state.job_no = total, done
        return True

    def _begin(self) -> None:
        self.scripts.lent(True)
        self.idle.begin()

    def _end(self) -> None:
        shared.state.end()
        self.scripts.lent(False)
