"""Captions of many pictures: edited at once, by their tags, and bound to a trigger word; seen before, undone after."""

import pytest

from tests.browsing import HAS_CHROMIUM, push, show_project, sync, until, until_loaded

pytestmark = [pytest.mark.slow, pytest.mark.filterwarnings("ignore"), HAS_CHROMIUM]
expect = sync.expect
LOOK = "() => window.trainTools.plan()"
CAPTIONS = ["mochi, solo, blue eyes, hat", "mochi, solo, blue eyes", "mochi, smile, blue eyes"]


@pytest.fixture
def tagged(captioned, page):
    """Three captions, and a page that shows them."""
    for number, caption in enumerate(CAPTIONS):
        (captioned / f"mochi_0{number}.txt").write_text(caption)
    page.evaluate("() => window.trainTools.plan()")
    expect(page.locator('.tt-tags [data-tag="hat"]')).to_be_visible()
    return captioned


def captions(folder):
    return [path.read_text().rstrip() for path in sorted(folder.glob("*.txt"))]


def chip(page, tag):
    return page.locator(f'.tt-tags [data-tag="{tag}"]')


def test_captions_are_edited_by_keys_alone_seen_before_and_taken_back_after(tagged, page):
    opener = page.locator('[data-tool="edit-captions"]')
    push(opener)
    sheet, count = page.locator(".tt-work"), page.locator(".tt-would-change")
    expect(sheet.locator('[data-part="tags"]')).to_be_focused()
    expect(sheet.locator(".tt-primary")).to_be_disabled()
    page.keyboard.type("1girl")
    expect(count).to_have_text("Changes 3 of 3 captions.")
    expect(sheet.locator(".tt-example ins").first).to_have_text("1girl")
    assert captions(tagged) == CAPTIONS
    page.keyboard.press("Enter")
    done = page.locator('[data-line="edit"] .tt-done')
    expect(done).to_contain_text("added 1girl: 3 captions")
    expect(sheet).to_have_count(0)
    assert captions(tagged) == [f"1girl, {caption}" for caption in CAPTIONS]
    expect(done.locator("button")).to_be_focused()
    page.keyboard.press("Enter")
    expect(done).to_have_text("Taken back: added 1girl: 3 captionsRedo")
    assert captions(tagged) == CAPTIONS
    expect(done.locator("button")).to_be_focused()


def test_two_windows_agree_on_what_can_be_taken_back_and_done_again(tagged, page, window, address):
    second, done = window(), page.locator(".tt-cloud .tt-done")
    second.goto(address)
    until_loaded(second)
    show_project(second, tagged.parents[4].name)
    undo, redo = second.locator("#train_tools_undo_edit"), second.locator("#train_tools_redo_edit")
    page.locator('[data-menu="solo"]').click()
    page.locator("[role=menuitem]").first.click()
    expect(done).to_contain_text("removed solo")
    second.evaluate(LOOK)
    expect(undo).to_have_text("Undo in the pictures: removed solo: 2 captions")
    expect(redo).to_be_hidden()
    undo.click()
    expect(redo).to_have_text("Redo in the pictures: removed solo: 2 captions")
    page.evaluate(LOOK)
    expect(done).to_have_text("Taken back: removed solo: 2 captionsRedo")
    expect(page.locator("#train_tools_redo_edit")).to_have_text("Redo in the pictures: removed solo: 2 captions")
    assert captions(tagged) == CAPTIONS
    redo.click()
    expect(redo).to_be_hidden()
    page.evaluate(LOOK)
    expect(done).to_have_text("Done again: removed solo: 2 captionsUndo")
    assert captions(tagged)[0] == "mochi, blue eyes, hat"
    done.locator("button").click()
    expect(done).to_contain_text("Taken back")
    second.evaluate(LOOK)
    expect(redo).to_be_visible()
    second.locator('[data-menu="hat"]').click()
    second.locator("[role=menuitem]").first.click()
    expect(undo).to_contain_text("removed hat")
    expect(redo).to_be_hidden()
    page.evaluate(LOOK)
    expect(done.locator("button")).to_be_hidden()  # the new edit ended it
    expect(done).to_contain_text("Taken back: removed solo")


def test_several_steps_are_one_edit_and_each_tells_what_it_changes(tagged, page):
    page.click('[data-tool="edit-captions"]')
    steps = page.locator(".tt-step")
    steps.first.locator("> label select").select_option("remove")
    steps.first.locator("[data-part=tags]").fill("solo")
    page.click("text=Another step")
    second = steps.nth(1)
    second.locator("> label select").select_option("replace")
    second.locator(".tt-parts select").select_option("tag-regex")
    second.locator("[data-part=find]").fill("(blue) eyes")
    second.locator("[data-part=to]").fill(r"\1 ears")
    expect(steps.locator("output")).to_have_text(["2 captions", "3 captions"])
    page.locator(".tt-work .tt-primary").click()
    expect(page.locator('[data-line="edit"] .tt-done')).to_contain_text("3 captions")
    assert captions(tagged) == ["mochi, blue ears, hat", "mochi, blue ears", "mochi, smile, blue ears"]


def test_expression_that_cannot_be_read_is_named_and_changes_nothing(tagged, page):
    page.click('[data-tool="edit-captions"]')
    page.select_option(".tt-step > label select", "replace")
    page.select_option(".tt-parts select", "text-regex")
    page.fill('[data-part="find"]', "(")
    expect(page.locator(".tt-would-change")).to_contain_text("(: is no regular expression")
    expect(page.locator(".tt-work .tt-primary")).to_be_disabled()
    assert captions(tagged) == CAPTIONS


def test_edit_is_of_the_pictures_that_are_shown(tagged, page):
    chip(page, "hat").click()
    page.click('[data-tool="edit-captions"]')
    expect(page.locator(".tt-scope :checked + span")).to_have_text("Shown: hat")
    page.fill('[data-part="tags"]', "outdoors")
    expect(page.locator(".tt-would-change")).to_have_text("Changes 1 of 1 captions.")
    page.locator(".tt-work .tt-primary").click()
    expect(page.locator('[data-line="edit"] .tt-done')).to_contain_text("added outdoors")
    assert captions(tagged) == [f"outdoors, {CAPTIONS[0]}", *CAPTIONS[1:]]


def test_edit_is_of_the_pictures_that_are_selected(tagged, page):
    page.locator(".tt-select").nth(2).check()
    page.click('[data-tool="edit-captions"]')
    expect(page.locator(".tt-scope :checked + span")).to_have_text("Selected: 1")
    page.fill('[data-part="tags"]', "outdoors")
    page.locator(".tt-step select").last.select_option("last")
    expect(page.locator(".tt-would-change")).to_have_text("Changes 1 of 1 captions.")
    page.locator(".tt-work .tt-primary").click()
    expect(page.locator('[data-line="edit"] .tt-done')).to_contain_text("added outdoors")
    assert captions(tagged) == [*CAPTIONS[:2], f"{CAPTIONS[2]}, outdoors"]


def test_open_caption_follows_an_edit_of_many_unless_somebody_writes_in_it(tagged, page):
    page.locator(".tt-pick").first.click()
    expect(page.locator(".tt-drawer")).to_be_focused()  # else it takes the keys from the menu
    caption, done = page.locator(".tt-drawer textarea"), page.locator(".tt-cloud .tt-done")
    page.locator('[data-menu="solo"]').click()
    page.locator("[role=menuitem]").first.click()
    expect(caption).to_have_value("mochi, blue eyes, hat")
    done.locator("button").click()
    expect(caption).to_have_value(CAPTIONS[0])
    caption.evaluate("(box) => { box.value = 'mine'; }")  # typed, and not saved yet
    page.locator('[data-menu="solo"]').click()
    page.locator("[role=menuitem]").first.click()
    expect(done).to_contain_text("removed solo")
    page.wait_for_load_state("networkidle")
    expect(caption).to_have_value("mine")


def test_tag_filters_by_a_click_and_the_tags_follow(tagged, page):
    expect(chip(page, "mochi").locator("b")).to_have_text("3")
    chip(page, "solo").click()
    expect(page.locator("#train_tools_filter")).to_have_value("solo")
    expect(page.locator(".tt-tile")).to_have_count(2)
    expect(chip(page, "smile")).to_have_count(0)
    expect(chip(page, "mochi").locator("b")).to_have_text("2")
    chip(page, "blue eyes").click()
    expect(page.locator("#train_tools_filter")).to_have_value('solo "blue eyes"')
    chip(page, "solo").click()
    expect(page.locator("#train_tools_filter")).to_have_value('"blue eyes"')
    expect(chip(page, "smile")).to_be_visible()


def test_tag_is_renamed_moved_and_removed_by_its_menu_with_keys_alone(tagged, page):
    done = page.locator(".tt-cloud .tt-done")
    chip(page, "blue eyes").focus()
    page.keyboard.press("ArrowRight")
    expect(page.locator('[data-menu="blue eyes"]')).to_be_focused()
    page.keyboard.press("ArrowRight")
    expect(chip(page, "mochi")).to_be_focused()
    page.keyboard.press("ArrowLeft")
    page.keyboard.press("Enter")
    items = page.locator("[role=menuitem]")
    expect(items.first).to_be_focused()
    expect(items.first).to_have_text("Remove it from 3 captions")
    page.keyboard.press("Escape")
    expect(page.locator('[data-menu="blue eyes"]')).to_be_focused()
    page.keyboard.press("Enter")
    page.keyboard.press("ArrowDown")
    page.keyboard.press("Enter")
    page.locator(".tt-dialog input").fill("green eyes")
    page.keyboard.press("Enter")
    expect(done).to_contain_text("replaced 'blue eyes' with 'green eyes'")
    expect(chip(page, "green eyes")).to_be_visible()
    assert captions(tagged)[2] == "mochi, smile, green eyes"

    page.locator('[data-menu="green eyes"]').click()
    items.nth(2).click()
    expect(done).to_contain_text("moved green eyes to the front")
    until(lambda: captions(tagged)[2] == "green eyes, mochi, smile")
    chip(page, "solo").click(button="right")
    items.first.click()
    expect(done).to_contain_text("removed solo: 2 captions")
    assert captions(tagged)[:2] == ["green eyes, mochi, hat", "green eyes, mochi"]
    done.locator("button").click()
    expect(chip(page, "solo")).to_be_visible()


def test_tags_are_bound_step_by_step_and_new_captions_follow(tagged, page):
    page.click('[data-tool="bind"]')
    sheet, onward = page.locator(".tt-work"), page.locator(".tt-work .tt-primary")
    sheet.locator("input[type=text]").fill("mochi")
    onward.click()
    rows = sheet.locator(".tt-common-one")
    expect(rows).to_have_count(2)
    expect(rows.first).to_contain_text("blue eyes")
    expect(rows.first.locator(":checked + span")).to_have_text("belongs to it")
    expect(rows.nth(1).locator(":checked + span")).to_have_text("stays free")
    expect(sheet.locator(".tt-meaning")).to_contain_text('"mochi" brings by itself: blue eyes.')
    rows.nth(1).locator("text=belongs to it").click()
    expect(sheet.locator(".tt-meaning")).to_contain_text("blue eyes, solo.")
    onward.click()
    expect(sheet.locator("[role=status]").first).to_have_text("Changes 3 of 3 captions.")
    expect(sheet.locator(".tt-example del")).to_have_text(["solo", "blue eyes"])
    assert captions(tagged) == CAPTIONS
    onward.click()
    expect(page.locator('[data-line="edit"] .tt-done')).to_contain_text("bound tags to trigger words: 3 captions")
    assert captions(tagged) == ["mochi, hat", "mochi", "mochi, smile"]
    expect(sheet).to_have_count(0)

    (tagged / "mochi_01.txt").write_text("blue eyes, sitting")
    page.click('[data-tool="bind"]')
    expect(sheet.locator(".tt-waiting")).to_contain_text("do not follow your choice yet: 1")
    sheet.locator(".tt-waiting button").click()
    expect(page.locator('[data-line="edit"] .tt-done')).to_contain_text("1 caption")
    expect(sheet).to_have_count(0)
    assert captions(tagged)[1] == "mochi, sitting"


def test_choices_stay_when_one_goes_back(tagged, page):
    page.click('[data-tool="bind"]')
    sheet, onward = page.locator(".tt-work"), page.locator(".tt-work .tt-primary")
    expect(onward).to_have_text("Next")
    onward.click()
    sheet.locator(".tt-common-one").nth(1).locator("text=belongs to it").click()
    sheet.locator("text=Back").click()
    expect(sheet.locator("input[type=text]")).to_be_visible()
    onward.click()
    expect(sheet.locator(".tt-common-one").nth(1).locator(":checked + span")).to_have_text("belongs to it")
    assert captions(tagged) == CAPTIONS


def test_binding_says_that_captions_come_first(tagged, page):
    for file in tagged.glob("*.txt"):
        file.unlink()
    page.click('[data-tool="bind"]')
    page.locator(".tt-work .tt-primary").click()
    expect(page.locator(".tt-work")).to_contain_text("None of these pictures has a caption yet.")
