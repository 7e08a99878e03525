"""``<lora:@training:0.8>`` in the real WebUI: each picture is that of the checkpoint saved at the same step.

``LIVE_REQUESTS`` says how many pictures are asked for during the run; 8 are the normal test.
"""

import base64
import io
import json
import os
import random
import re
import shutil

import pytest
from PIL import Image

from lib_train.checkpoints.files import read_network
from tests.browsing import HAS_CHROMIUM, sync
from tests.webui.patience import until
from tests.webui.test_real_webui import SETTINGS, reload_ui, require_untouched

pytestmark = pytest.mark.webui

REQUESTS = int(os.environ.get("LIVE_REQUESTS", "8"))
TRAINED = {**SETTINGS, "text_encoder_lr": "1e-3", "train_batch_size": "2", "save_every_n_steps": "1",
           "max_train_steps": str(7 * REQUESTS + 60)}  # fmt: skip
HIRES = {"enable_hr": True, "hr_scale": 2, "hr_upscaler": "Latent", "denoising_strength": 0.7}
KINDS = [
    {},
    {"sampler_name": "DPM++ 2M", "scheduler": "Karras"},
    HIRES,
    {"sampler_name": "DDIM", "n_iter": 2},
    {"styles": ["framed"]},
]
STYLE = 'name,prompt,negative_prompt\nframed,"{prompt}, small",blue\n'


@pytest.fixture(scope="module")
def before(webui):
    picture = webui.picture("red circle, large", seed=5)
    return {"probe": webui.ask("probe/weights"), "picture": picture}


def asked(webui, prompt, number, source=None):
    """The pixels that one of the kinds of requests gives, and its infotext."""
    body = {"prompt": prompt, "seed": number, "steps": 6, "cfg_scale": 5, "width": 128, "height": 128,
            "sampler_name": "Euler a", "save_images": False, **KINDS[number % len(KINDS)]}  # fmt: skip
    route = "txt2img"
    if source and number % 6 == 5:
        route, body = "img2img", {**body, "init_images": [source], "denoising_strength": 0.6, "enable_hr": False}
    found = webui.ask(f"sdapi/v1/{route}", body)
    pixels = [Image.open(io.BytesIO(base64.b64decode(one))).convert("RGB").tobytes() for one in found["images"]]
    return pixels, json.loads(found["info"])


def names(webui):
    return [one["name"] for one in webui.ask("sdapi/v1/loras")]


def tensors_of(path):
    return {name: tensor.numpy().tobytes() for name, tensor in read_network(path)[0].items()}


def test_pictures_with_the_network_in_training_are_those_of_the_checkpoint_saved_at_that_step(webui, before):
    (webui.data / "styles.csv").write_text(STYLE)
    source = webui.ask("sdapi/v1/txt2img", {"prompt": "a", "steps": 1, "width": 128, "height": 128})["images"][0]
    chance, made = random.Random(3), []
    webui.train("live", TRAINED)
    for number in range(REQUESTS):
        wanted = (webui.now()["step"] or 0) + chance.randint(1, 4)
        until(lambda wanted=wanted: (webui.now()["step"] or 0) >= wanted)
        if number == 4:
            reload_ui(webui)  # which runs the scripts of the Lora extension anew, and of ours
        pixels, info = asked(webui, "<lora:@training:0.8>mochi, large", number, source)
        label = info["extra_generation_params"]["Train Tools"]
        step = int(label.removeprefix("live/v1 r001 step "))
        assert all(f"Train Tools: {label}" in text for text in info["infotexts"])
        made.append((number, step, pixels))
        if number == 2:
            webui.ask("sdapi/v1/refresh-loras", {})
            assert "@training" in names(webui)
            assert webui.now()["live"] == "@training"
    assert webui.wait("live", seconds=1200)["phase"] == "finished"
    steps = [step for _, step, _ in made]
    assert len(set(steps)) > REQUESTS * 0.8, steps
    files = webui.ask("train-tools/v1/projects/live/versions/v1/checkpoints")["checkpoints"]
    by_step = {one["step"]: webui.root / "live" / "versions" / "v1" / "checkpoints" / one["name"] for one in files}
    for step in set(steps):
        shutil.copy(by_step[step], webui.data / "models" / "Lora")
    webui.ask("sdapi/v1/refresh-loras", {})
    assert "@training" not in names(webui)
    bare = asked(webui, "mochi, large", 0)[0]
    for number, step, pixels in made:
        again, _ = asked(webui, f"<lora:{by_step[step].stem}:0.8>mochi, large", number, source)
        assert again == pixels, (number, step)
        assert number or again != bare
    require_untouched(webui, before)
    webui.train("quiet-live", TRAINED)
    assert webui.wait("quiet-live", seconds=1200)["phase"] == "finished"
    one, other = (tensors_of(webui.checkpoints(project)[0]) for project in ("live", "quiet-live"))
    assert one == other
    print(f"\n{REQUESTS} pictures of {len(set(steps))} steps up to {max(steps)}: all equal")  # noqa: T201


@HAS_CHROMIUM
def test_its_card_is_on_the_page_of_loras_puts_it_into_the_prompt_and_goes_with_the_run(webui, page):
    preview = {"preview_prompts": "mochi", "preview_at_first": True, "preview_weights": "1"}
    webui.train("shown-live", {**SETTINGS, **preview, "max_train_steps": "4000", "save_every_n_steps": "2",
                               "preview_every_n_steps": "2"})  # fmt: skip
    until(lambda: (webui.now()["step"] or 0) > 4)
    page.goto(webui.address)
    page.click("#txt2img_extra_tabs button:text-is('Lora')")
    page.click("#txt2img_lora_extra_refresh")
    card = page.locator('#txt2img_lora_cards .card[data-name="@training"]')
    sync.expect(card.locator(".description")).to_have_text(re.compile(r"training now: step \d+ of 4000, epoch \d+"))
    picture = card.locator("img.preview")
    sync.expect(picture).to_have_attribute("src", re.compile("^data:image/jpeg;base64,"))
    card.hover()  # brings it into sight, also where an extension draws the cards again meanwhile
    sync.expect(picture).to_have_js_property("naturalWidth", 128)
    log = (webui.data / "log.txt").read_text(errors="replace")
    card.hover()
    card.locator(".edit-button").click()
    editor = page.locator("#txt2img_lora_edit_user_metadata").first
    sync.expect(editor).to_contain_text("@training.safetensors")  # whose size and date are told
    page.keyboard.press("Escape")
    assert "Traceback" not in (webui.data / "log.txt").read_text(errors="replace")[len(log) :]
    card.click()
    sync.expect(page.locator("#txt2img_prompt textarea")).to_have_value(" <lora:@training:1>")
    webui.ask("train-tools/v1/jobs/stop", {})
    sync.expect(card).to_have_count(0)
    page.click("#txt2img_lora_extra_refresh")
    sync.expect(page.locator("#txt2img_lora_cards")).to_be_visible()
    sync.expect(card).to_have_count(0)
    assert webui.wait("shown-live")["phase"] == "stopped"


def test_without_a_run_the_name_means_nothing_and_nothing_is_left(webui, before):
    log = (webui.data / "log.txt").read_text()
    pixels, info = asked(webui, "<lora:@training:0.8>mochi", 0)
    assert pixels == asked(webui, "mochi", 0)[0]
    assert "Train Tools" not in info["extra_generation_params"]
    assert "Traceback" not in (webui.data / "log.txt").read_text()[len(log) :]
    assert "@training" not in names(webui)
    assert not list(webui.root.rglob("*@training*"))
    require_untouched(webui, before)
