"""A sweep, from the button to its report."""

import re

import pytest

from tests.browsing import HAS_CHROMIUM, make_project, push, sync, until

pytestmark = [pytest.mark.slow, pytest.mark.filterwarnings("ignore"), HAS_CHROMIUM]
expect = sync.expect


def axis(page, sheet, words, name):
    """Choose the first setting with these words, by keys; returns its field, which has the focus."""
    sheet.locator('[type="search"]').fill(words)
    page.keyboard.press("Enter")
    found = sheet.locator(f"#tt-input-sweep_{name}")
    expect(found).to_be_focused()
    return found


def test_a_sweep_is_typed_shown_as_a_table_added_and_its_report_opened(trained, page, ask):
    page.reload()
    push(page.locator("[data-sweep]"))
    sheet = page.locator(".tt-work.tt-sweep")
    start = sheet.locator(".tt-primary")
    expect(sheet.locator('[type="search"]')).to_be_focused()
    expect(start).to_be_disabled()
    rate = axis(page, sheet, "unet_lr", "unet_lr")
    rate.fill("1e-3, 1e-4")
    expect(sheet.locator("tbody tr")).to_have_count(2)
    kind = axis(page, sheet, "optimizer", "optimizer_type")
    expect(kind).to_have_value("AdamW")
    sheet.locator('.tt-axis [data-value="Lion"]').click()
    expect(kind).to_have_value("AdamW, Lion")
    expect(sheet.locator("tbody tr")).to_have_count(4)
    expect(sheet.locator("tbody tr").nth(1)).to_contain_text("Lion")
    expect(sheet.locator(".tt-would-change")).to_contain_text("4 runs, 96 steps")
    expect(start).to_have_text("Add 4 runs to the queue")

    rate.fill("1e-3,")
    expect(sheet.locator("#train_tools_sweep_unet_lr .tt-problem")).to_contain_text("empty alternative")
    expect(sheet.locator(".tt-sweep-table")).to_be_hidden()
    expect(start).to_be_disabled()
    expect(page.locator("#train_tools_unet_lr.tt-wrong")).to_have_count(0)
    rate.fill("1e-3-3e-3 [3]")
    expect(sheet.locator("tbody tr")).to_have_count(6)
    expect(sheet.locator(".tt-wrong")).to_have_count(0)
    sheet.locator(".tt-axis").last.locator(".tt-tool").click()
    expect(sheet.locator("tbody tr")).to_have_count(3)

    ask("jobs/queue", {"changes": {"paused": True}}, method="PATCH")
    push(start)
    expect(sheet).to_have_count(0)
    rows = page.locator(".tt-queue ol li b")
    expect(rows).to_have_count(4)
    expect(rows.nth(1)).to_contain_text("unet_lr=2e-3")
    expect(rows.nth(3)).to_contain_text("Report of a sweep, s001")
    ask("jobs/queue", {"changes": {"paused": False}}, method="PATCH")
    until(lambda: not ask("jobs")["busy"] and not ask("jobs")["queue"]["waiting"])

    listed = page.locator(".tt-swept")
    expect(listed).to_have_count(1)
    expect(listed).to_contain_text("3 of 3 runs finished")
    listed.locator("summary").click()
    expect(listed.locator("li")).to_have_count(3)
    expect(listed.locator("li").first).to_contain_text(re.compile(r"unet_lr=1e-3.*finished, loss \d"))
    with page.expect_popup() as opened:
        listed.locator('a[target="_blank"]').click()
    report = opened.value
    expect(report.locator("table.pictures img")).to_have_count(4)
    assert report.evaluate("[...document.images].every((one) => one.naturalWidth > 0)")
    report.locator("table.pictures input").first.check(force=True)
    expect(report.locator("table.pictures img").first).to_have_css("position", "fixed")
    report.close()
    with page.expect_download() as taken:
        listed.locator("a[download]").first.click()
    assert taken.value.suggested_filename == f"{trained}-v1-s001.png"
    push(listed.locator("[data-report]"))
    until(lambda: ask("jobs")["job"]["kind"] == "report" and not ask("jobs")["busy"])


def test_a_setting_with_one_value_says_that_it_needs_another_and_escape_adds_nothing(trained, page, ask):
    page.reload()
    push(page.locator("[data-sweep]"))
    sheet = page.locator(".tt-work.tt-sweep")
    rank = axis(page, sheet, "network_dim", "network_dim")
    rank.fill("8,banana")
    expect(sheet.locator("#train_tools_sweep_network_dim .tt-problem")).to_contain_text("whole number")
    rank.fill("4")
    expect(sheet.locator(".tt-problem").first).to_contain_text("no setting has a second value")
    expect(sheet.locator(".tt-primary")).to_be_disabled()
    page.keyboard.press("Escape")
    expect(sheet).to_have_count(0)
    assert ask("jobs")["queue"]["waiting"] == []


def test_a_version_without_prompts_of_its_own_is_told_which_it_gets(page, ask):
    make_project(page, "none")
    for prompts in ([], ["mochi"]):
        ask("projects/none/versions/v1/settings", {"changes": {"preview_prompts": prompts}}, method="PATCH")
        page.reload()
        push(page.locator("[data-sweep]"))
        note = page.locator(".tt-sweep-prompts")
        expect(note).to_be_visible(visible=not prompts)
        page.locator("#tt-sweep select").select_option("fixed")
        expect(note).to_be_hidden()
        page.keyboard.press("Escape")
