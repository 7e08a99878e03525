"""When the queue's jobs begin in the real WebUI: at a time of day, and while nobody generates."""

import time

import pytest

from lib_train.app.sample import SAMPLES
from tests.webui.patience import until

pytestmark = pytest.mark.webui
SETTINGS = {"train_data_dir": str(SAMPLES / "train"), "resolution": "64", "enable_bucket": False, "network_dim": "2",
            "train_batch_size": "2", "save_every_n_epochs": "", "preview_after_training": False}  # fmt: skip
MINUTE = 60.0


@pytest.fixture
def queue(webui):
    """Sets what the queue waits for, and adds trainings; afterwards it waits for nothing, and nothing waits."""

    def configured(**changes):
        found = webui.ask("train-tools/v1/jobs/queue", {"changes": changes}, method="PATCH")
        assert "error" not in found, found

    def added(project, steps):
        job = {"kind": "train", "project": project, "version": "v1", "queue": True}
        found = webui.ask("train-tools/v1/jobs", {**job, "settings": {**SETTINGS, "max_train_steps": str(steps)}})
        assert "error" not in found, found

    yield configured, added
    for job in webui.ask("train-tools/v1/jobs")["queue"]["waiting"]:
        webui.ask(f"train-tools/v1/jobs/queue/{job['number']}", method="DELETE")
    configured(start_at="", idle_minutes=0)


def held(webui):
    return webui.ask("train-tools/v1/jobs")["queue"]["held"]


def test_a_job_begins_at_the_time_of_day_that_is_set(webui, queue):
    configured, added = queue
    begins = (time.time() // MINUTE + 1) * MINUTE
    if begins - time.time() < 10:
        begins += MINUTE
    clock = time.strftime("%H:%M", time.localtime(begins))
    configured(start_at=clock)
    added("at-a-time", 4)
    while time.time() < begins - 1:
        assert (webui.now()["busy"], held(webui)) == (False, f"it begins at {clock}")
        time.sleep(1)
    until(lambda: webui.now("at-a-time", "v1")["runs"])
    assert webui.wait("at-a-time")["runs"][0]["finished"]


def test_a_job_begins_when_nobody_generates_and_stands_still_while_somebody_does(webui, queue):
    configured, added = queue
    configured(idle_minutes=1)
    used = time.time()  # the WebUI tells when it began
    webui.picture("red circle", steps=2)
    added("idle", 4000)
    while time.time() < used + MINUTE - 2:
        assert not webui.now()["busy"]
        assert held(webui) == "it begins when nobody has generated a picture for 1 min"
        time.sleep(1)
    until(lambda: webui.now()["project"] == "idle" and (webui.now()["step"] or 0) > 2)
    assert time.time() - used >= MINUTE - 1
    webui.picture("red circle", steps=2)
    until(lambda: webui.now()["phase"] == "paused", 20)
    stood = webui.now()["step"]
    configured(idle_minutes=0)
    until(lambda: webui.now()["phase"] == "training" and webui.now()["step"] > stood)
    webui.ask("train-tools/v1/jobs/stop", {})
    assert webui.wait("idle")["phase"] == "stopped"
