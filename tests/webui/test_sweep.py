"""A sweep that is begun from the tab in the real WebUI, which is killed in the middle and started again.

With ``TRAIN_TOOLS_SHOTS`` set to a folder, pictures of the page and of the report are kept there.
"""

import os
import shutil
from itertools import product
from pathlib import Path

import pytest
import torch
from safetensors import safe_open
from safetensors.torch import load_file

from tests.browsing import HAS_CHROMIUM, sync
from tests.webui.conftest import started
from tests.webui.patience import until
from tests.webui.test_browser import open_tab
from tests.webui.test_queue import SETTINGS, idle, queue_of

pytestmark = [pytest.mark.webui, HAS_CHROMIUM]
expect = sync.expect
OPTIMIZERS, RATES = ("AdamW", "SGD"), ("1e-3", "3e-4", "1e-4")
PREVIEWS = {"preview_prompts": "mochi, large, center", "preview_seeds": "7", "preview_steps": "4",
            "preview_after_training": False}  # fmt: skip


def shot(page, name):
    if folder := os.environ.get("TRAIN_TOOLS_SHOTS"):
        Path(folder).mkdir(parents=True, exist_ok=True)
        page.screenshot(path=Path(folder) / f"{name}.png")


def taken_from(path):
    """Optimizer and rate of a file, as its metadata tell them."""
    with safe_open(str(path), "pt") as file:
        found = file.metadata()
    return found["ss_optimizer"].split("(")[0].rsplit(".", 1)[-1], float(found["ss_unet_lr"])


def ask_for_a_sweep(page):
    """In the tab, by keys: two optimizers and three rates."""
    page.locator("[data-sweep]").press("Enter")
    sheet = page.locator(".tt-work.tt-sweep")
    for name, text in (("optimizer_type", ", ".join(OPTIMIZERS)), ("unet_lr", ", ".join(RATES))):
        sheet.locator('[type="search"]').fill(name)
        page.keyboard.press("Enter")
        sheet.locator(f"#tt-input-sweep_{name}").fill(text)
    expect(sheet.locator("tbody tr")).to_have_count(6)
    expect(sheet.locator(".tt-primary")).to_have_text("Add 6 runs to the queue")
    shot(page, "sweep")
    sheet.locator(".tt-primary").click()
    expect(sheet).to_have_count(0)


def test_a_sweep_goes_on_where_a_killed_webui_left_it_and_each_run_equals_a_single_one(tmp_path_factory, page):
    data = tmp_path_factory.mktemp("sweep")
    wanted = [f"optimizer_type={kind}, unet_lr={rate}" for kind, rate in product(OPTIMIZERS, RATES)]
    with started(data) as webui:
        webui.ask("train-tools/v1/projects", {"name": "swept"})
        changes = {"changes": {**SETTINGS, **PREVIEWS}}
        found = webui.ask("train-tools/v1/projects/swept/versions/v1/settings", changes, method="PATCH")
        assert "error" not in found, found
        open_tab(page, webui.address)
        ask_for_a_sweep(page)
        until(lambda: (webui.now()["step"] or 0) >= 6 and webui.now("swept", "v1")["runs"][0]["name"] == "r003", 400)
        waiting = queue_of(webui)["waiting"]
        assert [one["name"] for one in waiting] == [*wanted[3:], "s001"]
        webui.process.kill()
        webui.process.wait()

    with started(data) as webui:
        queue = queue_of(webui)
        assert [(one["name"], one["again"]) for one in queue["waiting"]] == [
            (wanted[2], True), *((name, False) for name in (*wanted[3:], "s001"))]  # fmt: skip
        assert queue["asks"]
        open_tab(page, webui.address)
        page.click('[data-act="go-on"]')
        until(lambda: idle(webui), 900, pause=0.3)
        (sweep,) = webui.ask("train-tools/v1/projects/swept/versions/v1/sweeps")["sweeps"]
        assert [(one["name"], one["state"], one["run"]) for one in sweep["runs"]] == [
            (name, "finished", f"r{number:03}") for number, name in enumerate(wanted, 1)]  # fmt: skip
        assert sweep["files"] == ["csv", "html", "png"]
        shot(page, "swept")
        files = {taken_from(path): path for path in webui.checkpoints("swept")}
        assert files.keys() == {(kind, float(rate)) for kind, rate in product(OPTIMIZERS, RATES)}
        for number, (kind, rate) in enumerate(product(OPTIMIZERS, RATES)):
            webui.train(f"single-{number}", {**SETTINGS, **PREVIEWS, "optimizer_type": kind, "unet_lr": rate})
            assert webui.wait(f"single-{number}")["phase"] == "finished"
            found, expected = load_file(files[kind, float(rate)]), load_file(webui.checkpoints(f"single-{number}")[0])
            assert found.keys() == expected.keys()
            assert all(torch.equal(found[key], expected[key]) for key in expected)
        if folder := os.environ.get("TRAIN_TOOLS_SHOTS"):
            report = webui.root / "swept" / "versions" / "v1" / "sweeps" / "s001"
            for path in report.glob("report.*"):
                shutil.copy(path, folder)
