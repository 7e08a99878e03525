"""What ``make ui`` serves, as a person uses it in a real browser: from pictures to an installed file, and the page."""

import json
import re
import socket
import threading
from pathlib import Path

import pytest
from PIL import Image

from lib_train.cli.program import parser
from tests.browsing import (
    HAS_CHROMIUM,
    MOCHI,
    answer,
    field,
    figure,
    go_to,
    has_pixels,
    make_project,
    push,
    shows,
    sync,
    type_in,
    until,
)

pytestmark = [pytest.mark.slow, pytest.mark.filterwarnings("ignore"), HAS_CHROMIUM]
expect = sync.expect


@pytest.fixture
def command(tmp_path, monkeypatch):
    """Where the command ``train-tools ui`` answers, with the embedded model, while the test goes on."""
    from lib_train.ui import serve

    served, codes, start = [], [], serve.start
    monkeypatch.setattr(serve, "start", lambda *args: served.append(start(*args)) or served[0])
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    words = ["ui", "--port", str(port), "--output", str(tmp_path / "out"), "--loras", str(tmp_path / "Lora")]
    options = parser().parse_args([*words, "--device", "cpu"])
    thread = threading.Thread(target=lambda: codes.append(options.command(options)))
    thread.start()
    until(lambda: served)
    yield f"http://127.0.0.1:{port}"
    served[0].stop()
    thread.join()
    assert codes == [0]


TRAINING = re.compile(r"^Training \d+ / 20000$")


def step_of(bar):
    return int(re.findall(r"\d+", bar.inner_text())[0])


def test_a_person_trains_watches_stops_previews_and_installs(command, window, tmp_path):
    page = window()
    page.goto(command)
    expect(page.locator(".tt-plan")).to_contain_text("then press Train")
    make_project(page, "mochi")

    files = sorted(str(path) for path in MOCHI.iterdir())[:8]
    page.set_input_files(".tt-drop input[type=file]", files)
    expect(page.locator(".tt-tile")).to_have_count(4)
    expect(page.locator(".tt-tile figcaption").first).to_have_text(re.compile("^mochi"))

    go_to(page, "Settings")
    page.click("#train_tools_group_captions_and_augmentation > summary")
    type_in(page, resolution="12")
    expect(page.locator(".tt-wrongs")).to_contain_text("Resolution: must be at least")
    expect(page.locator("#train_tools_resolution .tt-problem")).to_contain_text("must be at least")
    expect(field(page, "resolution")).to_have_attribute("aria-invalid", "true")
    type_in(page, resolution="128")
    expect(page.locator(".tt-wrongs")).to_have_count(0)
    field(page, "enable_bucket").uncheck()
    page.locator("#train_tools_group_rates_and_length > summary").click()
    type_in(page, max_train_steps="20000", network_dim="2")
    page.fill("#train_tools_search", "n steps")  # finds what is folded away
    type_in(page, save_every_n_steps="8")
    page.fill("#train_tools_search", "")
    type_in(page, preview_prompts="mochi, large", preview_steps="2")
    expect(figure(page, "pictures")).to_have_text("4")
    expect(figure(page, "steps")).to_have_text("20,000")

    page.click('[data-act="train"]')
    expect(page.locator(".tt-row")).not_to_have_count(0)
    expect(page.locator(".tt-curve")).to_be_visible()
    bar = page.locator(".tt-bar span")
    expect(bar).to_have_text(TRAINING)
    before = step_of(bar)

    page.reload()
    expect(page.locator('[data-act="stop"]')).to_be_visible()
    expect(page.locator(".tt-curve")).to_be_visible()
    expect(bar).to_have_text(TRAINING)
    assert step_of(bar) >= before
    expect(field(page, "max_train_steps")).to_have_value("20000")

    page.click('[data-act="stop"]')
    expect(page.locator('[data-act="resume"]')).to_contain_text("Resume r001")
    outcome = page.locator(".tt-outcome")
    expect(outcome).to_contain_text("Stopped: the state of r001 is saved and can be resumed; it is no LoRA file")
    expect(outcome.locator('[data-act="preview-all"]')).to_be_visible()
    oldest = page.locator(".tt-row").last
    name = "mochi-v1-r001-step00000008.safetensors"
    expect(oldest).to_have_attribute("data-name", name)
    oldest.locator('[data-act="preview"]').click()
    expect(oldest.locator(".tt-strip img")).to_have_count(2)
    expect(outcome).to_contain_text("Finished: 1 sheet in mochi/versions/v1/previews")
    has_pixels(oldest.locator(".tt-strip img").first)

    oldest.locator('[data-act="install"]').click()
    expect(oldest.locator('[data-act="install"]')).to_contain_text("Installed")
    assert {path.name for path in (tmp_path / "Lora").iterdir()} >= {name, Path(name).with_suffix(".json").name}
    assert str(tmp_path) not in page.inner_text("body")


@pytest.mark.usefixtures("captioned")
def test_what_differs_from_the_preset_is_shown_at_each_setting_and_goes_back(page):
    go_to(page, "Settings")
    page.select_option("#train_tools_preset", "course")
    differs, rate = page.locator(".tt-differs"), page.locator("#train_tools_unet_lr")
    expect(field(page, "unet_lr")).to_have_value("1e-4")
    expect(differs).to_be_hidden()
    type_in(page, network_dim="8", unet_lr="0.0005", text_encoder_lr="0.3")
    expect(differs).to_contain_text("3 settings differ from the preset:")
    expect(rate.locator(".tt-back")).to_have_text("↺ 1e-4")
    page.reload()  # the version knows its preset
    go_to(page, "Settings")
    expect(page.locator("#train_tools_preset")).to_have_value("course")
    expect(differs).to_contain_text("3 settings differ from the preset:")
    page.click('[data-preset="show"]')
    expect(page.locator(".tt-form .tt-field:visible")).to_have_count(3)
    push(rate.locator(".tt-back"))
    expect(differs).to_contain_text("2 settings differ from the preset:")
    expect(rate).to_be_hidden()  # it does not differ any longer
    push(page.locator('[data-preset="back"]'))
    expect(differs).to_be_hidden()
    expect(field(page, "network_dim")).to_have_value("32")
    expect(field(page, "unet_lr")).to_have_value("1e-4")


@pytest.mark.usefixtures("captioned")
@pytest.mark.parametrize("language", ["zh_CN", "ja_JP"])
def test_scripts_show_the_language_that_the_webui_has(window, address, language):
    words = json.loads((MOCHI.parents[4] / "localizations" / f"{language}.json").read_text(encoding="utf-8"))
    page = window()
    page.add_init_script(f"const words = {json.dumps(words)}; window.getTranslation = (word) => words[word];")
    page.goto(address)
    page.locator(".tt-pick").first.click()
    expect(page.locator(".tt-caption h3")).to_have_text(words["Train Tools: Caption"])
    expect(page.locator(".tt-count")).to_have_text(words["Train Tools: {} pictures"].replace("{}", "3"))
    expect(page.locator('[data-figure="pictures"]')).to_have_text(words["Train Tools: {} pictures"].replace("{}", "3"))
    expect(page.locator(".tt-base")).to_have_text(re.compile("^" + words["Train Tools: Base: {}"].replace("{}", "")))
    page.keyboard.press("Escape")  # closes the picture
    go_to(page, words["Train Tools: Settings"])
    type_in(page, network_dim="0")  # what the server finds wrong, in the plan and at the setting
    remedy = words["Train Tools: must be at least {low}"].replace("{low}", "1")
    expect(page.locator(".tt-wrongs")).to_contain_text(remedy)
    expect(page.locator("#train_tools_network_dim .tt-problem")).to_have_text(remedy)


@pytest.mark.usefixtures("captioned")
def test_new_version_is_offered_the_next_name(page):
    project = page.locator("#train_tools_project").input_value()
    for action, made in (("create", "v2"), ("copy", "v3")):
        page.click(f'[data-act="{action}-version"]')
        expect(page.locator(".tt-dialog input")).to_have_value(made)
        answer(page)
        shows(page, project, made)
    for left in ("v2", "v1"):
        page.click('[data-act="delete-version"]')
        answer(page)
        shows(page, project, left)
    page.click('[data-act="delete-version"]')
    page.keyboard.press("Escape")  # is no yes
    shows(page, project, "v1")


@pytest.mark.usefixtures("trained")
def test_messages_stay_the_same_elements_while_they_say_the_same(page):
    expect(page.locator(".tt-messages li").first).to_be_visible()
    page.evaluate("document.querySelector('.tt-messages li').id = 'selected'")
    for _ in range(3):  # the answers before the last one have been shown
        with page.expect_response(lambda answer: "/now?" in answer.url):
            page.evaluate("document.dispatchEvent(new Event('visibilitychange'))")
    expect(page.locator("#selected")).to_have_count(1)


def test_header_is_one_line_and_nothing_is_wider_than_the_page(page):
    tops = {button.bounding_box()["y"] for button in page.locator(".tt-places [data-act]").all()}
    assert len(tops) == 1
    for width in (1024, 390):
        page.set_viewport_size({"width": width, "height": 900})
        fits = "(width) => innerWidth === width && document.documentElement.scrollWidth <= width"
        page.wait_for_function(fits, arg=width)


@pytest.mark.usefixtures("captioned")
def test_run_panel_stays_in_sight_while_the_settings_are_scrolled(page):
    go_to(page, "Settings")
    for label in page.locator(".tt-form summary:visible").all():
        label.click()
    page.wait_for_function("() => { window.scrollTo(0, 800); return window.scrollY === 800; }")  # once it is so tall
    expect(page.locator('[data-act="train"]')).to_be_in_viewport(ratio=1)


def kind_of(url):
    """The route that was asked: its last word, but two for previews."""
    path = url.partition("/train-tools/v1/")[2].partition("?")[0]
    return path if path.startswith("previews/") else path.rpartition("/")[2]


def test_many_pictures_and_checkpoints_are_loaded_as_they_are_seen(window, address, folder):
    version = folder / "out" / "many" / "versions" / "v1"
    pictures, checkpoints = version / "dataset" / "train" / "1_many", version / "checkpoints"
    for made in (pictures, checkpoints):
        made.mkdir(parents=True)
    for i in range(300):
        Image.new("RGB", (64, 64), (i % 256, 0, 0)).save(pictures / f"{i:03}.png")
    for i in range(60):
        stem = f"many-v1-r001-{i:06}"
        (checkpoints / f"{stem}.safetensors").write_bytes(b"a file that is only listed")
        (version / "previews" / stem).mkdir(parents=True)
        Image.new("RGB", (64, 64)).save(version / "previews" / stem / f"{stem}-p1-s1-w1.png")
    page, asked = window(), []
    page.on("request", lambda request: asked.append(kind_of(request.url)))
    page.goto(address)
    expect(page.locator(".tt-count")).to_contain_text("300 pictures")
    expect(page.locator(".tt-row")).to_have_count(60)
    page.wait_for_function("() => document.querySelector('.tt-tile img').naturalWidth > 0")
    page.wait_for_load_state("networkidle")
    assert 0 < asked.count("image") <= page.locator(".tt-tile").count() < 150
    assert asked.count("previews/image") < 60
    assert max(asked.count(route) for route in ("checkpoints", "previews", "plan")) <= 2
    has_pixels(page.locator(".tt-row").last.locator("img"))
