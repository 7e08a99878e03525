"""The tab's page of tools on LoRA files in one state after the other."""

from collections.abc import Iterator
from typing import Any

from tests.browsing import sync

expect = sync.expect


def with_tools_of_files(page: Any) -> Iterator[str]:
    """A project with checkpoints is shown."""
    page.locator('[data-page="tools"]').click()
    expect(page.locator(".tt-norms summary")).to_be_visible()
    page.locator(".tt-lora summary").evaluate_all("(all) => all.forEach((one) => one.click())")
    yield "what is in a LoRA file"
    page.click('[data-lora="start"]')
    expect(page.locator("#train_tools_tool_rank .tt-problem")).to_be_visible()
    yield "a tool that lacks a setting"
    page.fill("#tt-input-tool_rank", "1")
    page.click('[data-lora="start"]')
    expect(page.locator(".tt-lora-result")).to_be_visible()
    yield "a LoRA file before and after"
    for place, state in enumerate(("blocks", "files to merge", "checkpoints to extract from", "a conversion"), 1):
        page.locator(".tt-lora-tool .tt-segment").nth(place).click()
        yield f"the tool of {state}"
    page.locator("[role=tab]").first.click()
