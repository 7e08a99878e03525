"""What a screen reader says without being asked: what has come of something, once; no figure that moves."""

import pytest

from tests.browsing import HAS_CHROMIUM, field, go_to, make_project, push, sync, until

pytestmark = [pytest.mark.slow, pytest.mark.filterwarnings("ignore"), HAS_CHROMIUM]
expect = sync.expect
LISTEN = """() => {
    const regions = "[role=status], [role=alert], [role=log], [aria-live=polite], [aria-live=assertive], output";
    window.spoken = [];
    const heard = (changes) => {
        const changed = changes.map(({target}) => (target.closest ? target : target.parentElement).closest(regions));
        for (const region of new Set(changed)) {
            const words = region && region.checkVisibility() && region.textContent.trim();
            if (words) spoken.push(words);
        }
    };
    new MutationObserver(heard).observe(document.querySelector("#train_tools_root"),
        {subtree: true, childList: true, characterData: true, attributes: true, attributeFilter: ["hidden"]});
}"""


def spoken(page):
    """What was said since this was asked before."""
    return page.evaluate("spoken.splice(0)")


@pytest.fixture
def heard(page):
    page.evaluate(LISTEN)
    return page


def polled(page, times):
    for _ in range(times):
        with page.expect_response(lambda answer: "/now?" in answer.url):
            page.evaluate("document.dispatchEvent(new Event('visibilitychange'))")


@pytest.mark.usefixtures("captioned")
def test_typing_is_followed_by_the_plan_in_one_short_sentence(heard):
    go_to(heard, "Settings")
    polled(heard, 1)
    spoken(heard)
    epochs = field(heard, "max_train_epochs")
    epochs.press("Control+a")
    epochs.press_sequentially("1234", delay=20)
    expect(heard.locator('[data-figure="epochs"]')).to_contain_text("1234")
    said = spoken(heard)
    assert len(said) == 1
    assert "7,404 steps" in said[0]
    assert len(said[0]) < 100
    epochs.fill("1e9")
    expect(heard.locator(".tt-wrongs")).to_be_visible()
    assert ["1 problem" in one for one in spoken(heard)] == [True]


@pytest.mark.usefixtures("training")
def test_nothing_is_said_of_steps_and_losses_while_a_run_goes_on(heard):
    expect(heard.locator(".tt-curve")).to_be_visible()
    expect(heard.locator(".tt-worst")).to_contain_text("look nearly like another")  # all pictures are looked at
    for project in ("ours", "other"):
        if project == "other":
            make_project(heard, "silent")
            expect(heard.locator(".tt-other")).to_be_visible()
        until(lambda: (polled(heard, 2), spoken(heard))[1] == [])
        polled(heard, 5)
        assert spoken(heard) == []


@pytest.mark.usefixtures("training")
def test_end_of_a_run_is_said_once(heard):
    push(heard.locator('[data-act="stop"]'))
    expect(heard.locator(".tt-outcome")).to_be_visible()
    polled(heard, 3)
    said = [one for one in spoken(heard) if "Stopped" in one]
    assert len(said) == 1
    assert "can be resumed" in said[0]
