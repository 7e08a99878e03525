"""The WebUI as people start it on a server: behind a proxy below a path, with a login, without gradio's queue."""

import pytest

from lib_train.app.sample import SAMPLES
from tests.browsing import HAS_CHROMIUM, figure, go_to, has_pixels, make_project, search, sync, type_in, without_buckets
from tests.proxy import proxied
from tests.webui.conftest import started
from tests.webui.test_real_webui import SETTINGS, require_untouched

pytestmark = [pytest.mark.webui, HAS_CHROMIUM]
_FLAGS = ("--no-gradio-queue", "--gradio-auth", "me:secret", "--subpath", "sd", "--hide-ui-dir-config")


@pytest.fixture(scope="module")
def guarded(tmp_path_factory):
    with started(tmp_path_factory.mktemp("flags"), *_FLAGS) as webui, proxied(webui.address, "sd") as address:
        yield webui, address


def log_in(page, address):
    page.goto(address)
    page.fill("input[type=text], label:has-text('username') input, label:has-text('username') textarea", "me")
    page.fill("input[type=password]", "secret")
    page.click("button:has-text('Login')")


def test_nobody_gets_in_without_the_login(guarded):
    webui, _ = guarded
    for route, body in (("now", None), ("previews/image?path=x", None), ("jobs/stop", {}), ("jobs", {})):
        assert webui.ask(f"train-tools/v1/{route}", body)["error"]["message"] == "log in first"


def test_a_logged_in_person_trains_below_a_path_without_gradio_s_queue(guarded, page):
    webui, address = guarded
    log_in(page, address)
    page.click("#tabs > .tab-nav button:has-text('Train Tools')")
    sync.expect(page.locator(".tt-base")).to_contain_text("train-tools-embedded")
    make_project(page, "flags")
    page.set_input_files(".tt-drop input[type=file]", sorted((SAMPLES / "train" / "10_mochi").iterdir())[:4])
    sync.expect(page.locator(".tt-tile")).to_have_count(2)
    has_pixels(page.locator(".tt-tile img").first)
    go_to(page, "Settings")
    without_buckets(page)
    search(page, "")
    page.locator("#train_tools_group_rates_and_length > summary").click()
    type_in(page, max_train_steps="4", network_dim="2")
    sync.expect(figure(page, "steps")).to_have_text("4")
    page.click('[data-act="train"]')
    sync.expect(page.locator(".tt-outcome")).to_contain_text("Finished: 1 checkpoint")
    sync.expect(page.locator(".tt-curve canvas")).to_be_visible()
    page.locator('.tt-row [data-act="install"]').click()
    sync.expect(page.locator('.tt-row [data-act="install"]')).to_contain_text("Installed")
    assert (webui.data / "models" / "Lora" / "flags-v1-r001.safetensors").is_file()
    assert (webui.data / "output" / "train_tools" / "flags").is_dir()


def test_folders_outside_of_ours_are_refused_where_folders_are_hidden(guarded, page):
    webui, address = guarded
    log_in(page, address)
    page.wait_for_selector("#tabs")
    asked = {"kind": "train", "project": "flags", "version": "v1", "settings": {"train_data_dir": str(SAMPLES)}}
    found = page.evaluate(
        """async (asked) => (await fetch("./train-tools/v1/jobs", {method: "POST",
            headers: {"Content-Type": "application/json", "X-Train-Tools": "1"},
            body: JSON.stringify(asked)})).json()""",
        asked,
    )
    assert found["error"]["problems"][0]["setting"] == "train_data_dir"


def test_with_medvram_and_another_attention_the_run_is_the_same_and_the_model_untouched(tmp_path_factory, webui):
    settings = {**SETTINGS, "max_train_steps": "6"}
    with started(tmp_path_factory.mktemp("medvram"), "--medvram", "--opt-sdp-attention") as other:
        before = {"picture": other.picture("red circle, large", seed=5), "probe": other.ask("probe/weights")}
        curves = []
        for host in (webui, other):
            host.train("medvram", settings)
            seen = host.wait("medvram")
            assert seen["phase"] == "finished", seen
            curves.append([loss for _, loss in seen["series"]["loss"]])
        require_untouched(other, before)
    assert curves[0] == pytest.approx(curves[1], abs=1e-4)
