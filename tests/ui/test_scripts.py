"""What a browser asks for when the page is opened: each script once, and later none."""

import pytest

from lib_train.api.scripts import Scripts
from tests.browsing import HAS_CHROMIUM, PATIENCE, until_loaded

pytestmark = [pytest.mark.slow, pytest.mark.filterwarnings("ignore"), HAS_CHROMIUM]


@pytest.fixture
def asked(monkeypatch):
    """Scripts that the server was asked for; "" is the question which there are."""
    found: list[str] = []
    newest, part = Scripts.newest, Scripts.part
    monkeypatch.setattr(Scripts, "newest", lambda self: found.append("") or newest(self))
    monkeypatch.setattr(Scripts, "part", lambda self, stamp, name: found.append(name) or part(self, stamp, name))
    return found


def test_each_script_is_loaded_once_and_none_when_the_page_is_opened_again(browser, address, asked):
    _, parts = Scripts().newest()
    context = browser.new_context()
    context.set_default_timeout(1000 * PATIENCE)
    for wanted in ["", *parts], [""]:
        asked.clear()
        page = context.new_page()
        page.goto(address)
        until_loaded(page)
        assert sorted(asked) == wanted
    context.close()
