"""The page Compare: checkpoints beside each other, two of them wiped, its keys, and nothing to compare."""

from collections.abc import Iterator
from typing import Any

from tests.browsing import sync

expect = sync.expect


def with_checkpoints_beside_each_other(page: Any) -> Iterator[str]:
    """Of the project that is shown, which has checkpoints with pictures."""
    page.locator('[data-page="compare"]').click()
    expect(page.locator(".tt-cmp-row")).to_have_count(1)
    expect(page.locator(".tt-cmp-inner img").first).to_have_css("opacity", "1")
    expect(page.locator(".tt-cmp-line svg")).to_be_visible()
    page.locator('[data-cmp="star"]').click()
    expect(page.locator('[data-cmp="install-starred"]')).to_be_visible()
    page.locator('[data-cmp="install"]').click()
    expect(page.locator(".tt-cmp-says")).not_to_have_text("")
    yield "checkpoints beside each other"
    page.locator('[data-cmp="wipe"]').click()
    expect(page.locator(".tt-divider").first).to_be_visible()
    page.keyboard.press("a")
    page.locator(".tt-cmp-slider button").first.click()
    page.locator('[data-side-of="b checkpoint"]').select_option("1")
    expect(page.locator(".tt-cmp-mix")).to_be_visible()
    yield "two checkpoints wiped"
    page.locator('[data-cmp="wipe"]').click()
    page.locator('[data-cmp="zoom"]').click()
    expect(page.locator('[data-cmp="zoom"]')).to_contain_text("%")
    yield "pictures that are zoomed"
    page.locator('[data-cmp="zoom"]').click()
    page.keyboard.press("?")
    expect(page.locator(".tt-cmp-keys")).to_be_visible()
    yield "keys of the comparison"
    page.keyboard.press("Escape")
    page.locator(".tt-cmp-slider button").last.click()
    expect(page.locator('[data-cmp="star"]')).to_have_attribute("aria-pressed", "true")
    page.locator('[data-cmp="star"]').click()
    expect(page.locator('[data-cmp="install-starred"]')).to_be_hidden()
    yield from _without_pictures(page)
    page.locator("[role=tab]").first.click()


def _without_pictures(page: Any) -> Iterator[str]:
    def nothing(route: Any) -> None:
        answer = route.fetch()
        route.fulfill(response=answer, json={**answer.json(), "columns": [], "untold": 2, "gone": 1})

    page.route("**/v1/projects/*/versions/*/comparison", nothing)
    page.locator("[role=tab]").first.click()
    page.locator('[data-page="compare"]').click()
    expect(page.locator(".tt-cmp-empty")).to_be_visible()
    yield "nothing to compare yet"
    page.unroute("**/v1/projects/*/versions/*/comparison")
