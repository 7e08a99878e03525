"""The tab on a desktop, a small laptop and a phone: nothing is wider than the page, overlaps or is cut off."""

import pytest

from tests.browsing import HAS_CHROMIUM
from tests.ui.looks import CLOSELY

pytestmark = [pytest.mark.slow, pytest.mark.timeout(900), pytest.mark.filterwarnings("ignore"), HAS_CHROMIUM]


@pytest.mark.parametrize("language", ["en", "zh-CN", "ja-JP"])
@pytest.mark.parametrize("state", CLOSELY)
def test_everything_has_its_place_in_every_width(seen, language, state):
    assert seen(language)[state].faults == []
