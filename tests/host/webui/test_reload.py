"""Reload UI in the middle of a run, a picture or a pause, on the stand-in of ``tests.fake_webui``."""

import sys
import threading
import time
from contextlib import nullcontext
from types import SimpleNamespace
from typing import Any

from tests.host.inputs import picture_request
from tests.host.inside import borrowed


class Page:
    """What gradio's server shows of itself."""

    def __init__(self, running):
        self.is_running, self.server = running, SimpleNamespace(should_exit=False)


class Reload(threading.Thread):
    """Reload UI as the WebUI does it; ``unloading`` is what happens while its scripts are in pieces."""

    def __init__(self, host, unloading, returns=True):
        super().__init__(daemon=True)
        from modules import shared

        self._host, self._unloading, self._returns, self._shared = host, unloading, returns, shared
        shared.demo = Page(running=True)
        shared.state.interrupted = True  # what the page's request does; the rest is the server's thread
        self.start()

    def run(self):
        shared = self._shared
        time.sleep(0.05)
        shared.demo.server.should_exit = True
        time.sleep(0.05)
        shared.demo.is_running = False
        self._host.scripts.unload()
        self._unloading()
        shared.demo = Page(running=False)
        time.sleep(0.05)
        shared.demo.is_running = True
        if self._returns:
            self._host.scripts.loaded()


def test_a_run_stands_still_while_the_webui_reloads_its_scripts_and_goes_on(sd_model, host):
    from modules import shared

    order = []
    with borrowed(host) as model:
        reload = Reload(host, lambda: (time.sleep(0.2), order.append("in pieces")))
        time.sleep(0.15)
        order.append("step")  # the step in hand is waited for
        assert model.between_steps(1, 9, nullcontext)
        order.append("on")
        assert not shared.state.interrupted
        assert model.between_steps(2, 9, nullcontext)
    reload.join(5)
    assert order == ["step", "in pieces", "on"]


def test_a_preview_that_a_reload_breaks_off_is_made_again(sd_model, host, monkeypatch):
    from modules import processing

    drawing = processing.process_images
    reloads: list[Any] = []
    with borrowed(host) as model:
        whole = next(iter(host.render(model, [picture_request()])))[0].tobytes()

        def broken_off(p):
            if not reloads:
                reloads.append(Reload(host, lambda: None))
            return drawing(p)

        monkeypatch.setattr(processing, "process_images", broken_off)
        again = next(iter(host.render(model, [picture_request()])))[0].tobytes()
    assert (again == whole, len(reloads)) == (True, 1)


def test_a_run_stops_where_the_extension_is_gone_after_a_reload(sd_model, host, monkeypatch):
    monkeypatch.setattr(sys.modules["lib_train.host.webui.reload"], "_RETURN", 0.1)
    with borrowed(host) as model:
        Reload(host, lambda: None, returns=False)
        assert not model.between_steps(1, 9, nullcontext)


def test_a_paused_run_neither_holds_a_reload_up_nor_goes_on_within_one(sd_model, host):
    order = []
    with borrowed(host) as model:
        with model.set_aside():
            begun = time.monotonic()
            reload = Reload(host, lambda: (time.sleep(0.3), order.append("in pieces")))
            time.sleep(0.2)
        order.append("on")
        assert time.monotonic() - begun < 5
        assert model.between_steps(1, 9, nullcontext)
    reload.join(5)
    assert order == ["in pieces", "on"]


def test_reloading_without_a_run_does_not_wait(host):
    begun = time.monotonic()
    host.scripts.unload()
    host.scripts.loaded()
    assert time.monotonic() - begun < 1
