"""From a heap of 200 pictures to a training, without leaving the tab, inside the real WebUI and a real browser.

With ``TRAIN_TOOLS_SHOTS`` set to a folder, pictures of the page are kept there, in both themes.
"""

import os
from pathlib import Path

import pytest

from tests.browsing import HAS_CHROMIUM, figure, go_to, make_project, search, sync, type_in, without_buckets
from tests.tiny_taggers import tiny_timm
from tests.webui.patience import slowness, until
from tests.webui.two_hundred import CAPTIONED, COUNT, SMALL, TWICE, zipped

pytestmark = [pytest.mark.webui, HAS_CHROMIUM]
expect = sync.expect
PLACE = "train-tools/v1/projects/heap/versions/v1"


def kept(page, name):
    if folder := os.environ.get("TRAIN_TOOLS_SHOTS"):
        for theme in ("light", "dark"):
            page.evaluate("(dark) => document.body.classList.toggle('dark', dark)", theme == "dark")
            page.wait_for_timeout(600)
            page.screenshot(path=Path(folder) / f"heap-{name}-{theme}.png")
        page.evaluate("() => document.body.classList.remove('dark')")


def finding(page, code):
    return page.locator(f'.tt-found li:has([data-find="problem:{code}"])')


def work(page):
    return page.locator(".tt-work")


def write(page, words):
    """Do what the open dialog is for: it closes, and what was done is told on the page."""
    work(page).locator(".tt-primary").click()
    expect(page.locator('[data-line="edit"] .tt-done')).to_contain_text(words, timeout=120_000 * slowness())
    expect(work(page)).to_have_count(0)


def close(page):
    page.keyboard.press("Escape")
    expect(work(page)).to_have_count(0)


def test_a_heap_of_200_pictures_becomes_a_training_set_and_is_trained(webui, page, tmp_path):
    heap = tmp_path / "heap.zip"
    heap.write_bytes(zipped(os.environ.get("WEBUI_PYTHON") or f"{os.environ['WEBUI_DIR']}/venv/bin/python"))
    tiny_timm(webui.data / "models" / "interrogators" / "wd-tiny-tagger-v3")
    page.goto(webui.address)
    page.click("#tabs > .tab-nav button:has-text('Train Tools')")
    make_project(page, "heap")
    page.set_input_files(".tt-drop input[type=file]", heap)
    expect(page.locator(".tt-taken")).to_contain_text(f"{COUNT + CAPTIONED} added", timeout=120_000 * slowness())
    until(lambda: webui.ask(f"{PLACE}/doctor")["measured"] == COUNT)
    expect(finding(page, "duplicate")).to_be_visible()
    kept(page, "doctor")

    finding(page, "duplicate").locator("[data-remedy]").click()
    expect(page.locator(".tt-findings .tt-done")).to_contain_text(f"took out pictures: {TWICE}")
    expect(finding(page, "duplicate")).to_have_count(0)
    assert webui.ask(f"{PLACE}/pictures?limit=1")["total"] == COUNT - TWICE

    finding(page, "small").locator('[data-remedy="enlarge"]').click()
    work(page).locator(".tt-primary").click()
    expect(page.locator(".tt-taken")).to_contain_text(f"{SMALL} new pictures", timeout=120_000 * slowness())
    expect(finding(page, "small")).to_have_count(0)

    page.click('[data-tool="tag"]')
    work(page).locator(".tt-how select").first.select_option("append")
    work(page).locator("#tt-input-general_threshold").fill("0.05")
    kept(page, "tagger")
    work(page).locator(".tt-primary").click()
    expect(work(page).locator("[data-leave]").first).to_be_visible(timeout=120_000 * slowness())
    kept(page, "proposal")
    write(page, "adds")
    tags = {one["tag"]: one["pictures"] for one in webui.ask(f"{PLACE}/tags")["tags"]}
    assert min(tags["1girl"], tags["blue hair"]) > COUNT / 4, tags

    page.click('[data-tool="bind"]')
    work(page).locator("input[type=text]").first.fill("heapcat")
    work(page).locator(".tt-primary").click()
    kept(page, "binding")
    work(page).locator(".tt-primary").click()
    expect(work(page).locator(".tt-bind-page [role=status]")).to_contain_text("Changes")
    write(page, "bound tags")
    captions = [path.read_text() for path in (webui.root / "heap/versions/v1/dataset/train/10_cat").glob("*.txt")]
    assert len(captions) == COUNT - TWICE
    assert all(caption.startswith("heapcat") for caption in captions)

    page.fill("#train_tools_filter", "name:photo*")
    page.click('[data-tool="change"]')
    work(page).locator("text=Crop automatically").click()
    kept(page, "change")
    close(page)
    page.fill("#train_tools_filter", 'name:"again 5*"')
    expect(page.locator(".tt-tile")).to_have_count(1)
    page.locator(".tt-pick").click()
    kept(page, "picture")
    page.click('[data-retouch="crop"]')
    expect(page.locator(".tt-frame")).to_be_focused()
    kept(page, "crop")
    page.keyboard.press("Enter")
    expect(page.locator(".tt-studio .tt-done")).to_contain_text("cropped: 1 new pictures")
    page.keyboard.press("Escape")

    go_to(page, "Settings")
    type_in(page, network_dim="4", train_batch_size="2")
    without_buckets(page)
    search(page, "max_train_steps")
    type_in(page, max_train_steps="6")
    expect(figure(page, "steps")).to_have_text("6")
    kept(page, "plan")
    page.click('[data-act="train"]')
    expect(page.locator(".tt-outcome")).to_contain_text("Finished", timeout=180_000 * slowness())
