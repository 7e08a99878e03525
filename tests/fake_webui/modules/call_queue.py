import threading
import time
from collections import deque


class FIFOLock:
    """Who waits longest is woken first. The lock is free until the woken one takes it, and whoever comes may."""

    def __init__(self) -> None:
        self._lock, self._inner_lock = threading.Lock(), threading.Lock()
        self._pending_threads: deque[threading.Event] = deque()
        self.wakes_in = 0.0
        """Seconds that a busy machine takes to let a woken thread go on."""

    def acquire(self, blocking: bool = True) -> bool:
        with self._inner_lock:
            if self._lock.acquire(blocking=False):
                return True
            if not blocking:
                return False
            turn = threading.Event()
            self._pending_threads.append(turn)
        turn.wait()
        time.sleep(self.wakes_in)
        return self._lock.acquire()

    def release(self) -> None:
        with self._inner_lock:
            if self._pending_threads:
                self._pending_threads.popleft().set()
            self._lock.release()

    def __enter__(self) -> None:
        self.acquire()

    def __exit__(self, *error: object) -> None:
        self.release()


queue_lock = FIFOLock()
