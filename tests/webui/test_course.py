"""The course's way in the tab, inside the real WebUI and a real browser: from raw drawings to a picture in txt2img.

With ``TRAIN_TOOLS_SHOTS`` set to a folder, pictures of the page are kept there.
"""

import shutil

import pytest

from tests.browsing import HAS_CHROMIUM, field, figure, go_to, has_pixels, make_project, search, sync, type_in
from tests.recipes.drawings import COUNT, REPEATS, drawings
from tests.tiny_taggers import tiny_timm
from tests.webui.patience import slowness
from tests.webui.test_browser import kept, open_tab

pytestmark = [pytest.mark.webui, HAS_CHROMIUM]
expect = sync.expect
CHANGED = {"max_train_steps": "4", "save_every_n_steps": "2"}
"""Of ten epochs of 225 steps, with a file after each: what is looked at here is the way."""
SMALL = {"preview_prompts": "mochi, smile", "preview_steps": "2", "preview_width": "128", "preview_height": "128"}


def finding(page, code):
    return page.locator(f'.tt-found li:has([data-find="problem:{code}"])')


def prepare(page):
    """No picture twice or too small; tagged, and what belongs to the character bound to its word."""
    finding(page, "duplicate").locator("[data-remedy]").click()
    expect(page.locator(".tt-findings .tt-done")).to_contain_text("took out pictures: 1")
    work = page.locator(".tt-work")
    finding(page, "small").locator('[data-remedy="enlarge"]').click()
    work.locator(".tt-primary").click()
    expect(page.locator(".tt-taken, .tt-last .tt-done").last).to_contain_text("1 new pictures")
    expect(finding(page, "small")).to_have_count(0)
    page.click('[data-tool="tag"]')
    work.locator("#tt-input-general_threshold").fill("0.3")
    work.locator(".tt-primary").click()
    expect(work.locator("[data-leave]").first).to_be_visible()
    work.locator(".tt-primary").click()
    expect(page.locator('[data-line="edit"] .tt-done')).to_contain_text("adds")
    page.click('[data-tool="bind"]')
    work.locator("input[type=text]").first.fill("mochi")
    work.locator(".tt-primary").click()
    work.locator(".tt-primary").click()
    expect(work.locator(".tt-bind-page [role=status]")).to_contain_text("Changes")
    work.locator(".tt-primary").click()
    expect(page.locator('[data-line="edit"] .tt-done')).to_contain_text("bound tags")
    repeats = page.locator(".tt-set-list .tt-set input").first
    repeats.fill(str(REPEATS))
    repeats.press("Tab")
    expect(page.locator(f'.tt-set[data-folder="{REPEATS}_mochi"]')).to_be_visible()


def test_course_is_followed_in_the_tab(webui, page, tmp_path):
    archive = shutil.make_archive(str(tmp_path / "raw"), "zip", drawings(tmp_path / "drawn"))
    tiny_timm(webui.data / "models" / "interrogators" / "wd-tiny-tagger-v3")
    open_tab(page, webui.address)
    make_project(page, "course")
    page.set_input_files(".tt-drop input[type=file]", archive)
    expect(page.locator(".tt-taken")).to_contain_text(f"{COUNT + 1} added")
    go_to(page, "Settings")
    page.select_option("#train_tools_preset", "course")
    expect(field(page, "network_dim")).to_have_value("32")
    search(page, "resolution")
    type_in(page, resolution="512")  # the course's, which says what is too small; the embedded model's is 128
    search(page, "")
    go_to(page, "Pictures")
    prepare(page)
    kept(page, "course-prepared")
    folder = webui.root / f"course/versions/v1/dataset/train/{REPEATS}_mochi"
    captions = [path.read_text() for path in folder.glob("*.txt")]
    assert len(captions) == COUNT
    assert all(caption.startswith("mochi") for caption in captions)

    go_to(page, "Settings")
    for name, text in {**CHANGED, **SMALL}.items():
        search(page, name)
        type_in(page, **{name: text})
    search(page, "")
    expect(figure(page, "steps")).to_have_text(CHANGED["max_train_steps"])
    page.click('[data-act="train"]')
    expect(page.locator(".tt-outcome")).to_contain_text("Finished: 2 checkpoints", timeout=600_000 * slowness())
    newest = page.locator(".tt-row").first
    expect(newest.locator(".tt-strip img")).to_have_count(4)  # the preset's weights, one prompt and seed
    kept(page, "course-trained")
    newest.locator('[data-act="install"]').click()
    expect(newest.locator('[data-act="install"]')).to_contain_text("Installed")
    [last, _] = webui.checkpoints("course")
    assert (webui.data / "models/Lora" / last.name).read_bytes() == last.read_bytes()
    newest.locator(".tt-strip a").last.click()
    has_pixels(page.locator(".tt-large img"))
    page.click('[data-large="send"]')
    expect(page.locator("#txt2img_prompt textarea")).to_have_value(f"<lora:{last.stem}:1>mochi, smile")
    page.click("#txt2img_generate")
    has_pixels(page.locator("#txt2img_gallery img").first)
