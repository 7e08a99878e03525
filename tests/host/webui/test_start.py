"""A request before the WebUI's start is over, on a real app and the stand-in of ``tests.fake_webui``."""

import importlib
import time

import pytest

pytest.importorskip("fastapi", reason="the tab's packages are not installed")
from fastapi import FastAPI
from fastapi.testclient import TestClient

SEEN = "X-Seen"


@pytest.fixture
def start(adapter):
    return importlib.import_module("lib_train.host.webui.start")


class Page:
    """What ``shared.demo`` is when gradio's server runs: the app that answers is not the one of its making."""

    def __init__(self):
        self.app, self.server_app = FastAPI(), FastAPI()
        self.server_app.add_api_route("/asked", lambda: "answered")  # type: ignore[arg-type, return-value]

    def ask(self):
        return TestClient(self.server_app).get("/asked")


def opened(page):
    """What the WebUI does behind gradio's back when its server runs."""
    from modules import shared

    shared.demo = page
    until(lambda: "add_middleware" in vars(page.server_app))


def until(met):
    for _ in range(1000):
        if met():
            return
        time.sleep(0.005)
    raise AssertionError("waited in vain")


def add_api(app):
    """The WebUI adds its API as one of the last things."""

    @app.middleware("http")
    async def seen(request, call_next):
        answer = await call_next(request)
        answer.headers[SEEN] = "yes"
        return answer


def test_a_request_before_the_start_is_over_would_end_the_webui():
    """The fault itself, in the WebUI's version of starlette: where it is gone, so can its cure."""
    page = Page()
    page.ask()
    with pytest.raises(RuntimeError, match="Cannot add middleware after an application has started"):
        add_api(page.server_app)


@pytest.mark.parametrize("early", [0, 1, 2], ids=["none", "before the API", "before and after the API"])
def test_requests_before_the_start_is_over_end_nothing_and_leave_nothing_out(start, early):
    page = Page()
    start.starting()
    opened(page)
    if early:
        page.ask()
    add_api(page.server_app)
    if early > 1:
        page.ask()
    start.started(page.server_app)
    assert page.ask().headers[SEEN] == "yes"


def test_the_app_is_left_as_it_would_be_without_us(start):
    page = Page()
    start.starting()
    opened(page)
    start.started(page.server_app)
    assert "add_middleware" not in vars(page.server_app)
    page.ask()
    with pytest.raises(RuntimeError, match="Cannot add middleware"):
        add_api(page.server_app)


def test_reload_ui_makes_the_new_page_s_app_patient_and_leaves_the_old_one(start):
    old, new = Page(), Page()
    start.starting()
    opened(old)
    start.started(old.server_app)
    start.starting()
    time.sleep(0.05)  # the page is still the old one
    assert "add_middleware" not in vars(old.server_app)
    opened(new)
    new.ask()
    add_api(new.server_app)
    start.started(new.server_app)
    assert new.ask().headers[SEEN] == "yes"
    assert "add_middleware" not in vars(old.server_app)


def test_an_app_that_is_noticed_too_late_is_left_alone(start):
    from modules import shared

    page = Page()
    start.started(page.server_app)
    shared.demo = page
    start._look_out(None)
    assert "add_middleware" not in vars(page.server_app)
