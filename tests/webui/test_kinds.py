"""Files of every kind of network, merged by the WebUI's own reader."""

import pytest

from lib_train.networks.kinds import KINDS

pytestmark = pytest.mark.webui


def test_the_webui_merges_a_file_of_every_kind_as_it_was_trained_at_any_weight(webui, tmp_path):
    before = webui.ask("probe/weights")
    found = webui.ask(f"probe/kinds?folder={tmp_path}", seconds=600)
    assert found.keys() == {f"{name} at {weight}" for name in KINDS for weight in (1.0, 0.5)}
    assert {name: told for name, told in found.items() if told[0] > 1e-3 or not told[2] or not told[3]} == {}
    assert webui.ask("probe/weights") == before
