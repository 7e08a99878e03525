"""The same tab without a WebUI, on this machine alone."""

import os
import socket
import threading
import time
from collections.abc import Sequence

import uvicorn
from fastapi import FastAPI

from lib_train.api import scripts
from lib_train.api.v1.routes import PREFIX, router
from lib_train.app.session import Session
from lib_train.errors import ConfigError, Problem, reason
from lib_train.texts import say
from lib_train.ui import files
from lib_train.ui.guard import Guard

_LOOPBACK = "127.0.0.1"
_GRACE = 10  # seconds that what is being answered has when the server ends


class Served:
    """A running server; it ends with the process."""

    def __init__(self, app: FastAPI, listening: socket.socket) -> None:
        self.address = f"http://{_LOOPBACK}:{listening.getsockname()[1]}"
        config = uvicorn.Config(app, log_level="warning", lifespan="on", timeout_graceful_shutdown=_GRACE)
        self._server = server = uvicorn.Server(config)
        self._thread = threading.Thread(target=server.run, args=([listening],), name="train-tools-ui", daemon=True)
        self._thread.start()
        while not server.started and self._thread.is_alive():
            time.sleep(0.01)

    def wait(self) -> None:
        """Return when the server ends."""
        while self._thread.is_alive():
            self._thread.join(0.5)  # in pieces: Windows tells of Ctrl-C between them

    def stop(self) -> None:
        """End the server."""
        self._server.should_exit = True
        self._thread.join()


def start(session: Session, port: int, hosts: Sequence[str] = ()) -> Served:
    """Open the tab at 127.0.0.1; returns once it answers.

    Args:
        port: 0 takes a free one.
        hosts: further names under which it is asked, by tunnels and proxies.

    Raises:
        ConfigError: the port cannot be taken.
    """
    listening = _listening(port)
    return Served(_app(session, hosts), listening)


def _listening(port: int) -> socket.socket:
    made = socket.socket()
    try:
        if os.name != "nt":  # there it would share the port with another program
            made.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        made.bind((_LOOPBACK, port))
    except (OSError, OverflowError) as error:
        made.close()
        remedy = say("cannot be taken ({why}); choose another", why=reason(error))
        raise ConfigError([Problem("port", port, remedy)]) from error
    return made


def _app(session: Session, hosts: Sequence[str]) -> FastAPI:
    """The page with its files, and our routes."""
    app = FastAPI(docs_url=None, redoc_url=None, openapi_url=None)
    app.add_middleware(Guard, names=hosts, apart=f"{PREFIX}/")
    app.include_router(router(session))
    app.include_router(scripts.router())
    app.include_router(files.router())
    return app
