"""The same tab without a WebUI, on this machine alone."""

import os
import socket
import threading
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import gradio as gr
import uvicorn
from gradio.routes import App
from starlette.middleware.cors import CORSMiddleware

from lib_train.api.v1.routes import PREFIX, router
from lib_train.app.session import Session
from lib_train.errors import ConfigError, Problem
from lib_train.ui import scripts
from lib_train.ui.guard import Guard
from lib_train.ui.tab import build

_HERE = Path(__file__).parents[2]
_LOOPBACK = "127.0.0.1"
_AS_IN_THE_WEBUI = ".gradio-container { overflow: visible !important; }"  # or nothing stays in sight on scrolling
_BOOT = f"() => {{ import(new URL('.{scripts.PREFIX}/{scripts.BOOT}', document.baseURI)); }}"
_PATHS = {"", "/config", "/info", "/startup-events", "/app_id", "/login_check", "/theme.css", "/favicon.ico",
          "/robots.txt", "/static/{path:path}", "/assets/{path:path}", "/run/{api_name}", "/reset"}  # fmt: skip
"""What the page needs of gradio. Its others give out files of the current folder, take in uploads, and ask other
servers."""


class Served:
    """A running server; it ends with the process."""

    def __init__(self, server: uvicorn.Server, listening: socket.socket) -> None:
        self.address = f"http://{_LOOPBACK}:{listening.getsockname()[1]}"
        self._server = server
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
    config = uvicorn.Config(_app(session, hosts), log_level="warning", lifespan="on")
    return Served(uvicorn.Server(config), listening)


def _listening(port: int) -> socket.socket:
    made = socket.socket()
    try:
        if os.name != "nt":  # there it would share the port with another program
            made.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        made.bind((_LOOPBACK, port))
    except (OSError, OverflowError) as error:
        made.close()
        why = getattr(error, "strerror", None) or error
        raise ConfigError([Problem("port", port, f"cannot be taken ({why}); choose another")]) from error
    return made


def _app(session: Session, hosts: Sequence[str]) -> Any:
    """gradio's app around the tab, without its doors, and our routes."""
    page = _page(session)
    page.dev_mode, page.enable_queue, page.show_api, page.show_error = False, False, False, False
    page.config = page.get_config_file()
    app = App.create_app(page)
    app.router.routes = [route for route in app.router.routes if getattr(route, "path", "").rstrip("/") in _PATHS]
    app.user_middleware = [one for one in app.user_middleware if one.cls is not CORSMiddleware]
    app.add_middleware(Guard, names=hosts, apart=f"{PREFIX}/")
    app.include_router(router(session))
    app.include_router(scripts.router())
    return app


def _page(session: Session) -> gr.Blocks:
    style = (_HERE / "style.css").read_text(encoding="utf-8") + _AS_IN_THE_WEBUI
    with gr.Blocks(title="Train Tools", css=style, analytics_enabled=False) as page:
        page.load(None, None, None, _js=_BOOT)
        build(session.projects, session.host.samplers())  # blocks inside blocks are part of them
    return page
