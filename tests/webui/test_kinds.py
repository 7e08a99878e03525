"""Files of every kind of network, merged by the WebUI's own reader."""

import pytest

from lib_train.networks.kinds import KINDS

pytestmark = pytest.mark.webui


def require_every_kind_merged(webui, folder):
    """The loaded checkpoint with a file of each kind at two weights: every layer is W + m delta, and then W again."""
    before = webui.ask("probe/weights")
    found = webui.ask(f"probe/kinds?folder={folder}", seconds=600)
    trained = [name for name, kind in KINDS.items() if kind.is_trained]
    assert found.keys() == {f"{name} at {weight}" for name in trained for weight in (1.0, 0.5)}
    print("".join(f"\n{told[0]:.1e} {name}, {told[2]} layers" for name, told in found.items()))  # noqa: T201
    assert {name: told for name, told in found.items() if told[0] > 1e-3 or not told[2] or not told[3]} == {}
    assert webui.ask("probe/weights") == before


def test_the_webui_merges_a_file_of_every_kind_as_it_was_trained_at_any_weight(webui, tmp_path):
    require_every_kind_merged(webui, tmp_path)
