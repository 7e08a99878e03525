"""A checkpoint is tried while it is trained, measured, compared, installed and used, in the real WebUI's browser.

With ``TRAIN_TOOLS_SHOTS`` set to a folder, pictures of the page are kept there.
"""

import os

import pytest
from PIL import Image

from lib_train.app.sample import SAMPLES
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
"""With 640 of them, as the sample character has, a checkpoint is suggested."""
PROMPT = "mochi, large, center, white background"
SETTINGS = {
    "max_train_steps": STEPS, "save_every_n_steps": str(int(STEPS) // 8), "save_every_n_epochs": "",
    "learning_rate": "1e-3", "text_encoder_lr": "1e-3", "lr_warmup_steps": "0.05", "min_snr_gamma": "5",
    "train_batch_size": "8", "network_dim": "32", "network_alpha": "32", "conv_dim": "16", "conv_alpha": "16",
    "preview_steps": "12", "preview_cfg_scale": "5", "preview_seeds": "7",
    "preview_prompts": f"{PROMPT}\n{PROMPT.replace('white', 'black')}",
}  # fmt: skip
"""Those of the sample character."""
ASKED = {"steps": 12, "width": 128, "height": 128, "cfg_scale": 5}
"""What the previews are made with beside seed and sampler, by its names in txt2img."""


def pixels(path):
    with Image.open(path) as picture:
        return picture.convert("RGB").tobytes()


def generate(webui, page, prompt):
    """Press Generate in txt2img, and give the picture's file and infotext when it is written."""

    def drawn():
        return set(webui.data.glob("outputs/txt2img-images/*/*.png"))

    page.locator("#txt2img_prompt textarea").fill(prompt)
    before = drawn()
    page.click("#txt2img_generate")
    until(lambda: drawn() - before)
    has_pixels(page.locator("#txt2img_gallery img").first)
    [path] = drawn() - before
    with Image.open(path) as picture:
        return path, picture.info["parameters"]


def to_tab(page, name):
    page.click(f"#tabs > .tab-nav button:has-text('{name}')")


def begin(webui, page):
    """The character is trained by clicks in the tab, with the sample's regularisation pictures."""
    make_project(page, "choosing")
    page.set_input_files(".tt-drop input[type=file]", sorted(MOCHI.iterdir()))
    expect(page.locator(".tt-tile")).to_have_count(len(list(MOCHI.glob("*.png"))))
    regular = {"reg_data_dir": [str(SAMPLES / "reg")]}
    webui.ask("train-tools/v1/projects/choosing/versions/v1/settings", {"changes": regular}, method="PATCH")
    go_to(page, "Settings")
    without_buckets(page)
    for name, text in SETTINGS.items():
        search(page, name)
        type_in(page, **{name: text})
    search(page, "")
    expect(figure(page, "steps")).to_have_text(STEPS)
    page.click('[data-act="train"]')


def test_checkpoint_is_tried_compared_measured_installed_and_used(webui, page):
    open_tab(page, webui.address)
    begin(webui, page)
    live = page.locator(".tt-live")
    expect(live.locator("code")).to_have_text("<lora:@training:0.8>")
    until(lambda: page.locator(".tt-row").count() >= 2, 300)
    kept(page, "choosing-live")
    live.get_by_text("Insert into txt2img").click()
    expect(page.locator("#txt2img_prompt textarea")).to_have_value("<lora:@training:0.8>")
    for field, number in ASKED.items():
        page.fill(f"#txt2img_{field} input[type=number]", str(number))
    page.fill("#txt2img_seed input[type=number]", SETTINGS["preview_seeds"])
    page.click("#txt2img_sampling input")
    page.click('#txt2img_sampling li[data-value="Euler a"]')
    _, told = generate(webui, page, f"{PROMPT} <lora:@training:0.8>")
    assert "<lora:@training:0.8>" in told
    assert "Train Tools: choosing/v1 r001 step " in told
    kept(page, "choosing-txt2img-live")

    to_tab(page, "Train Tools")
    expect(page.locator(".tt-outcome")).to_contain_text("Finished: ", timeout=600_000 * slowness())
    expect(live).to_be_hidden()
    page.locator('.tt-judge [data-act="judge"]:visible').first.click()
    there = "train-tools/v1/projects/choosing/versions/v1"
    until(lambda: webui.ask(f"{there}/figures")["state"] == "done", 300)
    assert webui.wait("choosing")["phase"] == "finished"
    found = webui.ask(f"{there}/figures")["suggestion"]
    said = page.locator(".tt-suggestion:visible").first
    expect(said).to_contain_text(found["reason"])
    said.scroll_into_view_if_needed()
    kept(page, "choosing-measured")

    go_to(page, "Compare")
    names = [path.stem for path in reversed(webui.checkpoints("choosing"))]
    expect(page.locator(".tt-shot img")).to_have_count(2 * len(names))
    expect(page.locator(".tt-cmp-figures p")).to_contain_text(found["reason"])
    slider = page.locator(".tt-cmp-slider input")
    slider.evaluate("(one) => { one.value = 2.5; one.dispatchEvent(new Event('input')); }")
    kept(page, "choosing-fading")
    taken = found["checkpoint"] or names[-1]  # where none fits, the sentence says so
    if found["checkpoint"]:
        page.locator(".tt-cmp-figures").get_by_role("button", name="Show").click()
    else:
        page.locator(".tt-shot").nth(names.index(taken)).click()
    expect(page.locator(".tt-cmp-name")).to_contain_text(taken)
    page.locator('[data-cmp="star"]').click()
    expect(page.locator('[data-cmp="install-starred"]')).to_have_text("Install the starred (1)")
    kept(page, "choosing-suggested")
    page.locator('[data-cmp="install-starred"]').click()
    expect(page.locator(".tt-cmp-says")).to_contain_text("is installed")
    assert (webui.data / "models/Lora" / f"{taken}.safetensors").is_file()

    to_tab(page, "txt2img")
    path, told = generate(webui, page, f"<lora:{taken}:1>{PROMPT}")
    assert f"{taken}: " in told.partition("Lora hashes")[2]
    kept(page, "choosing-used")
    [preview] = (webui.root / "choosing/versions/v1/previews" / taken).glob("*-p1-s7-w1.png")
    assert pixels(path) == pixels(preview)
    print(f"\n{'suggested' if found['checkpoint'] else 'none fits, the last one'}: {taken}")  # noqa: T201
