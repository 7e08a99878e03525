"""Records of versions: conclusions are kept, and two versions are put side by side."""

import re

import pytest

from tests.browsing import HAS_CHROMIUM, sync, until, until_loaded

pytestmark = [pytest.mark.slow, pytest.mark.filterwarnings("ignore"), HAS_CHROMIUM]
expect = sync.expect


@pytest.fixture
def two(captioned, ask):
    """A version with pictures, and a copy of it with other settings and captions; the name of their project."""
    project = captioned.parents[4].name
    place = f"projects/{project}/versions"
    ask(f"{place}/v1/settings", {"changes": {"network_dim": 4}}, method="PATCH")
    ask(place, {"name": "v2", "copy_of": "v1"})
    ask(f"{place}/v2/settings", {"changes": {"network_dim": 16, "flip_aug": True}}, method="PATCH")
    copy = captioned.parents[3] / "v2" / "dataset" / "train" / "2_mochi"
    (copy / "mochi_00.txt").write_text("mochi, <b>bold</b>, night")
    (copy / "mochi_01.png").unlink()
    return project


@pytest.fixture
def records(two, page):
    """The page of records of the first version."""
    page.reload()
    until_loaded(page)
    page.select_option("#train_tools_project", two)
    page.select_option("#train_tools_version", "v1")
    page.locator("[role=tab]").first.focus()
    for _ in range(4):
        page.keyboard.press("ArrowRight")
    expect(page.locator("#tt-page-records")).to_be_visible()
    page.wait_for_load_state("networkidle")
    return page


def test_conclusion_is_kept_with_its_version_and_another_window_sees_it(records, two, ask, window, address):
    box = records.locator("#tt-record-conclusion")
    box.press_sequentially("rank 4 is too weak")
    box.press("Tab")
    expect(records.locator(".tt-recorded")).to_have_text("Saved")
    until(lambda: ask(f"projects/{two}/versions/v1/notes")["conclusion"] == "rank 4 is too weak")
    records.select_option("#train_tools_version", "v2")
    expect(box).to_have_value("")
    expect(records.locator(".tt-copy-of")).to_have_text("Began as a copy of v1")
    other = window()
    other.goto(address)
    until_loaded(other)
    other.select_option("#train_tools_project", two)
    other.select_option("#train_tools_version", "v1")
    other.click('[data-page="records"]')
    expect(other.locator("#tt-record-conclusion")).to_have_value("rank 4 is too weak")


def test_two_versions_are_compared_by_keys(records):
    records.locator("#tt-record-notes").focus()
    records.keyboard.press("Tab")
    expect(records.locator("#tt-versus-with")).to_be_focused()
    expect(records.locator("#tt-versus-with option").first).to_have_text("v2")
    records.keyboard.press("Tab")
    records.keyboard.press("Enter")
    found = records.locator(".tt-versus-found")
    expect(found.locator("h4").first).to_be_focused()
    expect(found.locator("tr", has_text="Network rank (dim)").locator("td")).to_have_text(["4", "16"])
    expect(found.locator("tr", has_text="Mirror").locator("td")).to_have_text(["off", "on"])
    expect(found).to_contain_text("2 in both, 0 changed, 1 only in")
    expect(found.locator(".tt-worded ins")).to_have_text(["<b>bold</b>", "night"])
    expect(found.locator("section", has_text="Curves")).to_contain_text("No run has curves yet.")
    with records.expect_popup() as opened:
        found.locator('a[target="_blank"]').click()
    expect(opened.value.locator("h1")).to_contain_text("v1 / ")
    expect(opened.value.locator("body")).to_contain_text("Mirror")
    opened.value.close()
    with records.expect_download() as saved:
        found.locator("a[download]").click()
    assert re.fullmatch(r"\w+-v1-\w+-v2\.html", saved.value.suggested_filename)
    records.select_option("#train_tools_version", "v2")
    expect(found.locator("section")).to_have_count(0)


def test_curves_of_a_run_are_drawn_beside_a_version_without_one(trained, page, ask):
    ask(f"projects/{trained}/versions", {"name": "v2", "copy_of": "v1"})
    page.reload()
    until_loaded(page)
    page.select_option("#train_tools_project", trained)
    page.select_option("#train_tools_version", "v2")
    page.click('[data-page="records"]')
    page.click(".tt-versus button")
    plot = page.locator(".tt-versus-curves [role=img]")
    expect(plot.locator("canvas")).to_be_visible()
    assert "v1, Smoothed loss: " in plot.get_attribute("aria-label")
    expect(page.locator(".tt-versus-found section", has_text="Runs")).to_contain_text("No run yet")
    expect(page.locator(".tt-versus-found td a img")).to_have_count(1)
