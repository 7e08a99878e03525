"""What axe finds that people with a screen reader, with keys alone or with weak eyes cannot use: nothing."""

import pytest

from tests.browsing import HAS_CHROMIUM
from tests.ui.looks import AXE, CLOSELY

pytestmark = [
    pytest.mark.slow,
    pytest.mark.timeout(900),
    pytest.mark.filterwarnings("ignore"),
    HAS_CHROMIUM,
    pytest.mark.skipif(not AXE.exists(), reason="axe-core is not installed: run npm ci"),
]


@pytest.mark.parametrize("state", CLOSELY)
def test_axe_finds_nothing_in_any_theme(seen, state):
    assert seen("en")[state].violations == []
