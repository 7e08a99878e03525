"""The queue in one state after the other; see ``states``."""

from collections.abc import Callable, Iterator
from typing import Any

from tests.browsing import sync

expect = sync.expect
Look = Callable[[Any], None]
"""Has the page ask at once what goes on."""


def with_options(page: Any, ask: Callable[..., Any], look: Look, job: dict[str, Any]) -> Iterator[str]:
    """With a second job, which has a name, and what can be set for all."""
    ask("jobs", job)
    page.locator(".tt-queue-options summary").click()
    expect(page.locator(".tt-queue-options input")).to_have_count(4)
    look(page)
    expect(page.locator(".tt-queue ol li")).to_have_count(2)
    yield "a queue with its options"
    page.locator(".tt-queue-options summary").click()
    yield from _with_a_sweep(page, ask, look)


def _with_a_sweep(page: Any, ask: Callable[..., Any], look: Look) -> Iterator[str]:
    """Asked for, and added; then the queue is as it was."""
    before = [one["number"] for one in ask("jobs")["queue"]["waiting"]]
    page.locator("[data-sweep]").click()
    page.locator('.tt-sweep [type="search"]').fill("network_dim")
    page.keyboard.press("Enter")
    page.locator("#tt-input-sweep_network_dim").fill("2, 4")
    expect(page.locator(".tt-sweep-table tbody tr")).to_have_count(2)
    yield "a sweep before it is added"
    page.locator(".tt-work .tt-primary").click()
    expect(page.locator("article.tt-swept")).to_have_count(1)
    page.locator("article.tt-swept summary").click()
    for one in ask("jobs")["queue"]["waiting"]:
        if one["number"] not in before:
            ask(f"jobs/queue/{one['number']}", method="DELETE")
    look(page)
    expect(page.locator(".tt-queue ol li")).to_have_count(len(before))
    yield "a sweep"


def paused(page: Any, ask: Callable[..., Any], look: Look) -> Iterator[str]:
    """Paused, and then empty."""
    ask("jobs/queue", {"changes": {"paused": True}}, method="PATCH")
    look(page)
    yield "a queue that is paused"
    ask("jobs/queue", {"changes": {"paused": False}}, method="PATCH")
    for one in ask("jobs")["queue"]["waiting"]:
        ask(f"jobs/queue/{one['number']}", method="DELETE")
