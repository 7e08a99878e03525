"""The grid of pictures: found, sorted, selected, taken out and brought back, however many there are."""

import pytest
from PIL import Image

from tests.browsing import HAS_CHROMIUM, sync, until

pytestmark = [pytest.mark.slow, pytest.mark.filterwarnings("ignore"), HAS_CHROMIUM]
expect = sync.expect


@pytest.fixture(scope="module")
def many(folder):
    """The folder of a project with 450 pictures, changed last; each tenth has a hat."""
    place = folder / "out" / "grid" / "versions" / "v1" / "dataset" / "train" / "1_grid"
    place.mkdir(parents=True)
    for i in range(450):
        Image.new("RGB", (64, 64 + i % 3), (i % 256, i // 256, 0)).save(place / f"{i:03}.png")
        (place / f"{i:03}.txt").write_text("cat, blue eyes" + (", hat" if i % 10 == 0 else ""))
    return place


def names(page):
    return [one.get_attribute("aria-label") for one in page.locator(".tt-pick").all()]


def test_pictures_are_found_selected_taken_out_and_brought_back_by_keys(many, page):
    count = page.locator(".tt-count")
    expect(count).to_contain_text("450 pictures")
    assert len(names(page)) < 200
    page.locator(".tt-pick").first.press("End")
    last = page.locator('.tt-pick[aria-label="449.png"]')
    expect(last).to_be_focused()
    expect(last).to_be_in_viewport()

    page.fill("#train_tools_filter", "hat -nothing")
    expect(count).to_contain_text("45 shown")
    expect(page.locator(".tt-pick")).to_have_count(45)
    assert names(page)[:3] == ["000.png", "010.png", "020.png"]
    page.locator(".tt-pick").first.press("Shift+ArrowRight")
    expect(page.locator(".tt-picked b")).to_have_text("2 selected")
    page.keyboard.press("ArrowRight")
    page.keyboard.press(" ")
    expect(page.locator(".tt-picked b")).to_have_text("3 selected")
    expect(page.locator(".tt-drawer")).to_be_hidden()

    page.keyboard.press("Delete")
    expect(count).to_contain_text("3 taken out")
    expect(page.locator(".tt-pick")).to_have_count(42)
    assert not (many / "010.png").exists()
    assert not (many / "010.txt").exists()
    assert (many.parents[1] / "left_out" / "1_grid" / "010.png").exists()
    undo = page.locator("#train_tools_undo_edit")
    expect(undo).to_contain_text("Undo in the pictures: ")
    page.locator(".tt-pick").first.press("Control+z")
    expect(page.locator(".tt-pick")).to_have_count(45)
    expect(undo).to_be_hidden()
    until((many / "010.txt").exists)

    redo = page.locator("#train_tools_redo_edit")
    expect(redo).to_have_text("Redo in the pictures: took out pictures: 3")
    for again in ("Control+y", "Control+Shift+z"):
        page.locator(".tt-pick").first.press(again)
        expect(page.locator(".tt-pick")).to_have_count(42)
        expect(redo).to_be_hidden()
        page.locator(".tt-pick").first.press("Control+z")
        expect(page.locator(".tt-pick")).to_have_count(45)
    page.locator(".tt-pick").first.press(" ")
    page.keyboard.press("Delete")
    expect(page.locator(".tt-pick")).to_have_count(44)
    expect(undo).to_be_visible()
    expect(redo).to_be_hidden()  # a new edit ends it
    undo.press("Enter")
    expect(redo).to_be_focused()  # nothing is left for the other one
    page.keyboard.press("Enter")
    expect(undo).to_be_focused()
    page.keyboard.press("Enter")
    expect(page.locator(".tt-pick")).to_have_count(45)


def test_a_filter_that_cannot_be_read_says_so_and_leaves_the_pictures(many, page):
    expect(page.locator(".tt-count")).to_contain_text("450 pictures")
    page.fill("#train_tools_filter", "hat (")
    expect(page.locator(".tt-filter-wrong")).not_to_be_empty()
    assert names(page)[0] == "000.png"
    page.fill("#train_tools_filter", "")
    expect(page.locator(".tt-filter-wrong")).to_be_empty()


def test_mouse_selects_with_modifiers_and_shows_without(many, page):
    page.fill("#train_tools_filter", "hat")
    expect(page.locator(".tt-pick")).to_have_count(45)
    tile = page.locator(".tt-pick")
    tile.nth(1).click(modifiers=["Control"])
    tile.nth(4).click(modifiers=["Shift"])
    expect(page.locator(".tt-picked b")).to_have_text("4 selected")
    page.locator(".tt-select").nth(6).check()
    expect(page.locator(".tt-picked b")).to_have_text("5 selected")
    expect(page.locator(".tt-drawer")).to_be_hidden()
    page.locator("text=Select none").click()
    expect(page.locator(".tt-picked")).to_be_hidden()
    tile.nth(2).click()
    expect(page.locator(".tt-drawer h2")).to_have_text("020.png")


def test_orders_and_sizes_change_what_is_seen_first(many, page):
    expect(page.locator(".tt-count")).to_contain_text("450 pictures")
    wide = page.locator(".tt-tile").first.bounding_box()["height"]
    page.locator("#train_tools_size").fill("2")
    expect(page.locator(".tt-tile").first).to_be_visible()
    assert page.locator(".tt-tile").first.bounding_box()["height"] > 1.5 * wide
    page.select_option("#train_tools_sort", "-tags")
    expect(page.locator(".tt-tile figcaption").first).to_contain_text("hat")
    page.select_option("#train_tools_sort", "-size")
    expect(page.locator(".tt-pick").first).to_have_attribute("aria-label", "002.png")
