"""Previews as txt2img is set, in the real WebUI: with hires fix and a style, pixel by pixel what txt2img makes."""

import json

import pytest
from PIL import Image

from tests.browsing import HAS_CHROMIUM, sync
from tests.webui.conftest import started
from tests.webui.patience import slowness, until
from tests.webui.test_real_webui import SETTINGS

pytestmark = [pytest.mark.webui, HAS_CHROMIUM]
STYLE = 'name,prompt,negative_prompt\nframed,"{prompt}, small",blue\n'
SET = {
    "txt2img/Width/value": 128, "txt2img/Height/value": 128, "txt2img/CFG Scale/value": 5.0,
    "customscript/sampler.py/txt2img/Sampling steps/value": 6,
    "customscript/sampler.py/txt2img/Sampling method/value": "DPM++ 2M",
    "customscript/sampler.py/txt2img/Schedule type/value": "Karras",
    "txt2img/Hires. fix/value": True, "txt2img/Upscale by/value": 2.0, "txt2img/Upscaler/value": "Latent",
    "txt2img/Denoising strength/value": 0.6, "txt2img/Styles/value": ["framed"],
}  # fmt: skip
ALIKE = {"enable_hr": True, "hr_scale": 2, "hr_upscaler": "Latent", "denoising_strength": 0.6, "styles": ["framed"],
         "steps": 6, "sampler_name": "DPM++ 2M", "scheduler": "Karras"}  # fmt: skip


@pytest.fixture(scope="module")
def set_up(tmp_path_factory):
    """A WebUI whose txt2img begins with hires fix and a style."""
    data = tmp_path_factory.mktemp("like")
    (data / "ui-config.json").write_text(json.dumps(SET))
    (data / "styles.csv").write_text(STYLE)
    with started(data) as running:
        yield running


def test_previews_as_txt2img_is_set_are_what_txt2img_makes_of_the_installed_file(set_up, page):
    settings = {**SETTINGS, "max_train_steps": "12", "preview_like_txt2img": True, "preview_weights": "0.5, 1",
                "preview_seeds": "7", "save_every_n_steps": "6", "preview_steps": "20"}  # fmt: skip
    asked = {"kind": "train", "project": "like", "version": "v1", "settings": settings}
    set_up.ask("train-tools/v1/jobs", asked)
    refused = set_up.wait("like")
    assert refused["phase"] == "failed"
    assert "txt2img has made no picture since the WebUI was started" in refused["error"]["message"]
    assert set_up.ask("train-tools/v1/host")["txt2img"] is None
    page.goto(set_up.address)
    page.fill("#txt2img_prompt textarea", "mochi, large")
    page.click("#txt2img_generate")
    found = until(lambda: set_up.ask("train-tools/v1/host")["txt2img"], 120)
    assert (found["prompt"], found["sampler"], found["steps"], found["hires"]) == (
        "mochi, large", "DPM++ 2M Karras", 6, 2.0,
    )  # fmt: skip
    assert found["styles"] == ["framed"]
    sync.expect(page.locator("#txt2img_gallery img").first).to_be_visible(timeout=120_000 * slowness())
    set_up.train("like", settings)
    assert set_up.wait("like")["phase"] == "finished"
    assert set_up.ask("train-tools/v1/host")["txt2img"]["key"] == found["key"]  # our pictures are not remembered
    there = "train-tools/v1/projects/like/versions/v1/checkpoints"
    checked = 0
    for one in set_up.ask(there)["checkpoints"]:
        stem = one["name"].removesuffix(".safetensors")
        set_up.ask(f"{there}/{one['name']}/install", {})
        for path in one["previews"]:
            weight = path.rpartition("-w")[2].removesuffix(".png")
            shown = set_up.picture(f"<lora:{stem}:{weight}>mochi, large", seed=7, **ALIKE)
            with Image.open(set_up.root / path) as drawn:
                assert shown.size == drawn.size == (256, 256)
                assert drawn.convert("RGB").tobytes() == shown.tobytes(), path
                assert "Hires upscale: 2" in drawn.text["parameters"]  # type: ignore[attr-defined]
            checked += 1
    assert checked == 4
    print(f"\n{checked} previews with hires fix and a style: all equal")  # noqa: T201
