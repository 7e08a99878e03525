"""The WebUI's process is killed in the midst of a live picture and of a sheet: nothing is left, and work goes on."""

import threading
from contextlib import suppress

import pytest

from tests.webui.conftest import started
from tests.webui.patience import until
from tests.webui.test_live import asked, names
from tests.webui.test_real_webui import SETTINGS

pytestmark = pytest.mark.webui
LIVE = "<lora:@training:0.8>mochi"
FEW = {**SETTINGS, "max_train_steps": "2", "preview_prompts": "mochi", "preview_sampler": "Euler a",
       "preview_after_training": False}  # fmt: skip


def left(webui):
    """What only a running process may have in a person's folders."""
    return [path for pattern in ("*@training*", "*.partial") for path in webui.data.rglob(pattern)]


def kill(webui):
    webui.process.kill()
    webui.process.wait()


def begin_picture(webui):
    """Ask for a live picture of very many steps, whose answer nobody gets, and wait until it is being drawn."""

    def ask():
        with suppress(OSError):
            webui.ask("sdapi/v1/txt2img", {"prompt": LIVE, "steps": 150, "width": 256, "height": 256})

    threading.Thread(target=ask, daemon=True).start()
    until(lambda: webui.ask("sdapi/v1/progress?skip_current_image=true")["state"]["sampling_step"] > 2)


def test_of_a_live_picture_nothing_is_left_and_the_run_goes_on_with_its_name(tmp_path_factory):
    data = tmp_path_factory.mktemp("killed")
    with started(data) as webui:
        webui.train("cut", {**SETTINGS, "max_train_steps": "4000", "save_state_every_n_steps": "2"})
        until(lambda: (webui.now()["step"] or 0) > 4)
        begin_picture(webui)
        assert any("@training-" in path.name for path in left(webui))
        kill(webui)
        assert left(webui)

    with started(data) as webui:
        assert webui.now()["phase"] == "idle"  # what the first page that is opened asks for
        assert left(webui) == []
        assert "@training" not in names(webui)
        assert asked(webui, LIVE, 0)[0] == asked(webui, "mochi", 0)[0]
        webui.ask("train-tools/v1/jobs/queue/continue", {})
        until(lambda: webui.now()["live"] == "@training" and (webui.now()["step"] or 0) > 6, 200)
        assert "cut/v1 r001 step " in asked(webui, LIVE, 0)[1]["extra_generation_params"]["Train Tools"]
        webui.ask("train-tools/v1/jobs/stop", {})
        assert webui.wait("cut")["phase"] == "stopped"
        assert left(webui) == []


def test_a_killed_sheet_goes_on_and_no_picture_of_it_is_made_twice(tmp_path_factory):
    data = tmp_path_factory.mktemp("sheet")

    def made(webui):
        return {path: path.stat().st_mtime_ns for path in (webui.root / "cut").rglob("previews/*/*.png")}

    with started(data) as webui:
        webui.train("cut", FEW)
        assert webui.wait("cut")["phase"] == "finished"
        there = "train-tools/v1/projects/cut/versions/v1/sheets"
        found = webui.ask(there, {"rows": "seed:1-4", "columns": "weight:0.5,1", "settings": FEW})
        assert "error" not in found, found
        until(lambda: len(made(webui)) >= 3)
        kill(webui)
        before = made(webui)
        assert 3 <= len(before) < 8

    with started(data) as webui:
        assert webui.ask(there)["sheets"] == []
        assert left(webui) == []
        webui.ask("train-tools/v1/jobs/queue/continue", {})
        until(lambda: webui.ask(there)["sheets"], 200)
        assert webui.wait("cut")["phase"] == "finished"
        after = made(webui)
        assert len(after) == 8
        assert {path: after[path] for path in before} == before
        assert left(webui) == []
