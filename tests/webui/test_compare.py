"""The page Compare in the real WebUI: a star, a mix, and that the mix draws in txt2img what its preview shows."""

import json
import re

import pytest
from PIL import Image

from lib_train.checkpoints.files import read_metadata
from tests.browsing import HAS_CHROMIUM, go_to, show_project, sync
from tests.webui.test_browser import kept, open_tab
from tests.webui.test_real_webui import SETTINGS, before, require_untouched  # noqa: F401

pytestmark = [pytest.mark.webui, HAS_CHROMIUM]
expect = sync.expect
PROMPT = "mochi, large, center"
MADE = {"preview_prompts": PROMPT, "preview_seeds": "7", "preview_weights": "1", "preview_sampler": "Euler a"}


def preview_of(webui, stem):
    """The only picture of a checkpoint at weight 1."""
    [path] = (webui.root / "compared/versions/v1/previews" / stem).glob("*-w1.png")
    with Image.open(path) as picture:
        return path, picture.convert("RGB").tobytes()


def in_sight(page):
    """The path of the picture on the stage, as the page asks for it."""
    shown = page.locator(".tt-cmp-inner img").last
    return shown.evaluate("(one) => new URL(one.src).searchParams.get('path')")


def require_all_in_sight(page):
    """The strip of checkpoints ends above what stands at the window's end, and nobody has to scroll."""
    strip, foot = (page.locator(one).bounding_box() for one in (".tt-film", ".tt-cmp-foot"))
    assert strip["y"] + strip["height"] <= foot["y"]
    assert foot["y"] + foot["height"] <= page.viewport_size["height"]


def test_a_starred_checkpoint_is_installed_and_a_mix_of_two_draws_its_preview_in_txt2img(webui, page, before):  # noqa: F811
    webui.train("compared", {**SETTINGS, **MADE, "learning_rate": "3e-3", "save_every_n_steps": "10"})
    assert webui.wait("compared")["phase"] == "finished"
    last, first = (path.stem for path in webui.checkpoints("compared"))
    open_tab(page, webui.address)
    show_project(page, "compared")
    go_to(page, "Compare")
    expect(page.locator(".tt-shot img")).to_have_count(2)
    expect(page.locator(".tt-cmp-name")).to_contain_text(last)
    assert in_sight(page).endswith(preview_of(webui, last)[0].name)
    require_all_in_sight(page)
    page.keyboard.press("s")
    expect(page.locator('[data-cmp="star"]')).to_have_attribute("aria-pressed", "true")
    page.locator('[data-cmp="install-starred"]').click()
    expect(page.locator(".tt-cmp-says")).to_have_text(f"{last}.safetensors is installed")
    choices = json.loads((webui.root / "compared/versions/v1/choices.json").read_text(encoding="utf-8"))
    assert choices[f"{last}.safetensors"]["verdict"] == "starred"

    page.locator(".tt-shot").first.click()
    page.keyboard.press("a")
    page.locator(".tt-shot").last.click()
    page.keyboard.press("b")
    mix = page.locator(".tt-cmp-mix")
    mix.locator("[type=range]").fill("0.25")
    kept(page, "compare-mix")
    mix.locator("button").click()
    mixed = "compared-v1-mix1"
    expect(page.locator(".tt-cmp-name")).to_contain_text(mixed)
    expect(page.locator('[data-side-of="b checkpoint"] option:checked')).to_contain_text(mixed)
    require_all_in_sight(page)
    page.locator(".tt-cmp-missing button").click()
    expect(page.locator(".tt-cmp-missing")).to_be_hidden()
    expect(page.locator(".tt-shot img")).to_have_count(3)
    assert webui.wait("compared")["phase"] == "finished"
    page.locator('[data-cmp="install"]').click()
    expect(page.locator(".tt-cmp-says")).to_have_text(f"{mixed}.safetensors is installed")
    kept(page, "compare-mixed")

    file = webui.data / "models" / "Lora" / f"{mixed}.safetensors"
    recipe = json.loads(read_metadata(file)["train_tools_recipe"])["files"]
    assert {re.sub(r".*/|\.safetensors", "", one["name"]): one["weight"] for one in recipe} == {first: 0.75, last: 0.25}
    drawn = {stem: webui.picture(f"<lora:{stem}:1>{PROMPT}", seed=7).tobytes() for stem in (last, mixed)}
    assert drawn == {stem: preview_of(webui, stem)[1] for stem in (last, mixed)}
    assert drawn[mixed] not in (drawn[last], preview_of(webui, first)[1])
    require_untouched(webui, before)
