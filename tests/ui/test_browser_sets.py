"""Sets of pictures as bars: pictures are moved among them by mouse and keys, and regularisation pictures are made."""

import pytest

from tests.browsing import HAS_CHROMIUM, sync

pytestmark = [pytest.mark.slow, pytest.mark.filterwarnings("ignore"), HAS_CHROMIUM]
expect = sync.expect


def test_pictures_are_moved_among_sets_by_keys_and_by_the_mouse_and_come_back(captioned, page):
    train, sets = captioned.parent, page.locator(".tt-set-list .tt-set")
    expect(sets.locator(".tt-set-figures")).to_have_text("100 % 3 pictures, 6 in an epoch")
    page.locator(".tt-pick").first.press("Space")
    page.locator("#train_tools_move").press("Enter")
    page.locator("[role=menuitem]", has_text="New set...").press("Enter")
    page.locator(".tt-dialog input").fill("4_hat")
    page.keyboard.press("Enter")
    expect(sets).to_have_count(2)
    assert sorted(path.name for path in (train / "4_hat").iterdir()) == ["mochi_00.png", "mochi_00.txt"]
    expect(page.locator(".tt-sets .tt-done")).to_contain_text("moved pictures to 4_hat: 1")

    hat = page.locator('.tt-set[data-folder="4_hat"]')
    page.locator(".tt-pick").first.press("Control+a")
    page.locator('.tt-tile:has([aria-label="mochi_01.png"])').drag_to(hat)
    expect(hat.locator(".tt-set-figures")).to_have_text("100 % 3 pictures, 12 in an epoch")
    assert [path.name for path in train.iterdir()] == ["4_hat"]
    hat.locator("input").fill("3")
    hat.locator("input").press("Tab")
    renamed = page.locator('.tt-set[data-folder="3_hat"]')
    expect(renamed.locator(".tt-set-figures")).to_have_text("100 % 3 pictures, 9 in an epoch")
    renamed.locator(".tt-set-name").click()
    expect(page.locator("#train_tools_filter")).to_have_value("folder:3_hat")
    expect(page.locator(".tt-tile")).to_have_count(3)
    for edit, folder, figures in (
        ("renamed 4_hat to 3_hat", "4_hat", "3 pictures, 12"),
        ("moved pictures to 4_hat: 2", "2_mochi", "2 pictures, 4"),
        ("moved pictures to 4_hat: 1", "2_mochi", "3 pictures, 6"),
    ):
        expect(page.locator("#train_tools_undo_edit")).to_contain_text(edit)
        page.locator("#train_tools_undo_edit").click()
        expect(page.locator(f'.tt-set[data-folder="{folder}"] .tt-set-figures')).to_contain_text(figures)
    assert [path.name for path in train.iterdir()] == ["2_mochi"]


def test_regularisation_pictures_are_shown_before_they_are_made(captioned, page):
    page.locator('[data-tool="regularise"]').click()
    page.locator("#tt-input-class_word").fill("cat")
    page.locator("#tt-input-class_prompt").fill("a {red|red} cat")
    page.locator("#tt-input-class_steps").fill("0")
    expect(page.locator("#tt-problem-class_steps")).to_have_text("must be at least 1")
    page.locator("#tt-input-class_steps").fill("1")
    page.locator("#tt-input-num_class_images").fill("2")
    expect(page.locator(".tt-work .tt-would-change")).to_contain_text("Makes 2 pictures in 1_cat")
    expect(page.locator(".tt-prompts li").first).to_have_text("1 a red cat")
    page.locator(".tt-work .tt-primary").click()
    expect(page.locator(".tt-work")).to_have_count(0)
    made = page.locator('.tt-set[data-reg="true"]')
    expect(made.locator(".tt-set-figures")).to_have_text("50 % 2 pictures, 6 in an epoch")
    expect(page.locator('[data-line="regularise"] .tt-done')).to_contain_text("1_cat: 2")
    expect(page.locator(".tt-outcome")).to_be_hidden()
    assert len(list((captioned.parents[1] / "reg" / "1_cat").glob("*.png"))) == 2


@pytest.mark.parametrize("width", [1440, 1024])
def test_trigger_word_of_a_set_is_read_whole(captioned, page, width):
    for file in captioned.glob("*.png"):
        file.with_suffix(".txt").write_text("mochi the longer word, hat\n")
    page.set_viewport_size({"width": width, "height": 900})
    page.evaluate("() => window.trainTools.plan()")
    word = page.locator(".tt-set-name i")
    expect(word).to_have_text("trigger word mochi the longer word")
    inside = "(i) => i.getBoundingClientRect().right <= i.parentElement.getBoundingClientRect().right"
    assert word.evaluate(f"(i) => ({inside})(i) && i.scrollWidth <= i.clientWidth")
