"""The run panel over time: of the chosen version alone, silent while nobody looks, honest when nobody answers."""

import pytest

from tests.browsing import (
    HAS_CHROMIUM,
    PATIENCE,
    answer,
    go_to,
    make_project,
    shows,
    sync,
    type_in,
    until,
    until_loaded,
)

pytestmark = [pytest.mark.slow, pytest.mark.filterwarnings("ignore"), HAS_CHROMIUM]
expect = sync.expect
STATUS = "**/train-tools/v1/now?**"


def test_run_of_another_project_is_one_line_with_a_way_to_it(training, page):
    expect(page.locator('[data-act="stop"]')).to_be_visible()
    make_project(page, "quiet")
    other = page.locator(".tt-other")
    expect(other).to_contain_text(f"Training: {training} / v1")
    for hidden in ('[data-act="stop"]', ".tt-bar", ".tt-curve", ".tt-now", ".tt-samples", ".tt-outcome"):
        expect(page.locator(hidden)).to_be_hidden()
    expect(page.locator(".tt-messages")).to_be_hidden()
    page.click('[data-act="show-running"]')
    shows(page, training)
    expect(page.locator('[data-act="stop"]')).to_be_visible()
    expect(page.locator(".tt-bar")).to_be_visible()
    expect(other).to_be_hidden()


@pytest.fixture
def still(browser, address):
    """A page whose time stands: ``still.clock.run_for`` has it pass, however slow the machine is."""
    context = browser.new_context(viewport={"width": 1500, "height": 1000})
    page = context.new_page()
    page.set_default_timeout(1000 * PATIENCE)
    page.clock.install()
    page.goto(address)
    until_loaded(page)
    page.wait_for_load_state("networkidle")
    page.clock.pause_at(page.evaluate("() => Date.now() + 1000"))
    yield page
    context.close()


def settled(page):
    """What the page had asked has been answered, and its script has gone on with it and set its next timer."""
    page.evaluate("async () => { for (let i = 0; i < 3; i++) await fetch('./robots.txt'); }")


def test_nothing_is_asked_while_the_page_or_the_tab_is_hidden(still):
    asked = []
    still.on("request", lambda request: asked.append(request.url.rpartition("/")[2]))
    for hide, show in (
        ("Object.defineProperty(document, 'hidden', {get: () => true, configurable: true})", "delete document.hidden"),
        ("document.querySelector('#train_tools_root').style.display = 'none'",
         "document.querySelector('#train_tools_root').style.display = ''"),
    ):  # fmt: skip
        still.evaluate(f"() => {{ {hide}; document.dispatchEvent(new Event('visibilitychange')); }}")
        settled(still)
        asked.clear()
        still.clock.run_for(60_000)
        settled(still)
        assert set(asked) == {"robots.txt"}
        with still.expect_event("requestfinished", lambda request: "/now?" in request.url):
            still.evaluate(f"() => {{ {show}; }}")
            still.clock.run_for(1_000)


def test_server_that_is_gone_is_told_within_five_seconds_and_the_page_comes_back(still):
    gone, routes = still.locator(".tt-gone"), []
    for answers in (True, False):  # that nothing is there, or not at all
        still.route("**/train-tools/**", lambda route, now=answers: route.abort() if now else routes.append(route))
        with still.expect_request(STATUS):
            for _ in range(9):  # an answer that comes late on a slow machine sets its timer between two of them
                still.clock.run_for(500)
                settled(still)
        if not answers:
            still.clock.run_for(4_500)
        expect(gone).to_contain_text("Train Tools does not answer; a run goes on if its program still lives")
        still.unroute("**/train-tools/**")
        for route in routes:
            route.abort()
        until(lambda: still.clock.run_for(500) or gone.is_hidden())
        settled(still)


def test_message_goes_when_its_cause_goes(page):
    make_project(page, "caused")
    go_to(page, "Settings")
    type_in(page, network_dim="x")
    expect(page.locator(".tt-wrongs")).to_be_visible()
    page.click('[data-act="train"]')
    expect(page.locator(".tt-error")).to_contain_text("must be a whole number")
    type_in(page, network_dim="16")
    expect(page.locator(".tt-error")).to_be_hidden()


def test_name_that_cannot_be_used_is_told_where_it_is_written_until_another_is(page):
    make_project(page, "first")
    page.click('[data-act="create-project"]')
    dialog = page.locator(".tt-dialog")
    dialog.locator("input").fill("first")
    dialog.locator(".tt-primary").click()
    expect(dialog.locator("[role=alert]")).to_contain_text("there is one of this name already")
    expect(dialog.locator("input")).to_have_value("first")
    expect(dialog.locator("input")).to_be_focused()
    dialog.locator("input").fill("a/b")
    dialog.locator("input").press("Enter")
    expect(dialog.locator("[role=alert]")).to_contain_text("use letters, digits")
    expect(page.locator(".tt-error")).to_be_hidden()
    answer(page, "second")
    shows(page, "second")
