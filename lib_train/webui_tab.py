"""Train Tools inside the WebUI: one session for the process, a tab and routes for each page that the WebUI builds.

The WebUI runs scripts/train_tools.py again at every Reload UI, but not this package: a run goes on meanwhile.
"""

import os
import re
import threading
import traceback
from functools import cache
from html import escape
from pathlib import Path
from typing import TYPE_CHECKING, Any

import gradio as gr
from modules import paths_internal, script_callbacks, shared

if TYPE_CHECKING:
    from fastapi import APIRouter

    from lib_train.app.session import Session
    from lib_train.host.webui.host import WebuiHost

_ID = "train_tools"
_starting: list[threading.Thread] = []
"""Threads that make the routes, where they may not have ended yet."""


@cache
def host() -> "WebuiHost":
    """The WebUI around us. Imported here, as below: a fault in any of our files must show in the tab."""
    from lib_train.host.webui.host import WebuiHost

    return WebuiHost()


@cache
def session() -> "Session":
    """The process's one session."""
    from lib_train.app.session import Session
    from lib_train.store.layout import ROOT

    return Session(host(), Path(os.path.abspath(paths_internal.data_path)) / ROOT)


def register() -> None:
    """Ask the WebUI for a tab and for routes."""
    script_callbacks.on_before_ui(_axis)
    script_callbacks.on_ui_tabs(_tab)
    script_callbacks.on_app_started(_routes)
    script_callbacks.on_script_unloaded(_unloaded)


def _axis() -> None:
    """Whatever goes wrong is of no account to the page: there is no axis then."""
    try:
        from lib_train.app.checkpoint_names import checkpoint_named, checkpoint_names
        from lib_train.host.webui.xyz import add_axis

        add_axis(
            lambda: checkpoint_names(session().root),
            lambda name: checkpoint_named(session().root, name),
            lambda path: host().offer_lora(path),
        )
    except Exception:
        traceback.print_exc()


def _tab() -> list[tuple[gr.Blocks, str, str]]:
    try:
        from lib_train.host.webui.start import starting
        from lib_train.ui.tab import build

        starting()
        return [(build(), "Train Tools", _ID)]
    except Exception:  # whatever it is belongs into our tab: it must not cost the WebUI its other tabs
        with gr.Blocks(analytics_enabled=False) as blocks:
            gr.HTML(f"<p>Train Tools could not start:</p><pre>{escape(traceback.format_exc())}</pre>")
        return [(blocks, "Train Tools", _ID)]


def _routes(demo: Any, app: Any) -> None:
    from lib_train.api.later import include_later
    from lib_train.host.webui.start import started

    _starting.append(include_later(app, "/train-tools", _made))
    started(app)


def _made() -> "tuple[APIRouter, ...]":
    from lib_train.api import scripts
    from lib_train.api.v1.routes import router

    made = router(session(), _trusted), scripts.router(_trusted)
    session().queue.watch()
    host().scripts.loaded()
    host().forget_missing_loras()
    return made


def _trusted(origin: str) -> bool:
    """Whether the WebUI's flags let pages of this origin in, as its own CORS middleware reads them."""
    options = shared.cmd_opts
    listed = (getattr(options, "cors_allow_origins", None) or "").split(",")
    pattern = getattr(options, "cors_allow_origins_regex", None)
    return bool(origin) and ("*" in listed or origin in listed or bool(pattern and re.fullmatch(pattern, origin)))


def _unloaded() -> None:
    while _starting:
        _starting.pop().join()
    host().scripts.unload()
