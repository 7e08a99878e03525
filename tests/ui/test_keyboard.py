"""The tab by keys alone: everything is reached, and what opens closes and gives the keys back."""

import pytest

from tests.browsing import HAS_CHROMIUM, push, sync
from tests.ui.looks import CLOSELY

pytestmark = [pytest.mark.slow, pytest.mark.timeout(900), pytest.mark.filterwarnings("ignore"), HAS_CHROMIUM]
expect = sync.expect


@pytest.mark.parametrize("state", CLOSELY)
def test_tab_key_comes_to_every_control_and_shows_where_it_is(seen, state):
    assert seen("en")[state].unreached == []


@pytest.mark.usefixtures("trained")
def test_escape_closes_what_opens_and_gives_the_keys_back(page):
    row = page.locator(".tt-row").last
    for opener, opened in (
        (page.locator('[data-act="create-version"]'), page.locator(".tt-dialog")),
        (page.locator('[data-act="delete-project"]'), page.locator(".tt-dialog")),
        (row.locator('[data-act="delete"]'), page.locator(".tt-dialog")),
        (row.locator(".tt-strip a").last, page.locator(".tt-large")),
        (page.locator(".tt-pick").nth(2), page.locator(".tt-drawer")),
    ):
        push(opener)
        expect(opened).to_be_visible()
        page.keyboard.press("Escape")
        expect(opened).to_be_hidden()
        expect(opener).to_be_focused()


@pytest.mark.usefixtures("trained")
def test_large_view_keeps_the_keys_while_one_turns_its_pages(page):
    page.locator(".tt-row").last.locator(".tt-strip a").first.press("Enter")
    large = page.locator(".tt-large")
    expect(large.locator('[data-large="close"]')).to_be_focused()
    later = large.locator('[data-turn="ArrowRight"]')
    push(later)
    expect(large.locator(".tt-fine")).to_contain_text("step 16")
    page.keyboard.press("ArrowLeft")
    expect(large.locator(".tt-fine")).to_contain_text("step 8")
    expect(later).to_be_focused()
    for _ in range(12):
        page.keyboard.press("Tab")
        assert page.evaluate(
            "document.activeElement === document.body || !!document.activeElement.closest('.tt-large')"
        )


@pytest.mark.usefixtures("training")
def test_keys_stay_where_they_are_when_another_checkpoint_comes(page):
    push(page.locator('[data-act="sample"]'))
    rows = page.locator(".tt-row")
    expect(rows).to_have_count(1)
    first = page.locator(f'.tt-row[data-name="{rows.get_attribute("data-name")}"]')
    first.locator('[data-act="install"]').focus()
    page.evaluate("document.querySelector('[data-act=sample]').click()")
    expect(rows).to_have_count(2)
    expect(first.locator('[data-act="install"]')).to_be_focused()
