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


def paused(page: Any, ask: Callable[..., Any], look: Look) -> Iterator[str]:
    """Paused, and then empty."""
    ask("jobs/queue", {"changes": {"paused": True}}, method="PATCH")
    look(page)
    yield "a queue that is paused"
    ask("jobs/queue", {"changes": {"paused": False}}, method="PATCH")
    for one in ask("jobs")["queue"]["waiting"]:
        ask(f"jobs/queue/{one['number']}", method="DELETE")
