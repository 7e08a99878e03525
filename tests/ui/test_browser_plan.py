"""The plan as it is typed for: quiet, with advice that can be followed, and Train always in sight."""

import pytest

from tests.browsing import HAS_CHROMIUM, field, figure, go_to, push, search, sync, type_in

pytestmark = [pytest.mark.slow, pytest.mark.filterwarnings("ignore"), HAS_CHROMIUM]
expect = sync.expect
PLAN = "**/versions/v1/plan"


def changed_plan(page, change):
    """From now on plans are answered with what ``change`` makes of them."""

    def answer(route):
        response = route.fetch()
        found = response.json()
        change(found)
        route.fulfill(response=response, json=found)

    page.route(PLAN, answer)


def advise(found):
    if found["steps"] > 20:
        text = "20000 steps are many; max_train_steps = 20 makes it so"
        found["advice"] = [{"code": "many_steps", "text": text, "changes": {"max_train_steps": 20}}]
        found["notes"] = [*found["notes"], text]


@pytest.mark.usefixtures("captioned")
def test_advice_is_followed_by_a_button_and_taken_back(page):
    changed_plan(page, advise)
    go_to(page, "Settings")
    search(page, "max_train_steps")
    type_in(page, max_train_steps="20000")
    advice = page.locator(".tt-advice")
    expect(advice).to_have_count(1)
    expect(page.locator(".tt-remarks li", has_text="are many")).to_have_count(1)  # not among the notes, too
    advice.locator("a").click()
    expect(field(page, "max_train_steps")).to_be_focused()
    push(advice.locator("button"))
    expect(field(page, "max_train_steps")).to_have_value("20")
    expect(figure(page, "steps")).to_have_text("20")
    expect(advice).to_have_count(0)
    page.click(".tt-undo")
    expect(field(page, "max_train_steps")).to_have_value("20000")
    expect(figure(page, "steps")).to_have_text("20,000")


@pytest.mark.usefixtures("captioned")
def test_figures_stay_dimmed_until_newer_ones_come_and_details_stay_open(page):
    plan, waiting = page.locator(".tt-plan"), []
    go_to(page, "Settings")
    search(page, "max_train_steps")
    type_in(page, max_train_steps="30")
    expect(figure(page, "steps")).to_have_text("30")
    page.click(".tt-plan summary")
    page.route(PLAN, lambda route: waiting.append(route))  # noqa: PLW0108 - playwright marks what it is given
    with page.expect_request(PLAN):
        type_in(page, max_train_steps="40")
    expect(plan).to_have_class("tt-plan tt-old")
    expect(figure(page, "steps")).to_have_text("30")
    waiting[0].continue_()
    page.unroute(PLAN)
    expect(figure(page, "steps")).to_have_text("40")
    expect(plan).to_have_class("tt-plan")
    expect(plan.locator("pre")).to_be_visible()
    expect(plan.locator("pre")).to_contain_text("steps       40:")
    type_in(page, max_train_steps="x")
    expect(page.locator(".tt-wrongs")).to_be_visible()
    type_in(page, max_train_steps="40")
    expect(page.locator(".tt-wrongs")).to_have_count(0)


@pytest.mark.usefixtures("captioned")
@pytest.mark.parametrize("size", [{"width": 1024, "height": 500}, {"width": 1440, "height": 900}])
def test_train_stays_in_sight_below_a_long_plan(page, size):
    page.set_viewport_size(size)
    changed_plan(page, lambda found: found.update(notes=[f"note {number}" for number in range(80)]))
    type_in_steps(page)
    expect(page.locator(".tt-remarks li:not(.tt-worst)")).to_have_count(80)
    page.evaluate("window.scrollTo(0, document.body.scrollHeight)")
    expect(page.locator('[data-act="train"]')).to_be_in_viewport(ratio=1)
    page.locator(".tt-plan summary").scroll_into_view_if_needed()
    expect(page.locator(".tt-plan summary")).to_be_in_viewport()
    expect(page.locator('[data-act="train"]')).to_be_in_viewport(ratio=1)


def type_in_steps(page):
    go_to(page, "Settings")
    search(page, "max_train_steps")
    type_in(page, max_train_steps="30")


@pytest.mark.usefixtures("training")
def test_form_says_during_a_run_that_changes_are_for_the_next_one(page):
    expect(page.locator('[data-act="stop"]')).to_have_text("Stop and save")
    expect(page.locator('[data-act="train"]')).to_be_hidden()
    go_to(page, "Settings")
    expect(page.locator(".tt-next")).to_have_text("Changes count for the next run.")
    type_in_steps(page)
    expect(figure(page, "steps")).to_have_text("30")
    push(page.locator('[data-act="stop"]'))
    expect(page.locator(".tt-next")).to_be_hidden()
    expect(page.locator(".tt-outcome")).to_contain_text("Everything up to here is saved.")
