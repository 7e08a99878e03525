"""Routes that are made while the program that they belong to goes on starting.

What they and the session behind them are made of are 200 modules, which nobody should wait for who only starts.
"""

import threading
from collections.abc import Callable, Iterable

from fastapi import APIRouter, FastAPI
from starlette.concurrency import run_in_threadpool
from starlette.routing import Match, Route
from starlette.types import Receive, Scope, Send

from lib_train.api.answers import refusal
from lib_train.texts import say


def include_later(app: FastAPI, prefix: str, make: Callable[[], Iterable[APIRouter]]) -> threading.Thread:
    """Include routes below ``prefix`` as soon as a thread has made them; whoever asks for one before that waits.

    Where making them fails, each request tries it again, and is told so.

    Returns:
        The thread, running.
    """
    routes = _Later(app, make)
    app.router.routes.append(_Before(f"{prefix}/{{rest:path}}", routes, include_in_schema=False))
    thread = threading.Thread(target=routes.require, name="train-tools-start", daemon=True)
    thread.start()
    return thread


class _Later:
    """Answers requests that come before the routes are there."""

    def __init__(self, app: FastAPI, make: Callable[[], Iterable[APIRouter]]) -> None:
        self._app, self._make, self._lock = app, make, threading.Lock()
        self.are_there = False

    def require(self) -> None:
        with self._lock:
            if not self.are_there:
                for router in self._make():
                    self._app.include_router(router)
                self._app.openapi_schema = None  # somebody may have looked at it
                self.are_there = True

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        try:
            await run_in_threadpool(self.require)
        except Exception:
            await refusal(say("Train Tools could not start: the log says why"), 500)(scope, receive, send)
            raise
        await self._app.router(scope, receive, send)


class _Before(Route):
    endpoint: _Later

    def matches(self, scope: Scope) -> tuple[Match, Scope]:
        return (Match.NONE, {}) if self.endpoint.are_there else super().matches(scope)
