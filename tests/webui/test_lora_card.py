"""The card of an installed checkpoint in the real WebUI: what it tells, and the way from it to the checkpoint."""

import re

import pytest

from tests.browsing import HAS_CHROMIUM, shows, sync
from tests.webui.test_real_webui import SETTINGS

pytestmark = [pytest.mark.webui, HAS_CHROMIUM]


def test_a_card_shows_the_place_in_the_run_and_opens_the_checkpoint_in_our_tab(webui, page):
    preview = {"preview_prompts": "mochi", "preview_weights": "1", "caption_prefix": "mochi, "}
    webui.train("carded", {**SETTINGS, **preview, "save_every_n_steps": "10"})
    assert webui.wait("carded")["phase"] == "finished"
    webui.train("later", {**SETTINGS, "max_train_steps": "2"})  # which our tab shows first
    assert webui.wait("later")["phase"] == "finished"
    there = "train-tools/v1/projects/carded/versions/v1/checkpoints"
    one = webui.ask(there)["checkpoints"][-1]
    webui.ask(f"{there}/{one['name']}/install", {})
    stem = one["name"].removesuffix(".safetensors")
    page.goto(webui.address)
    page.click("#txt2img_extra_tabs button:text-is('Lora')")
    card = page.locator(f'#txt2img_lora_cards .card[data-name="{stem}"]')
    sync.expect(card.locator(".description")).to_have_text(
        re.compile(r"carded v1 r001: epoch \d+ of \d+, step 10 of 20, loss 0\.\d{4}")
    )
    card.hover()
    sync.expect(card.locator("img.preview")).to_have_js_property("naturalWidth", 128)
    card.locator(".edit-button").click()
    editor = page.locator("#txt2img_lora_edit_user_metadata")
    sync.expect(editor.get_by_label("Notes")).to_have_value(re.compile("network_dim = 8\n"))
    sync.expect(editor.get_by_label("Activation text")).to_have_value("mochi")
    page.keyboard.press("Escape")
    card.hover()
    card.get_by_role("button", name="Open in Train Tools").click()
    shows(page, "carded")
    sync.expect(page.locator(f'.tt-row[data-name="{one["name"]}"]')).to_be_focused()
    sync.expect(page.locator("#txt2img_prompt textarea")).to_have_value("")
