"""Jobs that wait, as people give them other places."""

import time

import pytest

from tests.browsing import HAS_CHROMIUM, push, sync, until

pytestmark = [pytest.mark.slow, pytest.mark.filterwarnings("ignore"), HAS_CHROMIUM]
expect = sync.expect


def test_waiting_jobs_change_places_by_buttons_keys_and_pointer(training, page, ask):
    rows, add = page.locator(".tt-queue ol li"), page.locator('[data-act="add"]')
    expect(page.locator(".tt-queue-past")).to_contain_text("waits here for its turn")
    for count in (1, 2, 3):
        push(add)
        expect(rows).to_have_count(count)
    expect(page.locator(".tt-queue-past")).not_to_contain_text("waits here for its turn")

    def numbers():
        return [one["number"] for one in ask("jobs")["queue"]["waiting"]]

    first, second, third = numbers()
    push(rows.nth(0).locator('[data-act="down"]'))
    until(lambda: numbers() == [second, first, third])
    expect(rows.nth(1)).to_have_attribute("data-name", str(first))
    expect(rows.nth(1).locator('[data-act="down"]')).to_be_focused()
    page.keyboard.press("Alt+ArrowUp")
    until(lambda: numbers() == [first, second, third])
    expect(rows.nth(0)).to_have_attribute("data-name", str(first))
    grip, goal = rows.nth(2).locator("[data-chip]").bounding_box(), rows.nth(0).bounding_box()
    page.mouse.move(grip["x"] + 3, grip["y"] + 5)
    page.mouse.down()
    page.mouse.move(goal["x"] + 4, goal["y"] + 12)
    page.mouse.move(goal["x"] + 4, goal["y"] + 5)
    expect(rows.nth(0)).to_have_class("tt-before")
    page.mouse.up()
    until(lambda: numbers() == [third, first, second])
    page.locator(".tt-queue-options summary").click()
    page.locator("#tt-input-queue_start_at").fill("25:00")
    page.keyboard.press("Tab")
    expect(page.locator(".tt-queue-options .tt-wrong")).to_contain_text("give a time of day such as 01:00")
    page.locator("#tt-input-queue_start_at").fill("01:00")
    page.keyboard.press("Tab")
    until(lambda: ask("jobs")["queue"]["settings"]["start_at"] == "01:00")
    expect(page.locator(".tt-queue-options .tt-wrong")).to_have_count(0)
    ask("jobs/queue", {"changes": {"start_at": ""}}, method="PATCH")


def test_a_button_keeps_the_keys_where_its_list_is_drawn_anew_before_the_answer_comes(training, page, ask):
    rows, add = page.locator(".tt-queue ol li"), page.locator('[data-act="add"]')
    for count in (1, 2, 3):
        push(add)
        expect(rows).to_have_count(count)
    moved = rows.nth(0).get_attribute("data-name")

    def late(route):
        ask("jobs", {"kind": "train", "project": training, "version": "v1", "queue": True})
        time.sleep(2)  # the page asks twice a second
        route.continue_()

    page.route("**/jobs/queue/*/move", late)
    push(rows.nth(0).locator('[data-act="down"]'))
    expect(rows).to_have_count(4)
    expect(rows.nth(1)).to_have_attribute("data-name", str(moved))
    expect(rows.nth(1).locator('[data-act="down"]')).to_be_focused()
    page.unroute_all(behavior="wait")


def test_tagging_previews_and_regularisation_pictures_wait_for_their_turn_while_a_training_goes_on(
    trained, training, captioned, page, ask
):
    waiting = page.locator(".tt-queue ol li b")
    page.locator('[data-tool="tag"]').click()
    sheet = page.locator(".tt-work")
    page.select_option(".tt-how select", "append")
    expect(sheet.locator(".tt-primary")).to_have_text("Tag 3 pictures")
    sheet.locator(".tt-primary").click()
    expect(sheet.locator(".tt-done")).to_have_text("It waits in the queue.")
    expect(waiting).to_have_count(1)
    page.keyboard.press("Escape")
    page.locator('[data-tool="regularise"]').click()
    page.fill("#tt-input-class_word", "cat")
    page.fill("#tt-input-class_prompt", "a cat")
    page.fill("#tt-input-class_steps", "1")
    page.fill("#tt-input-num_class_images", "2")
    sheet.locator(".tt-primary").click()
    expect(waiting).to_have_count(2)
    expect(sheet).to_have_count(0)
    page.select_option("#train_tools_project", trained)
    page.locator('.tt-head [data-act="preview-all"]').click()
    expect(waiting).to_have_count(3)
    expect(waiting.nth(0)).to_contain_text("Tag pictures")
    expect(waiting.nth(1)).to_contain_text("Make regularisation pictures")
    expect(waiting.nth(2)).to_have_text(f"{trained} / v1, Previews")
    assert ask("jobs")["job"]["project"] == training
    assert [one["kind"] for one in ask("jobs")["queue"]["waiting"]] == ["tag", "regularise", "preview"]
