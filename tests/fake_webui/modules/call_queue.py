import threading
from collections import deque


class FairLock:
    """Who waits longest comes first, and all who wait are listed; whoever comes while it is free takes it."""

    def __init__(self) -> None:
        self._held, self._changed = False, threading.Condition()
        self._pending_threads: deque[object] = deque()

    def acquire(self, blocking: bool = True) -> bool:
        with self._changed:
            if self._held:
                if not blocking:
                    return False
                ticket = object()
                self._pending_threads.append(ticket)
                self._changed.wait_for(lambda: not self._held and self._pending_threads[0] is ticket)
                self._pending_threads.popleft()
            self._held = True
            return True

    def release(self) -> None:
        with self._changed:
            self._held = False
            self._changed.notify_all()

    def __enter__(self) -> None:
        self.acquire()

    def __exit__(self, *error: object) -> None:
        self.release()


queue_lock = FairLock()
