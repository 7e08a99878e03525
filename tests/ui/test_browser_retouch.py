"""Pictures are cropped, masked and changed many at once: new files beside the originals, counted, and taken back."""

import sys
from threading import Event

import pytest
from PIL import Image

from lib_train.app import masks
from lib_train.pictures.cutouts import MODELS
from tests.browsing import HAS_CHROMIUM, MOCHI, push, sync, until

pytestmark = [pytest.mark.slow, pytest.mark.filterwarnings("ignore"), HAS_CHROMIUM]
expect = sync.expect


def drag(page, place, start, end):
    """From one point of an element to another, in shares of its sides."""
    box = place.bounding_box()
    (x, y), (to_x, to_y) = ((box["x"] + a * box["width"], box["y"] + b * box["height"]) for a, b in (start, end))
    page.mouse.move(x, y)
    page.mouse.down()
    page.mouse.move((x + to_x) / 2, (y + to_y) / 2)
    page.mouse.move(to_x, to_y)
    page.mouse.up()


def names(folder):
    return sorted(path.name for path in folder.glob("*.png"))


def test_picture_is_cropped_by_mouse_and_keys_and_its_mask_painted(captioned, page):
    before = names(captioned)
    page.locator(".tt-pick").first.click()
    twice = "button => (button.focus(), button.click(), button.click())"  # as keys do that come before the dialog
    page.locator('[data-retouch="crop"]').evaluate(twice)
    frame, done = page.locator(".tt-frame"), page.locator(".tt-studio .tt-done")
    expect(frame).to_be_focused()
    expect(page.locator(".tt-studio")).to_have_count(1)
    expect(page.locator(".tt-frame-size")).to_have_text("128 × 128")
    drag(page, page.locator(".tt-frame-area"), (0.999, 0.999), (0.5, 0.5))
    expect(page.locator(".tt-frame-size")).to_have_text("64 × 64")
    page.keyboard.press("ArrowRight")
    expect(page.locator('[data-side="x"]')).to_have_value("1")
    page.keyboard.press("Enter")
    expect(done).to_contain_text("cropped: 1 new pictures")
    with Image.open(captioned / "mochi_00-crop1.png") as crop, Image.open(MOCHI / "mochi_00.png") as whole:
        assert crop.tobytes() == whole.crop((1, 0, 65, 64)).convert(crop.mode).tobytes()
    done.locator("button").click()
    expect(done).to_contain_text("Taken back")
    assert names(captioned) == before
    page.keyboard.press("Escape")
    expect(page.locator('[data-retouch="crop"]')).to_be_focused()

    page.click('[data-retouch="mask"]')
    expect(page.locator(".tt-veil")).to_be_focused()
    page.keyboard.press("r")
    drag(page, page.locator(".tt-veil"), (0, 0), (0.5, 1))
    expect(page.locator(".tt-studio-side [role=status]")).to_have_text("Learned: 50 % of the picture")
    page.keyboard.press("i")
    page.keyboard.press("Escape")  # which saves
    expect(page.locator(".tt-tile .tt-masked")).to_have_count(1)
    expect(page.locator(".tt-drawer .tt-mask-over")).to_be_visible()
    with Image.open(captioned.parents[1] / "masks" / captioned.name / "mochi_00.png") as mask:
        assert [mask.getpixel((x, 64)) for x in (10, 118)] == [0, 255]

    kind, filter = page.locator("#train_tools_kind"), page.locator("#train_tools_filter")
    filter.fill("mochi")
    for term, masked, shown in (("-is:masked", 0, 2), ("is:masked", 1, 1)):
        kind.select_option(term)
        expect(filter).to_have_value(f"mochi {term}")
        expect(page.locator(".tt-tile")).to_have_count(shown)
        expect(page.locator(".tt-tile .tt-masked")).to_have_count(masked)
    filter.fill("mochi_00")
    expect(kind).to_have_value("")


def test_what_is_too_small_is_enlarged_from_its_finding_and_all_of_it_is_taken_back(captioned, page):
    with Image.open(captioned / "mochi_01.png") as picture:
        picture.resize((32, 32)).save(captioned / "mochi_01.png")
    page.evaluate("() => window.trainTools.plan()")
    button = page.locator('[data-code="small"][data-remedy="enlarge"]')
    push(button)
    sheet, apply = page.locator(".tt-work"), page.locator(".tt-work .tt-primary")
    expect(sheet.locator(".tt-scope :checked + span")).to_have_text("Shown: problem:small")
    expect(sheet.locator(".tt-would-change")).to_have_text("Makes 1 new pictures of 1, such as mochi_01-enlarged1.png")
    push(apply)
    line = page.locator(".tt-last .tt-done")
    expect(line).to_contain_text("enlarged: 1 new pictures")
    expect(sheet).to_have_count(0)
    expect(line.locator("button")).to_be_focused()
    assert names(captioned) == ["mochi_00.png", "mochi_01-enlarged1.png", "mochi_02.png"]
    page.keyboard.press("Enter")
    until(lambda: names(captioned) == ["mochi_00.png", "mochi_01.png", "mochi_02.png"])
    expect(line).to_contain_text("Taken back")


def test_all_that_cuts_out_can_be_chosen_and_what_is_missing_is_named_with_the_way_to_get_it(
    captioned, page, monkeypatch
):
    monkeypatch.setitem(sys.modules, "rembg", None)
    page.click('[data-tool="change"]')
    sheet = page.locator(".tt-work")
    sheet.locator('[value="background"]').check(force=True)
    by, count, apply = (
        sheet.locator(".tt-parts select"),
        sheet.locator(".tt-would-change"),
        sheet.locator(".tt-primary"),
    )
    assert [one.get_attribute("value") for one in by.locator("option").all()] == ["", *MODELS, "file"]
    by.select_option("u2net")
    expect(count).to_contain_text("pip install rembg")
    by.select_option("file")
    expect(apply).to_be_disabled()
    sheet.locator('[data-part="cutFile"]').fill("/models/other.onnx")
    expect(count).to_contain_text("must be one of u2net, u2netp")


@pytest.mark.usefixtures("captioned")
def test_button_that_changes_masks_says_so_when_they_were_counted(page):
    page.click('[data-tool="change"]')
    page.locator(".tt-work input[value=mask]").check(force=True)
    expect(page.locator(".tt-would-change")).to_contain_text("3")
    expect(page.locator(".tt-work .tt-primary")).to_be_enabled()
    expect(page.locator(".tt-work .tt-primary")).to_have_text("Change the masks")


def test_masks_of_many_are_told_on_a_line_and_cancelled_there(captioned, page, monkeypatch):
    def invert():
        page.click('[data-tool="change"]')
        page.locator('.tt-work [value="mask"]').check(force=True)
        page.select_option(".tt-work .tt-parts select", "invert")
        push(page.locator(".tt-work .tt-primary"))
        expect(page.locator(".tt-work")).to_have_count(0)

    line, looked_at = page.locator(".tt-last"), Event()
    invert()
    expect(line).to_contain_text("masks: 0")
    expect(line.locator("li")).to_contain_text(["mochi_00.png: has no mask", "mochi_01", "mochi_02"])
    line.locator('[aria-label="Close"]').click()
    monkeypatch.setattr(masks, "mask_of", lambda entry, places: looked_at.wait(60) and None)
    invert()
    expect(line.locator(".tt-far")).to_have_text("0 of 3")
    with page.expect_response(lambda answer: answer.request.method == "DELETE"):
        page.keyboard.press("Enter")  # Cancel has the keys
    looked_at.set()
    expect(line).to_contain_text("Cancelled: nothing was changed.")
    expect(line.locator("button")).to_be_focused()
