"""The tab in a real browser: what tests of it share. Importing it skips a module where playwright is not installed.

A test never looks once at what comes later: ``sync.expect`` and ``until`` look again until it is there.
"""

import json
import os
import shutil
import time
import urllib.request
from collections.abc import Callable
from typing import Any

import pytest

from lib_train.app.sample import SAMPLES

sync: Any = pytest.importorskip("playwright.sync_api", reason="playwright is not installed: no browser journey")
pytest.importorskip("uvicorn", reason="the tab's packages are not installed")

PATIENCE = 60.0
"""Seconds that a test waits for what must come: a busy machine is no fault."""
sync.expect.set_options(timeout=1000 * PATIENCE)
_HEADERS = {"Content-Type": "application/json", "X-Train-Tools": "1"}
_BROWSERS = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
CHROMIUM = os.environ.get("CHROMIUM") or next(filter(None, map(shutil.which, _BROWSERS)), None)
HAS_CHROMIUM = pytest.mark.skipif(
    CHROMIUM is None, reason="no Chromium here: install Debian's chromium, or name it in CHROMIUM"
)
MOCHI = SAMPLES / "train" / "10_mochi"
_NAMES = "MAP *.test 127.0.0.1, MAP * ~NOTFOUND, EXCLUDE 127.0.0.1, EXCLUDE *localhost"
FLAGS = ["--no-sandbox", f"--host-resolver-rules={_NAMES}"]
"""Names that end in ``.test`` are this machine; all others, such as those that gradio's page in a WebUI asks for fonts,
are none. Playwright's own routes would do that too, but without the browser's cache."""


def until(met: Callable[[], Any], seconds: float = PATIENCE) -> None:
    """Ask until the answer is true.

    Raises:
        AssertionError: the time is over.
    """
    end = time.monotonic() + seconds
    while not met():
        assert time.monotonic() < end, "waited in vain"
        time.sleep(0.05)


def asking(address: str) -> Callable[..., Any]:
    """Asks a server's routes of version 1, and gives what it answers."""

    def asked(route: str, body: object = None, method: str | None = None) -> Any:
        data = None if body is None else json.dumps(body).encode()
        request = urllib.request.Request(f"{address}/train-tools/v1/{route}", data, _HEADERS, method=method)
        with urllib.request.urlopen(request, timeout=PATIENCE) as answer:
            return json.load(answer)

    return asked


def until_loaded(page: Any) -> None:
    """The tab has been filled with the chosen version, so that what is typed now stays."""
    page.wait_for_selector(".tt-plan *")


def go_to(page: Any, name: str) -> None:
    page.click(f"[role=tab]:has-text('{name}')")


def figure(page: Any, name: str) -> Any:
    """The number of a part of the plan."""
    return page.locator(f'.tt-figure[data-figure="{name}"] b').first


def as_text(page: Any) -> Any:
    """The caption of the open picture, shown as plain text from now on."""
    page.locator(".tt-caption .tt-segments label").last.click()
    return page.locator(".tt-caption textarea")


def field(page: Any, name: str) -> Any:
    """The input of a setting."""
    return page.locator(f"#tt-input-{name}")


def type_in(page: Any, **settings: str) -> None:
    for name, value in settings.items():
        field(page, name).fill(value)


def asks_often(page: Any) -> Any:
    """Let a page ask what goes on every half second, not every four, and give it back."""
    page.evaluate("setInterval(() => document.dispatchEvent(new Event('visibilitychange')), 500)")
    return page


def search(page: Any, words: str) -> None:
    page.fill("#train_tools_search", words)


def without_buckets(page: Any) -> None:
    """Small pictures, all of one size."""
    search(page, "resolution")
    type_in(page, resolution="128")
    search(page, "enable_bucket")
    field(page, "enable_bucket").uncheck()


def push(button: Any) -> None:
    """Press Enter on a button. It must be enabled before: keys on one that waits for its answer are lost."""
    sync.expect(button).to_be_enabled()
    button.press("Enter")


def shows(page: Any, project: str, version: str = "v1") -> None:
    """The tab shows this version."""
    sync.expect(page.locator("#train_tools_project")).to_have_value(project)
    sync.expect(page.locator("#train_tools_version")).to_have_value(version)


def show_project(page: Any, project: str) -> None:
    """Let the tab show this project's newest version, where it shows another project."""
    chosen = page.locator("#train_tools_project")
    if chosen.input_value() != project:
        chosen.select_option(project)
        page.wait_for_load_state("networkidle")
    sync.expect(chosen).to_have_value(project)


def answer(page: Any, name: str | None = None) -> None:
    """Answer the question in front of the page: with a name, or as it stands."""
    dialog = page.locator(".tt-dialog")
    if name is not None:
        dialog.locator("input").fill(name)
    dialog.locator(".tt-primary").click()
    sync.expect(dialog).to_have_count(0)


def make_project(page: Any, name: str) -> None:
    page.click('[data-act="create-project"]:visible')
    answer(page, name)
    shows(page, name)


def has_pixels(image: Any) -> None:
    """The picture of an element has come; the element may be drawn anew meanwhile."""
    seen = "(image) => { image.scrollIntoView({block: 'nearest'}); return image.complete && image.naturalWidth > 0; }"
    until(lambda: image.evaluate(seen))
