"""The WebUI's queue: one lock that each computation holds in turn."""

import threading
import time
from typing import Any

from modules import call_queue

_YIELD_SECONDS = 0.03


def others_wait() -> bool:
    """Whether anyone waits for the queue."""
    return bool(getattr(call_queue.queue_lock, "_pending_threads", ()))


def let_others_first() -> None:
    """Give the lock, which we hold, to everybody who waits for it now; on return we hold it again.

    The lock wakes the first who waits and is free until that thread has come to itself, on a busy machine for longer
    than any pause that could be made here. Whoever takes it meanwhile leaves the woken one waiting outside of the
    queue, where nobody sees it. So we take our place in the queue before the lock is given up, and our turn comes when
    the one before us gives it back.
    """
    lock: Any = call_queue.queue_lock
    turn = threading.Event()
    with lock._inner_lock:
        lock._pending_threads.append(turn)
    lock.release()
    turn.wait()
    time.sleep(_YIELD_SECONDS)  # somebody may have come in between, and left the woken one outside
    lock._lock.acquire()
