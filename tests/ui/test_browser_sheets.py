"""A sheet by axes, from the button to its files."""

import json
import urllib.request

import pytest

from tests.browsing import HAS_CHROMIUM, push, sync, until

pytestmark = [pytest.mark.slow, pytest.mark.filterwarnings("ignore"), HAS_CHROMIUM]
expect = sync.expect


def opened(page):
    """The dialog, opened by keys."""
    page.reload()
    button = page.locator("[data-sheet-axes]")
    page.locator(".tt-checkpoints > details").evaluate("(list) => { list.open = true; }")
    expect(button).to_be_visible()
    push(button)
    return page.locator(".tt-work.tt-axes-sheet")


def test_axes_are_chosen_counted_and_the_sheet_is_made_and_opened(trained, page, ask):
    box = opened(page)
    count, start = box.locator(".tt-would-change"), box.locator(".tt-primary")
    rows, columns, pages = (box.locator(f"#train_tools_sheet_{side}") for side in ("rows", "columns", "pages"))
    expect(rows.locator("select")).to_be_focused()
    expect(count).to_contain_text("6 pictures")  # three checkpoints at two weights; weight 1 is there already
    expect(count).to_contain_text("3 of them there already")

    columns.locator("select").select_option("replace")
    columns.locator("input").fill("nobody,cat")
    expect(columns.locator(".tt-problem")).to_contain_text("'nobody' does not stand in the prompt")
    expect(start).to_be_disabled()
    columns.locator("input").fill("mochi,cat")
    expect(columns.locator(".tt-problem")).to_have_text("")
    rows.locator("[data-value=last]").click()
    expect(rows.locator("input")).to_have_value("last")
    pages.locator("select").select_option("sampler")
    for name in ("Euler a", "DDIM"):
        pages.locator(f'[data-value="{name}"]').click()
    expect(pages.locator("input")).to_have_value("Euler a,DDIM")
    expect(count).to_contain_text("4 pictures")
    push(start)
    expect(box).to_have_count(0)
    until(lambda: not ask("jobs")["busy"] and not ask("jobs")["queue"]["waiting"])
    assert ask("jobs")["job"]["phase"] == "finished"

    listed = page.locator(".tt-axes-sheets .tt-swept")
    expect(listed).to_have_count(1)
    expect(listed).to_contain_text("checkpoint:last × replace:mochi,cat × sampler:Euler a,DDIM")
    links = listed.locator("a")
    expect(links).to_have_text(["Page", "PNG 1", "PNG 2", "JSON"])
    with page.expect_popup() as popup:
        links.first.click()
    shared = popup.value
    expect(shared.locator("table.pictures img")).to_have_count(4)
    assert shared.evaluate("[...document.images].every((one) => one.naturalWidth > 0)")
    shared.close()
    address = links.last.evaluate("(link) => link.href")
    with urllib.request.urlopen(address) as answer:
        assert [one["page"] for one in json.load(answer)["sheets"]] == ["Euler a", "DDIM"]


def test_the_dialog_fits_a_phone_and_is_left_by_keys(trained, page):
    page.set_viewport_size({"width": 400, "height": 800})
    box = opened(page)
    expect(box).to_be_visible()
    assert page.evaluate("document.documentElement.scrollWidth") <= 400
    assert box.evaluate("(one) => one.scrollWidth <= one.clientWidth")
    page.keyboard.press("Escape")
    expect(box).to_have_count(0)
