"""Captions, written by keys and by several at once: nothing is lost."""

import shutil

import pytest

from tests.browsing import HAS_CHROMIUM, PATIENCE, as_text, has_pixels, sync, until

pytestmark = [pytest.mark.slow, pytest.mark.filterwarnings("ignore"), HAS_CHROMIUM]
expect = sync.expect


BLURS = """() => {
    const {get, set} = Object.getOwnPropertyDescriptor(Element.prototype, "innerHTML");
    Object.defineProperty(Element.prototype, "innerHTML", {get, set(html) {
        if (this.contains(document.activeElement)) document.activeElement.blur();
        set.call(this, html);
    }});
}"""
"""What is replaced loses the keys while it is still there, as Chromium has it now and then."""


def test_captions_are_written_by_keys_alone_and_nothing_is_lost(captioned, page, address):
    page.evaluate(BLURS)
    page.locator(".tt-pick").first.press("Enter")
    drawer, caption, said = page.locator(".tt-drawer"), page.locator(".tt-drawer textarea"), page.locator(".tt-saved")
    expect(drawer.locator("h2")).to_have_text("mochi_00.png")
    expect(drawer.locator(".tt-facts")).to_contain_text("bucket 64 × 64")
    has_pixels(drawer.locator("img"))
    page.keyboard.press("ArrowRight")
    expect(drawer.locator("h2")).to_have_text("mochi_01.png")
    expect(page.locator(".tt-pick[aria-current]")).to_have_attribute("aria-label", "mochi_01.png")

    as_text(page)
    caption.fill("mochi, red")
    caption.press("Control+Enter")
    expect(said).to_have_text("Saved in mochi_01.txt")
    expect(page.locator(".tt-tile figcaption").nth(1)).to_have_text("mochi, red")
    assert (captioned / "mochi_01.txt").read_text() == "mochi, red\n"  # the line end of the file stays

    caption.fill("mochi, red, smile")
    caption.press("PageDown")  # saves too
    expect(drawer.locator("h2")).to_have_text("mochi_02.png")
    assert (captioned / "mochi_01.txt").read_text() == "mochi, red, smile\n"
    expect(drawer.locator(".tt-hints")).to_contain_text("There is no caption file")
    assert not (captioned / "mochi_02.txt").exists()
    caption.fill("mochi, blue")
    caption.press("Escape")  # out of the text, which saves
    expect(said).to_have_text("Saved in mochi_02.txt")
    expect(drawer.locator(".tt-hints")).to_be_hidden()  # there is a file now
    page.keyboard.press("Escape")
    expect(drawer).to_be_hidden()
    tile = page.locator(".tt-pick").last
    expect(tile).to_be_focused()
    (captioned / "mochi_02.txt").write_text("mochi, by another program")
    page.evaluate("() => window.trainTools.plan()")
    expect(page.locator(".tt-tile figcaption").last).to_have_text("mochi, by another program")
    expect(tile).to_be_focused()

    page.locator(".tt-pick").last.click()
    caption.fill("not yet saved")
    page.goto(f"{address}/train-tools/v1/jobs")  # closing the page saves
    until(lambda: (captioned / "mochi_02.txt").read_text() == "not yet saved")


def test_two_browsers_that_write_one_caption_are_asked_which_to_keep(captioned, page):
    page.locator(".tt-pick").first.click()
    caption, said = as_text(page), page.locator(".tt-saved")
    for button, kept in (("Keep mine", "mine"), ("Take theirs", "theirs")):
        caption.fill("before")
        caption.press("Control+Enter")
        expect(page.locator(".tt-tile figcaption").first).to_have_text("before")
        expect(said).to_have_text("Saved in mochi_00.txt")
        (captioned / "mochi_00.txt").write_text("theirs")
        caption.fill("mine")
        caption.press("Control+Enter")
        expect(said).to_contain_text("Somebody else changed this caption meanwhile:theirs")
        assert (captioned / "mochi_00.txt").read_text() == "theirs"
        expect(caption).to_have_value("mine")
        said.locator(f"button:has-text('{button}')").click()
        expect(page.locator(".tt-tile figcaption").first).to_have_text(kept)
        expect(caption).to_have_value(kept)
        assert (captioned / "mochi_00.txt").read_text() == kept


def test_pictures_of_another_version_are_not_asked_of_the_one_that_is_chosen_now(captioned, page, ask):
    other = ask("projects", {"name": f"beside {captioned.parents[4].name}"})["project"]
    expect(page.locator("#train_tools_project option")).to_have_count(len(ask("projects")["projects"]))
    page.select_option("#train_tools_project", captioned.parents[4].name)
    expect(page.locator(".tt-pick")).to_have_count(3)
    asked, waits, held = [], [True], []
    page.on("request", lambda request: asked.append(request.url))
    page.route("**/pictures?**", lambda route: held.append(route) if waits else route.continue_())
    with page.expect_request("**/pictures?**"):
        page.select_option("#train_tools_project", other)
    page.set_viewport_size({"width": 1200, "height": 900})  # so that tiles are drawn anew
    page.evaluate("() => new Promise((drawn) => requestAnimationFrame(() => setTimeout(drawn)))")
    waits.clear()
    for route in held:
        route.continue_()
    expect(page.locator(".tt-pick").first).to_be_hidden()
    assert not [url for url in asked if "/image?" in url and "beside" in url]


def test_picture_that_is_opened_on_a_phone_is_brought_into_sight(captioned, browser, address):
    for number in range(9):
        shutil.copy(captioned / "mochi_00.png", captioned / f"more_{number}.png")
    context = browser.new_context(viewport={"width": 390, "height": 844}, has_touch=True, is_mobile=True)
    phone = context.new_page()
    phone.set_default_timeout(1000 * PATIENCE)
    phone.goto(address)
    last = phone.locator(".tt-pick").last
    last.evaluate("(tile) => tile.scrollIntoView()")  # as far up as it goes
    last.tap()
    expect(phone.locator(".tt-drawer h2")).to_be_in_viewport()
    phone.tap('.tt-drawer [data-drawer="close"]')
    expect(last).to_be_in_viewport()
    context.close()
