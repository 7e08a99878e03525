"""What ``make ui`` serves, as a person uses it: a real browser on the embedded model."""

import itertools
import json
import os
import re
import shutil
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from pathlib import Path

import pytest
from PIL import Image

sync = pytest.importorskip("playwright.sync_api", reason="playwright is not installed: no browser journey")
pytest.importorskip("gradio", reason="the tab's packages are not installed", exc_type=ImportError)

sync.expect.set_options(timeout=20_000)  # a busy machine is no fault
_BROWSERS = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
CHROMIUM = os.environ.get("CHROMIUM") or next(filter(None, map(shutil.which, _BROWSERS)), None)
MOCHI = Path(__file__).parents[2] / "lib_train" / "assets" / "mochi" / "train" / "10_mochi"
pytestmark = [
    pytest.mark.slow,
    pytest.mark.filterwarnings("ignore"),
    pytest.mark.skipif(CHROMIUM is None, reason="no Chromium here: install Debian's chromium, or name it in CHROMIUM"),
]


HEADERS = {"Content-Type": "application/json", "X-Train-Tools": "1"}


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    return tmp_path_factory.mktemp("tab")


@pytest.fixture(scope="module")
def address(folder):
    """``train-tools ui`` in a process of its own, with a folder to install into."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    command = [sys.executable, "-m", "lib_train", "ui", "--port", str(port), "--output", str(folder / "out")]
    command += ["--loras", str(folder / "Lora"), "--device", "cpu"]
    environment = {**os.environ, "OMP_NUM_THREADS": "1", "GRADIO_ANALYTICS_ENABLED": "False"}
    with (folder / "log.txt").open("w") as log:
        process = subprocess.Popen(command, env=environment, stdout=log, stderr=subprocess.STDOUT)
    try:
        at = f"http://127.0.0.1:{port}"
        for _ in range(240):
            try:
                urllib.request.urlopen(f"{at}/train-tools/status").close()
                break
            except urllib.error.URLError:
                assert process.poll() is None, (folder / "log.txt").read_text()
                time.sleep(0.25)
        yield at
    finally:
        process.terminate()
        process.wait(20)


@pytest.fixture(scope="module")
def browser():
    with sync.sync_playwright() as playwright:
        opened = playwright.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
        yield opened
        opened.close()


@pytest.fixture
def ask(address):
    """Asks a route, and gives what it answers."""

    def asked(route, body=None):
        data = None if body is None else json.dumps(body).encode()
        request = urllib.request.Request(f"{address}/train-tools/{route}", data, HEADERS)
        with urllib.request.urlopen(request, timeout=60) as answer:
            return json.load(answer)

    return asked


def until_idle(ask):
    while ask("status")["busy"]:
        time.sleep(0.2)


NUMBERS = itertools.count(1)
SETTINGS = {
    "train_data_dir": str(MOCHI.parent), "resolution": "128", "enable_bucket": False, "network_dim": "2",
    "max_train_steps": "2000", "save_every_n_steps": "", "save_every_n_epochs": "", "preview_prompts": "mochi",
    "preview_steps": "1",
}  # fmt: skip


@pytest.fixture
def trained(ask):
    """A project of its own, made last and so shown first, with three checkpoints and their pictures; its name."""
    settings, project = {**SETTINGS, "max_train_steps": "24", "save_every_n_steps": "8"}, f"kept{next(NUMBERS)}"
    ask("train", {"project": project, "version": "v1", "settings": settings})
    until_idle(ask)
    return project


@pytest.fixture
def training(ask):
    """A project of its own, made last and so shown first, with a run that goes on for long; its name."""
    project = f"long{next(NUMBERS)}"
    ask("train", {"project": project, "version": "v1", "settings": SETTINGS})
    while ask("status").get("step", 0) < 2:
        time.sleep(0.1)
    yield project
    for job in ask("status")["queue"]["waiting"]:
        ask("queue/remove", {"number": job["number"]})
    ask("stop", {})
    until_idle(ask)


@pytest.fixture
def page(browser, address):
    """A page on the tab; faults of its script fail the test."""
    faults = []
    opened = browser.new_page(viewport={"width": 1500, "height": 1000})
    opened.set_default_timeout(20_000)
    opened.on("pageerror", lambda fault: faults.append(str(fault)))
    opened.goto(address)
    opened.wait_for_selector(".tt-plan *")
    yield opened
    opened.close()
    assert not faults


def go_to(page, name):
    page.click(f"#train_tools_pages > .tab-nav button:has-text('{name}')")


def type_in(page, **settings):
    for name, value in settings.items():
        page.fill(f"#train_tools_{name} textarea, #train_tools_{name} input", value)


def test_a_person_trains_watches_stops_previews_and_installs(page, folder):
    page.on("dialog", lambda dialog: dialog.accept("mochi"))
    assert "Make a project to begin" in page.inner_text(".tt-plan")
    page.click('[data-act="create-project"]')
    sync.expect(page.locator("#train_tools_project input")).to_have_value("mochi")

    files = sorted(str(path) for path in MOCHI.iterdir())[:8]
    page.set_input_files(".tt-drop input[type=file]", files)
    sync.expect(page.locator(".tt-tile")).to_have_count(4)
    assert page.inner_text(".tt-tile figcaption").startswith("mochi")

    type_in(page, resolution="12")
    sync.expect(page.locator(".tt-wrongs")).to_contain_text("Resolution: must be at least")
    type_in(page, resolution="128")
    sync.expect(page.locator(".tt-wrongs")).to_have_count(0)
    page.click("#train_tools_group_buckets .label-wrap")
    page.uncheck("#train_tools_enable_bucket input")
    go_to(page, "Settings")
    for group, setting, value in (("length", "max_train_steps", "2000"), ("saving", "save_every_n_steps", "8")):
        page.click(f"#train_tools_group_{group} .label-wrap")
        type_in(page, **{setting: value})
    type_in(page, network_dim="2")
    go_to(page, "Previews")
    type_in(page, preview_prompts="mochi, large", preview_steps="2")
    sync.expect(page.locator(".tt-card", has_text="pictures").locator("b")).to_have_text("4")
    sync.expect(page.locator(".tt-card", has_text="steps").locator("b")).to_have_text("2000")

    page.click('[data-act="train"]')
    sync.expect(page.locator(".tt-row")).not_to_have_count(0)
    sync.expect(page.locator(".tt-curve")).to_be_visible()
    assert page.locator(".tt-bar span").inner_text().startswith("Training")
    before = int(page.get_attribute(".tt-bar", "aria-valuenow"))

    page.reload()
    sync.expect(page.locator('[data-act="stop"]')).to_be_visible()
    sync.expect(page.locator(".tt-curve")).to_be_visible()
    assert int(page.get_attribute(".tt-bar", "aria-valuenow")) >= before
    assert page.locator("#train_tools_max_train_steps textarea").input_value() == "2000"

    page.click('[data-act="stop"]')
    sync.expect(page.locator('[data-act="resume"]')).to_contain_text("Resume r001")
    outcome = page.locator(".tt-outcome")
    sync.expect(outcome).to_contain_text("Stopped: r001 is saved and can be resumed")
    sync.expect(outcome.locator('[data-act="preview-all"]')).to_be_visible()
    oldest = page.locator(".tt-row").last
    name = oldest.get_attribute("data-name")
    assert name == "mochi-v1-r001-step00000008.safetensors"
    oldest.locator('[data-act="preview"]').click()
    sync.expect(oldest.locator(".tt-strip img")).to_have_count(2)
    sync.expect(outcome).to_contain_text("Finished: 1 sheet in mochi/versions/v1/previews")
    assert page.evaluate("() => document.querySelector('.tt-row:last-child .tt-strip img').decode()") is None

    oldest.locator('[data-act="install"]').click()
    sync.expect(oldest.locator('[data-act="install"]')).to_contain_text("Installed")
    assert {path.name for path in (folder / "Lora").iterdir()} >= {name, Path(name).with_suffix(".json").name}
    assert str(folder) not in page.inner_text("body")


def test_what_differs_from_the_preset_is_named_and_goes_back(captioned, page):
    go_to(page, "Settings")
    page.click("#train_tools_preset input")
    page.click("#train_tools_preset li:has-text('course')")
    state = page.locator(".tt-preset")
    sync.expect(state).to_contain_text("Everything is as in the preset.")
    type_in(page, network_dim="8", unet_lr="0.0005", text_encoder_lr="0.3")
    summary = state.locator("summary")
    sync.expect(summary).to_have_text("Differs from preset: 3")
    assert "U-Net learning rate: 0.0001 → 0.0005" in summary.get_attribute("title")
    page.reload()  # the version knows its preset
    go_to(page, "Settings")
    sync.expect(summary).to_have_text("Differs from preset: 3")
    summary.press("Enter")
    state.locator('[data-back="unet_lr"]').press("Enter")
    sync.expect(summary).to_have_text("Differs from preset: 2")
    sync.expect(page.locator("#train_tools_unet_lr textarea")).to_have_value("0.0001")
    state.locator('[data-back=""]').press("Enter")
    sync.expect(state).to_contain_text("Everything is as in the preset.")
    sync.expect(page.locator("#train_tools_network_dim textarea")).to_have_value("32")


@pytest.mark.usefixtures("captioned")
@pytest.mark.parametrize("language", ["zh_CN", "ja_JP"])
def test_scripts_show_the_language_that_the_webui_has(browser, address, language):
    words = json.loads((MOCHI.parents[4] / "localizations" / f"{language}.json").read_text(encoding="utf-8"))
    page = browser.new_page(viewport={"width": 1400, "height": 900})
    page.add_init_script(f"const words = {json.dumps(words)}; window.getTranslation = (word) => words[word];")
    page.goto(address)
    page.locator(".tt-pick").first.click()
    sync.expect(page.locator(".tt-caption span")).to_have_text(words["Train Tools: Caption"])
    sync.expect(page.locator(".tt-count")).to_have_text(words["Train Tools: {} pictures"].replace("{}", "3"))
    sync.expect(page.locator(".tt-card").first.locator("span")).to_have_text(words["Train Tools: pictures"])
    sync.expect(page.locator(".tt-base")).to_contain_text(words["Train Tools: Base"])
    page.close()


@pytest.mark.usefixtures("trained")
def test_new_version_is_offered_the_next_name(page):
    offered = []
    page.on("dialog", lambda dialog: (offered.append(dialog.default_value), dialog.accept(dialog.default_value)))
    for action, made in (("create", "v2"), ("copy", "v3")):
        page.click(f'[data-act="{action}-version"]')
        sync.expect(page.locator("#train_tools_version input")).to_have_value(made)
    page.click('[data-act="delete-version"]')
    sync.expect(page.locator("#train_tools_version input")).to_have_value("v2")
    page.click('[data-act="delete-version"]')
    sync.expect(page.locator("#train_tools_version input")).to_have_value("v1")
    assert offered[:2] == ["v2", "v3"]


@pytest.mark.usefixtures("trained")
def test_large_view_goes_through_checkpoints_and_weights_by_keys(page):
    sync.expect(page.locator(".tt-outcome")).to_contain_text("Finished: 3 checkpoints")
    sync.expect(page.locator(".tt-strip img")).to_have_count(2 * 3)
    sync.expect(page.locator(".tt-curve")).to_be_visible()  # from the run's log
    sync.expect(page.locator('.tt-head [data-act="preview-all"]')).to_have_text("Preview all (4 pictures)")
    page.locator(".tt-row").last.locator(".tt-strip a").first.press("Enter")
    says = page.locator(".tt-large .tt-fine")
    seen = []
    for key in ("ArrowDown", "ArrowDown", "ArrowRight", "ArrowUp", "ArrowLeft", "ArrowLeft"):
        page.keyboard.press(key)
        step, weight = re.search(r"step (\d+)\s+weight (\d)", says.inner_text()).groups()
        seen.append((int(step), int(weight)))
    assert seen == [(8, 1), (8, 1), (16, 1), (16, 0), (8, 0), (8, 0)]
    page.keyboard.press("Escape")
    sync.expect(page.locator(".tt-large")).to_have_count(0)
    assert page.evaluate("() => document.activeElement.closest('.tt-row').dataset.name").endswith(
        "step00000008.safetensors"
    )


@pytest.fixture
def captioned(folder):
    """A project of its own, changed last, with three pictures, of which the last has no caption file."""
    place = folder / "out" / "captions" / "versions" / "v1" / "dataset" / "train" / "2_mochi"
    place.mkdir(parents=True)
    for name in ("mochi_00", "mochi_01", "mochi_02"):
        for ending in (".png", ".txt") if name != "mochi_02" else (".png",):
            shutil.copy(MOCHI / f"{name}{ending}", place)
    yield place
    shutil.rmtree(folder / "out" / "captions")


def test_captions_are_written_by_keys_alone_and_nothing_is_lost(captioned, page, address):
    page.locator(".tt-pick").first.press("Enter")
    drawer, caption, said = page.locator(".tt-drawer"), page.locator(".tt-drawer textarea"), page.locator(".tt-saved")
    sync.expect(drawer.locator("h3")).to_have_text("mochi_00.png")
    sync.expect(drawer.locator(".tt-facts")).to_contain_text("bucket 512 × 512")
    page.wait_for_function("() => document.querySelector('.tt-drawer img').naturalWidth > 0")
    page.keyboard.press("ArrowRight")
    sync.expect(drawer.locator("h3")).to_have_text("mochi_01.png")
    sync.expect(page.locator(".tt-pick[aria-current]")).to_have_attribute("aria-label", "mochi_01.png")

    caption.fill("mochi, red")
    caption.press("Control+Enter")
    sync.expect(said).to_have_text("Saved in mochi_01.txt")
    sync.expect(page.locator(".tt-tile figcaption").nth(1)).to_have_text("mochi, red")
    assert (captioned / "mochi_01.txt").read_text() == "mochi, red"

    caption.fill("mochi, red, smile")
    caption.press("PageDown")  # saves too
    sync.expect(drawer.locator("h3")).to_have_text("mochi_02.png")
    assert (captioned / "mochi_01.txt").read_text() == "mochi, red, smile"
    sync.expect(drawer.locator(".tt-hints")).to_contain_text("There is no caption file")
    caption.fill("mochi, blue")
    caption.press("Escape")  # out of the text, which saves
    sync.expect(said).to_have_text("Saved in mochi_02.txt")
    page.keyboard.press("Escape")
    sync.expect(drawer).to_be_hidden()
    tile = page.locator(".tt-pick").last
    sync.expect(tile).to_be_focused()
    (captioned / "mochi_02.txt").write_text("mochi, by another program")
    page.evaluate("() => window.trainTools.tools.plan()")
    sync.expect(page.locator(".tt-tile figcaption").last).to_have_text("mochi, by another program")
    sync.expect(tile).to_be_focused()

    page.locator(".tt-pick").last.click()
    caption.fill("not yet saved")
    page.goto(f"{address}/train-tools/status")  # closing the page saves
    for _ in range(40):
        if (captioned / "mochi_02.txt").read_text() == "not yet saved":
            break
        time.sleep(0.1)
    assert (captioned / "mochi_02.txt").read_text() == "not yet saved"


def test_two_browsers_that_write_one_caption_are_asked_which_to_keep(captioned, page):
    page.locator(".tt-pick").first.click()
    caption, said = page.locator(".tt-drawer textarea"), page.locator(".tt-saved")
    for button, kept in (("Keep mine", "mine"), ("Take theirs", "theirs")):
        caption.fill("before")
        caption.press("Control+Enter")
        sync.expect(said).to_have_text("Saved in mochi_00.txt")
        (captioned / "mochi_00.txt").write_text("theirs")
        caption.fill("mine")
        caption.press("Control+Enter")
        sync.expect(said).to_contain_text("Somebody else changed this caption meanwhile:theirs")
        assert (captioned / "mochi_00.txt").read_text() == "theirs"
        assert caption.input_value() == "mine"
        said.locator(f"button:has-text('{button}')").click()
        sync.expect(page.locator(".tt-tile figcaption").first).to_have_text(kept)
        sync.expect(caption).to_have_value(kept)
        assert (captioned / "mochi_00.txt").read_text() == kept


def test_trainings_wait_for_their_turns_and_after_a_stop_until_they_are_told_to_go_on(training, page):
    bar, queue = page.locator(".tt-bar span"), page.locator(".tt-queue")
    rows, add = queue.locator("ol li"), page.locator('[data-act="add"]')
    sync.expect(add).to_be_visible()
    for count in (1, 2):
        add.press("Enter")
        sync.expect(rows).to_have_count(count)
    sync.expect(rows.first).to_contain_text(f"{training} / v1")
    sync.expect(rows.first).to_contain_text("2000 steps")
    rows.first.locator("button").press("Enter")
    sync.expect(rows).to_have_count(1)
    sync.expect(rows.locator("button")).to_be_focused()
    page.reload()
    sync.expect(rows).to_have_count(1)

    page.click('[data-act="stop"]')
    sync.expect(queue).to_contain_text("The queue waits: the job before was stopped")
    sync.expect(bar).to_contain_text("Stopped")
    page.locator('[data-act="go-on"]').press("Enter")
    sync.expect(bar).to_contain_text("Training")
    sync.expect(rows).to_have_count(0)
    sync.expect(queue).to_contain_text(f"{training} / v1: Stopped")


def test_a_sample_of_a_running_training_appears_among_the_checkpoints(training, page):
    sample = page.locator('[data-act="sample"]')
    sync.expect(sample).to_have_attribute("aria-disabled", "false")
    sample.press("Enter")
    sync.expect(page.locator(".tt-row")).to_have_count(1)
    assert re.search(rf"{training}-v1-r\d+-step\d{{8}}\.safetensors", page.inner_text(".tt-row"))
    sync.expect(page.locator(".tt-strip img")).to_have_count(2)
    sync.expect(page.locator(".tt-bar span")).to_contain_text("Training")
    sync.expect(sample).to_have_text("Sample now")


@pytest.mark.usefixtures("training")
def test_a_run_is_paused_and_goes_on_by_keys(page):
    bar, outcome = page.locator(".tt-bar span"), page.locator(".tt-outcome")
    pause, again = page.locator('[data-act="pause"]'), page.locator('[data-act="continue"]')
    sync.expect(pause).to_be_visible()
    pause.press("Enter")
    sync.expect(bar).to_contain_text("Paused")
    sync.expect(outcome).to_contain_text("Paused after step")
    assert "left" not in page.inner_text(".tt-figures")
    sync.expect(again).to_be_focused()
    page.reload()
    sync.expect(bar).to_contain_text("Paused")
    stood = int(re.findall(r"\d+", bar.inner_text())[0])
    again.press("Enter")
    sync.expect(bar).to_contain_text("Training")
    sync.expect(pause).to_be_focused()
    sync.expect(outcome).to_be_hidden()
    assert int(re.findall(r"\d+", bar.inner_text())[0]) >= stood


def test_a_run_without_prompts_says_why_it_cannot_be_sampled(page, ask):
    ask("train", {"project": "plain", "version": "v1", "settings": {**SETTINGS, "preview_prompts": ""}})
    page.click('[data-act="show-running"]')
    sample = page.locator('[data-act="sample"]')
    sync.expect(sample).to_be_visible()
    sync.expect(sample).to_contain_text("this run has no preview prompts")
    sync.expect(sample).to_have_attribute("aria-disabled", "true")
    sample.press("Enter")
    page.click(".tt-error a")
    sync.expect(page.locator("#train_tools_preview_prompts textarea")).to_be_focused()
    ask("stop", {})
    until_idle(ask)


def test_curve_tells_step_and_losses_at_the_pointer_and_by_keys(trained, page, ask):
    curve, says = page.locator(".tt-curve"), page.locator(".tt-readout")
    sync.expect(curve).to_be_visible()
    sync.expect(says).to_be_hidden()
    found = ask(f"curve?project={trained}&version=v1&run=r001")["curve"]
    means = [found[0][1]]
    for _, loss in found[1:]:
        means.append(0.95 * means[-1] + 0.05 * loss)
    width = curve.bounding_box()["width"]
    for index, x in ((0, 10), (23, width - 2)):
        curve.hover(position={"x": x, "y": 60})
        said = f"step {index + 1}   loss {means[index]:.4f} smoothed, {found[index][1]:.4f} this step"
        sync.expect(says).to_have_text(said)
    page.hover(".tt-base")
    sync.expect(says).to_be_hidden()
    for key, step in (("ArrowLeft", 23), ("ArrowLeft", 22), ("Home", 1), ("ArrowRight", 2), ("End", 24)):
        curve.press(key)
        sync.expect(says).to_contain_text(f"step {step} ")
    curve.press("Escape")
    sync.expect(says).to_be_hidden()


@pytest.mark.usefixtures("trained")
def test_messages_stay_the_same_elements_while_they_say_the_same(page):
    sync.expect(page.locator(".tt-messages div").first).to_be_visible()
    page.evaluate("document.querySelector('.tt-messages div').id = 'selected'")
    with page.expect_response(lambda answer: "/status" in answer.url):
        pass
    page.wait_for_timeout(200)
    sync.expect(page.locator("#selected")).to_have_count(1)


def test_header_is_one_line_and_nothing_is_wider_than_the_page(page):
    tops = {button.bounding_box()["y"] for button in page.locator("#train_tools_project_row [data-act]").all()}
    assert len(tops) == 1
    for width in (1024, 400):
        page.set_viewport_size({"width": width, "height": 900})
        assert page.evaluate("() => document.documentElement.scrollWidth") <= width


@pytest.mark.usefixtures("trained")
def test_run_panel_stays_in_sight_while_the_settings_are_scrolled(page):
    go_to(page, "Settings")
    for label in page.locator("#train_tools_pages .label-wrap:visible").all():
        label.click()
    page.evaluate("() => window.scrollTo(0, 800)")
    page.wait_for_function("() => window.scrollY === 800")
    assert 0 <= page.locator('[data-act="train"]').bounding_box()["y"] < 1000


def test_many_pictures_and_checkpoints_are_loaded_as_they_are_seen(browser, address, folder):
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
    page, asked = browser.new_page(viewport={"width": 1400, "height": 900}), []
    page.on("request", lambda request: asked.append(request.url.partition("/train-tools/")[2].partition("?")[0]))
    page.goto(address)
    sync.expect(page.locator(".tt-tile")).to_have_count(300)
    sync.expect(page.locator(".tt-row")).to_have_count(60)
    page.wait_for_load_state("networkidle")
    assert 0 < asked.count("picture") < 150
    assert asked.count("thumb") < 60
    assert max(asked.count(route) for route in ("pictures", "checkpoints", "plan")) <= 2
    last = page.locator(".tt-row").last
    last.scroll_into_view_if_needed()
    page.wait_for_function("() => document.querySelector('.tt-row:last-child img').naturalWidth > 0")
    page.close()
