"""Checkpoints are measured on the model that the real WebUI holds, which draws the same pictures afterwards."""

import numpy
import pytest

from tests.webui.test_queue import SETTINGS

pytestmark = pytest.mark.webui
FIGURES = "train-tools/v1/projects/judged/versions/v1/figures"


def test_checkpoints_are_measured_twice_alike_and_the_webui_is_as_it_was(webui):
    webui.ask("train-tools/v1/projects", {"name": "judged"})
    webui.train("judged", {**SETTINGS, "max_train_steps": "4", "save_every_n_steps": "2"})
    assert webui.wait("judged")["phase"] == "finished"
    before = webui.picture("red circle")
    found = []
    for _ in range(2):
        begun = webui.ask(FIGURES, {"run": "r001"})
        assert "error" not in begun, begun
        assert webui.wait("judged")["phase"] == "finished"
        told = webui.ask(FIGURES)
        assert (told["state"], len(told["checkpoints"])) == ("done", 2)
        found.append([(one["figures"], one["bands"]) for one in told["checkpoints"]])
        (webui.root / "judged" / "versions" / "v1" / "figures.json").unlink()
    assert found[0] == found[1]
    assert numpy.array_equal(numpy.asarray(before), numpy.asarray(webui.picture("red circle")))
