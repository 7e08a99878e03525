"""A checkpoint is tried while it is trained, measured, compared, installed and used, in the real WebUI's browser.

With ``TRAIN_TOOLS_SHOTS`` set to a folder, pictures of the page are kept there.
"""

import os
import re

import pytest
from PIL import Image

from tests.browsing import (
    HAS_CHROMIUM,
    MOCHI,
    figure,
    go_to,
    has_pixels,
    make_project,
    search,
    sync,
    type_in,
    without_buckets,
)
from tests.webui.patience import slowness, until
from tests.webui.test_browser import kept, open_tab

pytestmark = [pytest.mark.webui, HAS_CHROMIUM]
expect = sync.expect
STEPS = os.environ.get("CHOOSING_STEPS", "120")
"""More of them show the character."""
SETTINGS = {
    "max_train_steps": STEPS, "save_every_n_steps": str(int(STEPS) // 6), "learning_rate": "3e-3",
    "lr_warmup_steps": "0.05", "min_snr_gamma": "5", "train_batch_size": "4", "network_dim": "8",
    "preview_prompts": "mochi, large, center, white background", "preview_steps": "12", "preview_cfg_scale": "5",
    "preview_seeds": "7",
}  # fmt: skip


def newest_picture(webui):
    """What txt2img wrote last."""
    return max(webui.data.glob("outputs/txt2img-images/*/*.png"), key=lambda path: path.stat().st_mtime)


def generate(webui, page):
    """Press Generate in txt2img, and give the picture's infotext when it is written."""
    before = len(list(webui.data.glob("outputs/txt2img-images/*/*.png")))
    page.click("#txt2img_generate")
    until(lambda: len(list(webui.data.glob("outputs/txt2img-images/*/*.png"))) > before)
    has_pixels(page.locator("#txt2img_gallery img").first)
    with Image.open(newest_picture(webui)) as picture:
        return picture.info["parameters"]


def to_tab(page):
    page.click("#tabs > .tab-nav button:has-text('Train Tools')")


def test_checkpoint_is_tried_compared_measured_installed_and_used(webui, page):
    open_tab(page, webui.address)
    make_project(page, "choosing")
    page.set_input_files(".tt-drop input[type=file]", sorted(MOCHI.iterdir()))
    expect(page.locator(".tt-tile")).to_have_count(len(list(MOCHI.glob("*.png"))))
    go_to(page, "Settings")
    without_buckets(page)
    for name, text in SETTINGS.items():
        search(page, name)
        type_in(page, **{name: text})
    search(page, "")
    expect(figure(page, "steps")).to_have_text(STEPS)
    page.click('[data-act="train"]')

    live = page.locator(".tt-live")
    expect(live.locator("code")).to_have_text("<lora:@training:0.8>")
    expect(page.locator(".tt-row")).to_have_count(2)
    kept(page, "choosing-live")
    live.get_by_text("Insert into txt2img").click()
    prompt = page.locator("#txt2img_prompt textarea")
    expect(prompt).to_have_value("<lora:@training:0.8>")
    prompt.fill("mochi, large, center, white background <lora:@training:0.8>")
    for field, number in (("steps", 12), ("width", 128), ("height", 128), ("cfg_scale", 5)):
        page.fill(f"#txt2img_{field} input[type=number]", str(number))
    told = generate(webui, page)
    assert "<lora:@training:0.8>" in told
    assert "Train Tools: choosing/v1 r001 step " in told
    kept(page, "choosing-txt2img-live")

    to_tab(page)
    expect(page.locator(".tt-outcome")).to_contain_text("Finished: ", timeout=600_000 * slowness())
    expect(live).to_be_hidden()
    page.locator('.tt-judge [data-act="judge"]:visible').first.click()
    said = page.locator(".tt-suggestion:visible").first
    expect(said).to_contain_text(re.compile("epoch|step"))
    go_to(page, "Compare")
    names = [path.stem for path in reversed(webui.checkpoints("choosing"))]
    expect(page.locator(".tt-shot img")).to_have_count(len(names))
    slider = page.locator(".tt-cmp-slider input")
    slider.evaluate("(one) => { one.value = 2.5; one.dispatchEvent(new Event('input')); }")
    kept(page, "choosing-fading")
    found = webui.ask("train-tools/v1/projects/choosing/versions/v1/figures")["suggestion"]
    expect(said).to_have_text(found["reason"], ignore_case=True)
    suggested = found["checkpoint"] or names[-1]  # where none fits, the sentence says so
    page.locator(".tt-shot").nth(names.index(suggested)).click()
    expect(page.locator(".tt-cmp-name")).to_contain_text(suggested)
    page.locator('[data-cmp="star"]').click()
    kept(page, "choosing-suggested")
    page.locator('[data-cmp="install-starred"]').click()
    expect(page.locator(".tt-cmp-says")).to_contain_text("is installed")
    assert (webui.data / "models/Lora" / f"{suggested}.safetensors").is_file()

    page.click("#tabs > .tab-nav button:has-text('txt2img')")
    prompt.fill(f"mochi, large, center, white background <lora:{suggested}:1>")
    told = generate(webui, page)
    assert f"<lora:{suggested}:1>" in told
    assert f"{suggested}: " in told.partition("Lora hashes")[2]
    kept(page, "choosing-used")
