"""The editor of one caption: its tags as chips, by keys and by a pointer, and as text."""

import pytest

from tests.browsing import HAS_CHROMIUM, as_text, sync, until

pytestmark = [pytest.mark.slow, pytest.mark.filterwarnings("ignore"), HAS_CHROMIUM]
expect = sync.expect
FIRST, SECOND = "mochi, solo, hat", "mochi, blue eyes"


@pytest.fixture
def opened(captioned, page, ask):
    """The first of the pictures is open, with captions that differ; at most 75 tokens are trained."""
    for name, caption in (("mochi_00", FIRST), ("mochi_01", SECOND)):
        (captioned / f"{name}.txt").write_text(caption)
    version = "/".join(("projects", captioned.parents[4].name, "versions/v1"))
    ask(f"{version}/settings", {"changes": {"max_token_length": 75}}, "PATCH")
    page.reload()
    page.locator(".tt-pick").first.click()
    expect(page.locator("[data-chip]")).to_have_count(3)
    return page


def test_tags_are_completed_moved_removed_taken_back_and_given_to_the_next_picture_by_keys(captioned, opened):
    page, chips, add = opened, opened.locator("[data-chip]"), opened.locator(".tt-add")
    add.press_sequentially("bl")
    expect(page.locator(".tt-offers li")).to_have_text(["blue eyes1 picture"])
    add.press("ArrowDown")
    add.press("Enter")
    expect(chips).to_have_text(["mochi", "solo", "hat", "blue eyes"])
    expect(page.locator(".tt-tokens")).to_have_text("8 / 75 tokens")
    add.press("ArrowLeft")
    page.keyboard.press("Alt+ArrowLeft")
    expect(chips).to_have_text(["mochi", "solo", "blue eyes", "hat"])
    page.keyboard.press("Home")
    page.keyboard.press("ArrowRight")
    page.keyboard.press("Delete")
    expect(chips).to_have_text(["mochi", "blue eyes", "hat"])
    expect(chips.nth(1)).to_be_focused()
    page.keyboard.press("Control+z")
    expect(chips).to_have_text(["mochi", "solo", "blue eyes", "hat"])
    page.keyboard.press("End")
    page.keyboard.press("Enter")
    page.keyboard.type("red hat")
    page.keyboard.press("Enter")
    expect(chips.last).to_be_focused()
    page.keyboard.press("Control+c")
    until(lambda: (captioned / "mochi_00.txt").read_text() == "mochi, solo, blue eyes, red hat")  # by itself
    expect(page.locator(".tt-saved")).to_have_text("Saved in mochi_00.txt")
    expect(page.locator(".tt-copied")).to_have_text("Copied tags: 4")
    page.keyboard.press("PageDown")  # saves too
    expect(page.locator(".tt-drawer h2")).to_have_text("mochi_01.png")
    assert (captioned / "mochi_00.txt").read_text() == "mochi, solo, blue eyes, red hat"
    expect(add).to_be_focused()
    add.press("ArrowLeft")
    page.keyboard.press("Control+v")
    expect(chips).to_have_text(["mochi", "blue eyes", "solo", "red hat"])
    page.keyboard.press("Control+Enter")
    expect(page.locator(".tt-saved")).to_have_text("Saved in mochi_01.txt")
    assert (captioned / "mochi_01.txt").read_text() == f"{SECOND}, solo, red hat"


def test_chips_and_text_are_one_caption_and_show_where_75_tokens_end(captioned, opened):
    page, chips = opened, opened.locator("[data-chip]")
    chips.first.scroll_into_view_if_needed()
    boxes = [chips.nth(place).bounding_box() for place in (2, 0)]
    page.mouse.move(boxes[0]["x"] + 9, boxes[0]["y"] + 9)
    page.mouse.down()
    page.mouse.move(boxes[1]["x"] + 1, boxes[1]["y"] + 9, steps=3)
    page.mouse.up()
    expect(chips).to_have_text(["hat", "mochi", "solo"])
    until(lambda: (captioned / "mochi_00.txt").read_text() == "hat, mochi, solo")  # by itself, a little later
    text = as_text(page)
    expect(text).to_have_value("hat, mochi, solo")
    text.fill(", ".join(["hat"] * 37 + ["mochi", "last"]))
    expect(page.locator(".tt-tokens")).to_have_text("77 / 75 tokens")
    expect(page.locator(".tt-behind mark")).to_have_text(", last")
    page.locator(".tt-caption .tt-segments label").first.click()
    expect(page.locator(".tt-edited .tt-cut")).to_have_text("last×")
    expect(page.locator(".tt-cut-says")).to_have_text("75 tokens end here: last. The rest is not trained.")
