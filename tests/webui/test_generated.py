"""Pictures that the WebUI has just made are trained on: from its gallery, and from its output folder."""

import os
from pathlib import Path

import pytest

from tests.browsing import HAS_CHROMIUM, sync
from tests.webui.patience import until

pytestmark = [pytest.mark.webui, HAS_CHROMIUM]
expect = sync.expect


def kept(page, name):
    if folder := os.environ.get("TRAIN_TOOLS_SHOTS"):
        page.screenshot(path=Path(folder) / f"{name}.png")


def test_pictures_of_the_gallery_and_of_the_output_folder_come_into_a_set(webui, page):
    page.goto(webui.address)
    button = page.locator("#train_tools_of_txt2img")
    expect(button).to_be_visible()
    expect(page.locator("#train_tools_of_img2img")).to_have_count(1)
    page.fill("#txt2img_prompt textarea", "(mochi:1.2), smile")
    for setting, value in (("width", "128"), ("height", "128"), ("steps", "4"), ("batch_count", "2")):
        page.fill(f"#txt2img_{setting} input[type=number]", value)
        page.locator(f"#txt2img_{setting} input[type=number]").blur()
    page.click("#txt2img_generate")
    expect(page.locator("#txt2img_gallery .thumbnails .thumbnail-item")).to_have_count(3)  # the grid, and two
    kept(page, "gallery")
    button.click()
    sheet = page.locator(".tt-work")
    expect(sheet).to_be_visible()
    assert "rgba(0, 0, 0, 0)" not in sheet.evaluate("box => getComputedStyle(box).backgroundColor")  # as blocks are
    expect(sheet.locator(".tt-shown img")).to_have_count(2)  # the grid, which is selected, is none of them
    kept(page, "train_on_these")
    sheet.locator(".tt-into select").first.select_option("")  # a new one, whatever there is
    sheet.locator(".tt-into input").first.fill("generated")
    sheet.locator(".tt-primary").click()
    expect(page.locator(".tt-taken")).to_contain_text("2 with a caption made from its prompt")
    place = webui.root / "generated" / "versions" / "v1" / "dataset" / "train" / "10_generated"
    assert [path.read_text() for path in sorted(place.glob("*.txt"))] == ["mochi, smile"] * 2
    assert len(list(place.glob("*.png"))) == 2

    page.click('[data-tool="outputs"]')
    outputs = [*(webui.data / "outputs" / "txt2img-images").rglob("*.png")]
    expect(sheet.locator(".tt-output")).to_have_count(len(outputs))
    kept(page, "outputs")
    sheet.locator(".tt-output input").first.check()
    sheet.locator(".tt-primary").click()
    expect(page.locator(".tt-taken")).to_contain_text("already")
    until(lambda: len(webui.ask("train-tools/v1/projects/generated/versions/v1/edits")["edits"]) == 1, 10)
