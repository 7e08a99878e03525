"""A project that travels, in one state after the other; see ``states``."""

from collections.abc import Iterator
from typing import Any

from tests.browsing import sync

expect = sync.expect


def with_archives(page: Any) -> Iterator[str]:
    """Packed for another machine, and an archive that brings nothing home."""
    page.click('[data-act="travel-project"]')
    expect(page.locator(".tt-places [role=menuitem]")).to_have_count(2)
    yield "the menu of other machines"
    page.locator("[role=menuitem]").first.click()
    page.locator(".tt-pack .tt-primary").click()
    expect(page.locator(".tt-pack a.tt-button")).to_be_visible()
    yield "a project that was packed"
    page.keyboard.press("Escape")
    page.click('[data-act="travel-project"]')
    page.locator("[role=menuitem]").last.click()
    page.set_input_files(".tt-unpack input", [{"name": "r.zip", "mimeType": "application/zip", "buffer": b"x"}])
    expect(page.locator(".tt-unpack .tt-problem")).to_be_visible()
    yield "an archive that cannot be taken in"
    page.keyboard.press("Escape")
