"""A queue of trainings in the real WebUI, which is killed in the middle and started again."""

import pytest
import torch
from safetensors.torch import load_file

from lib_train.app.sample import SAMPLES
from tests.browsing import HAS_CHROMIUM, sync
from tests.webui.conftest import started
from tests.webui.patience import until
from tests.webui.test_browser import open_tab

pytestmark = [pytest.mark.webui, HAS_CHROMIUM]

SETTINGS = {"train_data_dir": str(SAMPLES / "train"), "resolution": "64", "enable_bucket": False, "network_dim": "2",
            "train_batch_size": "2", "max_train_steps": "16", "save_every_n_epochs": "", "save_every_n_steps": "",
            "save_state_every_n_steps": "4", "save_precision": "float"}  # fmt: skip
RATES = {"fast": "1e-3", "slow": "1e-4", "still": "1e-5"}


def queue_of(webui):
    return webui.ask("train-tools/v1/jobs")["queue"]


def idle(webui):
    found = webui.ask("train-tools/v1/jobs")
    return not found["busy"] and not found["queue"]["waiting"]


def weights(webui, project):
    return load_file(webui.checkpoints(project)[0])


def test_a_killed_webui_asks_and_goes_on_with_the_same_numbers(tmp_path_factory, page):
    data = tmp_path_factory.mktemp("queue")
    with started(data) as webui:
        for name, rate in RATES.items():
            job = {"kind": "train", "project": name, "version": "v1", "name": f"rate {rate}", "queue": True,
                   "settings": {**SETTINGS, "learning_rate": rate}}  # fmt: skip
            assert "error" not in webui.ask("train-tools/v1/jobs", job)
        until(lambda: (webui.now()["step"] or 0) >= 6 and webui.now()["project"] == "fast", 200)
        assert [one["project"] for one in queue_of(webui)["waiting"]] == ["slow", "still"]
        webui.process.kill()
        webui.process.wait()

    with started(data) as webui:
        queue = queue_of(webui)
        assert [(one["project"], one["again"]) for one in queue["waiting"]] == [
            ("fast", True), ("slow", False), ("still", False)]  # fmt: skip
        assert (queue["asks"], webui.now()["phase"]) == (True, "idle")
        open_tab(page, webui.address)
        sync.expect(page.locator(".tt-held")).to_contain_text("The queue waits: 3 jobs wait from before")
        page.click('[data-act="go-on"]')
        until(lambda: idle(webui), 600, pause=0.3)
        sync.expect(page.locator(".tt-past li")).to_have_count(3)
        for name, rate in RATES.items():
            webui.train(f"{name}-alone", {**SETTINGS, "learning_rate": rate})
            assert webui.wait(f"{name}-alone")["phase"] == "finished"
            found, expected = weights(webui, name), weights(webui, f"{name}-alone")
            assert found.keys() == expected.keys()
            assert all(torch.equal(found[key], expected[key]) for key in expected)
        assert [run["name"] for run in webui.now("fast", "v1")["runs"]] == ["r001"]
