"""Keeps a request that comes too early from ending the WebUI's start, or its Reload UI.

gradio's server answers before the WebUI has added all middleware to its app, and Starlette refuses to add any once a
request was served: "Cannot add middleware after an application has started", with which the WebUI's process ends. A
page that was open before and asks again and again meets that moment sooner or later. None of our routes is there yet
to tell it to wait. So the app takes middleware at any time until the start is over, in the WebUI's own way: it forgets
the stack that it built, and the next request builds it anew.
"""

import threading
import time
from typing import Any

from modules import shared
from starlette.middleware import Middleware

_PATIENCE = 600.0  # seconds in which a WebUI builds its page, at most
_LOOK = 0.005  # its server needs longer than that to answer

_lock = threading.Lock()
_ready: list[Any] = []
"""The app whose start is over last."""


def starting() -> None:
    """The page is being built: its app comes next, and is made patient as soon as it is there."""
    threading.Thread(target=_look_out, args=(getattr(shared, "demo", None),), daemon=True).start()


def started(app: Any) -> None:
    """All middleware is added: the app is as it would be without us, and what it built too early is forgotten."""
    with _lock:
        _ready[:] = [app]
        if vars(app).pop("add_middleware", None) is not None:
            app.middleware_stack = None


def _look_out(page_before: Any) -> None:
    ends = time.monotonic() + _PATIENCE
    while time.monotonic() < ends:
        page = getattr(shared, "demo", None)
        app = getattr(page, "server_app", None)  # what gradio's server runs; ``app`` is an earlier one
        if page is not page_before and app is not None:
            _make_patient(app)
            return
        time.sleep(_LOOK)


def _make_patient(app: Any) -> None:
    def add_middleware(middleware_class: Any, **options: Any) -> None:
        app.user_middleware.insert(0, Middleware(middleware_class, **options))
        app.middleware_stack = None

    with _lock:
        if app not in _ready:
            app.add_middleware = add_middleware
