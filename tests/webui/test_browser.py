"""A person's whole way through the tab inside the real WebUI, in a real browser.

With ``TRAIN_TOOLS_SHOTS`` set to a folder, pictures of the page are kept there.
"""

import base64
import io
import os
from pathlib import Path

import pytest
from PIL import Image

from lib_train.app.sample import SAMPLES
from tests.browsing import HAS_CHROMIUM, figure, go_to, has_pixels, make_project, search, sync, type_in, without_buckets
from tests.webui.patience import slowness

pytestmark = [pytest.mark.webui, HAS_CHROMIUM]


def kept(page, name):
    if folder := os.environ.get("TRAIN_TOOLS_SHOTS"):
        page.wait_for_timeout(600)
        page.screenshot(path=Path(folder) / f"{name}.png")


def open_tab(page, address):
    page.goto(address)
    page.click("#tabs > .tab-nav button:has-text('Train Tools')")
    sync.expect(page.locator(".tt-base")).to_contain_text("train-tools-embedded")


def test_a_person_s_way_from_pictures_to_the_same_picture_in_txt2img(webui, page):
    open_tab(page, webui.address)
    kept(page, "empty")
    make_project(page, "journey")
    page.set_input_files(".tt-drop input[type=file]", sorted((SAMPLES / "train" / "10_mochi").iterdir()))
    sync.expect(page.locator(".tt-tile")).to_have_count(len(list((SAMPLES / "train" / "10_mochi").glob("*.png"))))
    kept(page, "pictures")
    go_to(page, "Settings")
    type_in(page, network_dim="8", train_batch_size="4")
    kept(page, "settings")
    without_buckets(page)
    for setting, value in (("max_train_steps", "60"), ("save_every_n_steps", "20")):
        search(page, setting)
        type_in(page, **{setting: value})
    search(page, "preview")
    type_in(page, preview_prompts="mochi, large, center", preview_steps="8", preview_cfg_scale="5", preview_seeds="7")
    type_in(page, preview_weights="0, 0.5, 1")
    sync.expect(figure(page, "steps")).to_have_text("60")
    page.click('[data-act="train"]')
    sync.expect(page.locator(".tt-row")).to_have_count(2)
    kept(page, "training")
    sync.expect(page.locator(".tt-outcome")).to_contain_text(
        "Finished: 3 checkpoints", timeout=180_000 * 2 * slowness()
    )
    newest = page.locator(".tt-row").first
    sync.expect(newest.locator(".tt-strip img")).to_have_count(3)
    kept(page, "finished")
    newest.locator('[data-act="install"]').click()
    sync.expect(newest.locator('[data-act="install"]')).to_contain_text("Installed")

    newest.locator(".tt-strip a").last.click()
    has_pixels(page.locator(".tt-large img"))
    kept(page, "large")
    preview = base64.b64decode(
        page.evaluate("""async () => {
        const bytes = new Uint8Array(await (await fetch(document.querySelector(".tt-large img").src)).arrayBuffer());
        return btoa(String.fromCharCode(...bytes));
    }""")
    )
    page.click('[data-large="send"]')
    sync.expect(page.locator("#txt2img_prompt textarea")).to_have_value("<lora:journey-v1-r001:1>mochi, large, center")
    sync.expect(page.locator("#txt2img_seed input")).to_have_value("7")
    page.click("#txt2img_generate")
    shown = page.locator("#txt2img_gallery img").first
    has_pixels(shown)
    made = sorted(webui.data.glob("outputs/txt2img-images/*/*.png"), key=lambda path: path.stat().st_mtime)[-1]
    kept(page, "txt2img")
    one, other = (Image.open(source).convert("RGB") for source in (io.BytesIO(preview), made))
    assert one.tobytes() == other.tobytes()
