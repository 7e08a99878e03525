"""The first open inside the real WebUI: few clicks from an empty tab to a running training.

With ``TRAIN_TOOLS_SHOTS`` set to a folder, a film of it is kept there.
"""

import os
from pathlib import Path

import pytest

from tests.browsing import HAS_CHROMIUM, shows, sync, until
from tests.webui.film import Film

pytestmark = [pytest.mark.webui, HAS_CHROMIUM]


def test_six_clicks_lead_from_an_empty_tab_to_a_running_training(webui, page):
    folder = os.environ.get("TRAIN_TOOLS_SHOTS")
    film = Film(page, Path(folder) / "first.webp" if folder else None)
    page.set_viewport_size({"width": 1200, "height": 1180})
    for one in webui.ask("train-tools/v1/projects")["projects"]:
        webui.ask(f"train-tools/v1/projects/{one['name']}", method="DELETE")
    page.goto(webui.address)
    film.click(page.locator("#tabs > .tab-nav button:has-text('Train Tools')"))
    for figures in page.locator(".tt-would").all():
        sync.expect(figures).to_contain_text("steps · ~")
    film.shot(1500)
    film.click(page.locator("#train_tools_sample"))
    sync.expect(page.locator(".tt-tile")).to_have_count(66)
    page.wait_for_load_state("networkidle")
    film.shot(1500)
    film.click(page.locator('[data-act="train"]'))
    sync.expect(page.locator(".tt-bar")).to_contain_text("Training")
    shows(page, "mochi")
    assert film.clicks <= 6
    for _ in range(6 if folder else 0):  # the curve grows
        page.wait_for_timeout(4000)
        film.shot(500)
    film.write()
    webui.ask("train-tools/v1/jobs/stop", {})
    until(lambda: not webui.now()["busy"])
