"""The list of checkpoints by run and order, the strip of newest samples, and the tab on a phone."""

import re

import pytest

from tests.browsing import HAS_CHROMIUM, PATIENCE, show_project, sync, until, until_loaded

pytestmark = [pytest.mark.slow, pytest.mark.filterwarnings("ignore"), HAS_CHROMIUM]
expect = sync.expect

SMALL = """() => [...document.querySelectorAll(".tt-main aside.tt-panel button, summary, .tt-row button, select")]
    .filter((one) => one.checkVisibility() && one.getBoundingClientRect().height < 32).map((one) => one.outerHTML)"""
"""Controls that a finger would miss."""


def again(ask, project):
    """Another run of the same settings, to its end."""
    ask("jobs", {"kind": "train", "project": project, "version": "v1"})
    until(lambda: not ask("jobs")["busy"])


def names(page):
    return page.locator(".tt-row").evaluate_all("(rows) => rows.map((row) => row.dataset.name)")


def test_checkpoints_are_shown_by_run_and_order_which_the_window_remembers(trained, ask, page, window, address):
    again(ask, trained)
    expect(page.locator(".tt-row")).to_have_count(6)
    found = ask(f"projects/{trained}/versions/v1/checkpoints")["checkpoints"]
    newest = [one["name"] for one in found]
    assert names(page) == newest
    page.select_option('[data-choice="sort"]', "loss")
    assert names(page) == [one["name"] for one in sorted(found, key=lambda one: one["loss"])]
    page.select_option('[data-choice="sort"]', "oldest")
    assert names(page) == newest[::-1]
    page.select_option('[data-choice="run"]', "r001")
    assert names(page) == newest[:2:-1]
    expect(page.locator(".tt-checkpoints .tt-fold > summary")).to_contain_text("3 / 6")
    page.reload()
    expect(page.locator(".tt-row")).to_have_count(3)
    assert names(page) == newest[:2:-1]
    expect(page.locator('[data-choice="run"]')).to_have_value("r001")

    page.locator(".tt-row").first.locator(".tt-strip a").first.press("Enter")
    says = page.locator(".tt-large .tt-fine")
    for key, step in (
        ("ArrowLeft", 8),
        ("ArrowRight", 16),
        ("ArrowRight", 24),
        ("ArrowRight", 24),
    ):  # of this run alone
        page.keyboard.press(key)
        expect(says).to_contain_text(f"step {step}   ")
    page.keyboard.press("Escape")

    other = window()
    other.goto(address)
    until_loaded(other)
    show_project(other, trained)
    expect(other.locator(".tt-row")).to_have_count(6)


def test_a_checkpoint_is_trained_on_from_with_its_own_sizes(trained, ask, page):
    page.locator(".tt-row").first.locator('[data-act="go-on-from"]').click()
    field = page.locator("#train_tools_network_weights input")
    newest = ask(f"projects/{trained}/versions/v1/checkpoints")["checkpoints"][0]
    expect(field).to_have_value(newest["path"])
    expect(field).to_be_focused()
    until(lambda: ask(f"projects/{trained}/versions/v1/settings")["values"]["dim_from_weights"])
    note = page.get_by_text(f"training goes on from {newest['name']}: LoRA of rank ").first
    expect(note).to_be_visible()


@pytest.mark.usefixtures("trained")
def test_newest_samples_stand_in_a_strip_and_are_seen_large(page):
    samples = page.locator(".tt-samples a")
    expect(samples).to_have_count(3)  # of three checkpoints at their full weight
    expect(samples.locator("i")).to_have_text(["24", "16", "8"])
    samples.first.press("Enter")
    expect(page.locator(".tt-large .tt-fine")).to_contain_text("step 24   weight 1")
    page.keyboard.press("ArrowLeft")
    expect(page.locator(".tt-large .tt-fine")).to_contain_text("step 16   weight 1")
    page.keyboard.press("Escape")
    expect(samples.nth(1)).to_be_focused()


@pytest.fixture
def phone(browser, address):
    context = browser.new_context(viewport={"width": 390, "height": 844}, has_touch=True, is_mobile=True)
    page = context.new_page()
    page.set_default_timeout(1000 * PATIENCE)
    page.goto(address)
    yield page
    context.close()


@pytest.mark.usefixtures("trained")
def test_phone_has_train_on_top_lists_folded_and_a_chart_that_is_zoomed_by_touch(phone):
    train = phone.locator('[data-act="train"]')
    expect(train).to_be_in_viewport(ratio=1)
    expect(phone.locator(".tt-samples a")).to_have_count(3)
    for list_ in (".tt-messages", ".tt-rows", ".tt-plan pre"):
        expect(phone.locator(list_)).to_be_hidden()
    phone.tap(".tt-checkpoints summary")
    expect(phone.locator(".tt-row")).to_have_count(3)
    whole, back = phone.locator(".tt-curve"), phone.locator(".tt-zoom-out")
    whole.scroll_into_view_if_needed()
    phone.tap('[data-zoom="+"]')
    expect(back).to_be_visible()
    phone.tap('[data-zoom="-"]')
    expect(back).to_be_hidden()
    assert phone.evaluate("document.documentElement.scrollWidth") == 390
    assert phone.evaluate(SMALL) == []


def test_checkpoints_are_measured_and_the_figures_say_which_to_take(trained, ask, page):
    again(ask, trained)
    judge = page.locator(".tt-judge")
    judge.get_by_role("button", name="Measure checkpoints").click()
    expect(judge.locator(".tt-judge-charts figure")).to_have_count(3, timeout=120_000)
    found = ask(f"projects/{trained}/versions/v1/figures")
    expect(judge.locator(".tt-suggestion")).to_have_text(found["suggestion"]["reason"])
    learned = judge.locator("figure").first
    expect(learned).to_contain_text(found["shown"][0]["help"])
    newest = [one for one in found["checkpoints"] if one["run"] == found["checkpoints"][-1]["run"]]
    expect(learned.locator("circle")).to_have_count(len(newest))
    expect(learned.locator(".tt-judge-scale span")).to_have_text([re.compile(r"^-?\d+ %$")] * 2)
    expect(learned.locator(".tt-judge-ends span")).to_have_text(
        [f"step {newest[0]['step']}", f"step {newest[-1]['step']}"]
    )
    expect(learned.locator("svg")).to_have_attribute("aria-label", re.compile(r"^Learned: -?\d+ %, "))
    expect(judge).to_contain_text(f"{len(found['checkpoints'])} measured in")
