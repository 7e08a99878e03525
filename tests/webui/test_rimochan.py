"""Recipe "rimochan" in the tab, inside the real WebUI and a real browser: from five drawings to a picture in txt2img.

With ``TRAIN_TOOLS_SHOTS`` set to a folder, pictures of the page are kept there.
"""

import os
import subprocess

import pytest

from lib_train.app.sample import SAMPLES
from tests.browsing import HAS_CHROMIUM, field, figure, go_to, has_pixels, make_project, search, sync, type_in
from tests.recipes.following import metadata_of
from tests.recipes.test_rimochan import CHANGED, PUBLISHED
from tests.webui.patience import slowness
from tests.webui.test_browser import kept, open_tab

pytestmark = [pytest.mark.webui, HAS_CHROMIUM]
expect = sync.expect
PROMPT = "mochi, sitting, outdoors"
QUICK = {"preview_prompts": PROMPT, "preview_steps": "2", "preview_cfg_scale": "5", "preview_seeds": "1"}


def require_lion():
    """Lion's package, which install.py puts into a WebUI that prepares its environment."""
    python = os.environ.get("WEBUI_PYTHON", f"{os.environ.get('WEBUI_DIR')}/venv/bin/python")
    if subprocess.run([python, "-c", "import lion_pytorch"], capture_output=True).returncode:
        pytest.skip("the WebUI's Python has no lion-pytorch")


def test_five_drawings_become_twenty_and_a_lora_with_its_published_sheets(webui, page):
    require_lion()
    open_tab(page, webui.address)
    make_project(page, "rimo")
    drawn = sorted((SAMPLES / "train" / "10_mochi").glob("*.png"))[:5]
    page.set_input_files(".tt-drop input[type=file]", [*drawn, *(path.with_suffix(".txt") for path in drawn)])
    expect(page.locator(".tt-tile")).to_have_count(5)
    page.click('[data-tool="change"]')
    work = page.locator(".tt-work")
    work.locator("[value=multiply]").check(force=True)
    expect(work.locator(".tt-would-change")).to_contain_text("Makes 15 new pictures of 5")
    work.locator(".tt-primary").click()
    expect(page.locator(".tt-tile")).to_have_count(20)
    kept(page, "rimochan-pictures")

    go_to(page, "Settings")
    page.select_option("#train_tools_preset", "rimochan")
    expect(field(page, "network_dim")).to_have_value("10")
    for name, text in {**CHANGED, **QUICK}.items():
        search(page, name)
        type_in(page, **{name: text})
    search(page, "")
    expect(page.locator(".tt-differs")).to_contain_text(f"{len(CHANGED)} setting")
    expect(figure(page, "steps")).to_have_text(CHANGED["max_train_steps"])
    page.click('[data-act="train"]')
    expect(page.locator(".tt-outcome")).to_contain_text("Finished: 1 checkpoint", timeout=600_000 * slowness())
    kept(page, "rimochan-trained")
    [last] = webui.checkpoints("rimo")
    told = metadata_of(last)
    assert {key: told[key] for key in PUBLISHED if key != "ss_num_train_images"} == {
        key: text for key, text in PUBLISHED.items() if key != "ss_num_train_images"
    }
    sheets = sorted((webui.root / "rimo/versions/v1/previews").rglob("sheet*.png"))
    assert len(sheets) == 3, sheets

    row = page.locator(".tt-row").first
    row.locator('[data-act="install"]').click()
    expect(row.locator('[data-act="install"]')).to_contain_text("Installed")
    row.locator(".tt-strip a").last.click()
    has_pixels(page.locator(".tt-large img"))
    page.click('[data-large="send"]')
    expect(page.locator("#txt2img_prompt textarea")).to_have_value(f"<lora:{last.stem}:1>{PROMPT}")
    page.click("#txt2img_generate")
    has_pixels(page.locator("#txt2img_gallery img").first)
