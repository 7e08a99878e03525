"""Pictures that a WebUI made come into a set: from its output folders, and from its galleries."""

import pytest

from tests.browsing import HAS_CHROMIUM, MOCHI, push, sync, until, until_loaded
from tests.fakes import FakeHost
from tests.ui.galleries import add_gallery

pytestmark = [pytest.mark.slow, pytest.mark.filterwarnings("ignore"), HAS_CHROMIUM]
expect = sync.expect


def test_pictures_come_from_the_outputs_and_from_a_gallery_with_their_prompts(
    outputs, captioned, window, address, monkeypatch
):
    monkeypatch.setattr(FakeHost, "output_folders", lambda host: [outputs])
    page = window()
    page.goto(address)
    until_loaded(page)
    push(page.locator('[data-tool="outputs"]'))
    sheet = page.locator(".tt-work")
    expect(sheet.locator(".tt-output")).to_have_count(60)
    push(sheet.locator("text=Show more"))
    expect(sheet.locator(".tt-output")).to_have_count(71)
    expect(sheet.locator(".tt-into select").nth(2)).to_have_value("2_mochi")
    newest = sheet.locator(".tt-output input").first
    expect(newest).to_have_attribute("value", "0/00070.png")
    newest.press(" ")
    push(sheet.locator("text=Add 1 picture"))
    expect(sheet).to_have_count(0)
    expect(page.locator(".tt-taken > span")).to_have_text("1 added, 1 with a caption made from its prompt")
    assert (captioned / "00070.txt").read_text() == "mochi, smile"
    page.set_input_files(".tt-drop input", str(MOCHI / "mochi_03.png"))
    expect(page.locator(".tt-taken > span")).to_have_text("1 added")  # in the place of what was said before

    page.route("**/00001.png", lambda route: route.fulfill(path=outputs / "00001.png"))
    add_gallery(page, f"{address}/file=/out/00001.png")
    button = page.locator("#train_tools_of_txt2img")
    expect(button).to_have_class("tool theirs")
    button.click()
    expect(sheet.locator("h2")).to_have_text("Train on these")
    expect(sheet.locator(".tt-shown img")).to_have_attribute("src", f"{address}/file=/out/00001.png")  # not the grid
    sheet.locator(".tt-into select").first.select_option("")
    sheet.locator(".tt-into input").first.fill("generated")
    push(sheet.locator(".tt-primary"))
    expect(page.locator(".tt-taken > span")).to_have_text("1 added")
    made = captioned.parents[5] / "generated" / "versions" / "v1" / "dataset" / "train" / "10_generated"
    until(lambda: [path.name for path in made.glob("*")] == ["00001.png"])
