"""The page of records: what came of a version, and another one beside it."""

from collections.abc import Iterator
from typing import Any

from tests.browsing import sync

expect = sync.expect
_FIGURES = "**/versions/*/figures"


def _suggesting(route: Any) -> None:
    """Figures that speak for the first checkpoint, whatever came of so few steps."""
    if route.request.method != "GET":
        return route.continue_()
    answer = route.fetch()
    found = answer.json()
    if found["suggestion"]:
        found["suggestion"]["checkpoint"] = found["checkpoints"][0]["name"]
    return route.fulfill(response=answer, json=found)


def with_records(page: Any) -> Iterator[str]:
    """Choose axes of a sheet, measure checkpoints, write a conclusion, and compare with another project's version."""
    page.locator("[data-sheet-axes]").press("Enter")
    expect(page.locator(".tt-axes-sheet .tt-would-change")).not_to_have_text("")
    yield "the axes of a sheet"
    page.keyboard.press("Escape")
    page.route(_FIGURES, _suggesting)
    page.locator('[data-act="judge"]').click()
    expect(page.locator(".tt-judge-charts figure")).to_have_count(3, timeout=120_000)
    expect(page.locator(".tt-taken button:visible")).to_have_count(2)
    yield "figures of checkpoints"
    page.unroute(_FIGURES)
    page.locator('[data-page="records"]').click()
    page.locator("#tt-record-conclusion").fill("8")
    page.locator("#tt-record-conclusion").press("Tab")
    expect(page.locator(".tt-recorded")).not_to_have_text("")
    page.locator(".tt-versus button").click()
    expect(page.locator(".tt-versus-found section")).to_have_count(8)
    page.wait_for_load_state("networkidle")
    yield "two versions side by side"
    page.locator("[role=tab]").first.click()
