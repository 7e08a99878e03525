"""The run panel over time: of the chosen version alone, silent while nobody looks, honest when nobody answers."""

import time

from tests.ui.test_browser import (  # noqa: F401
    address,
    ask,
    browser,
    folder,
    page,
    pytestmark,
    sync,
    training,
    type_in,
)

expect = sync.expect


def test_run_of_another_project_is_one_line_with_a_way_to_it(training, page):  # noqa: F811
    page.on("dialog", lambda dialog: dialog.accept("quiet"))
    expect(page.locator('[data-act="stop"]')).to_be_visible()
    page.click('[data-act="create-project"]')
    expect(page.locator("#train_tools_project input")).to_have_value("quiet")
    other = page.locator(".tt-other")
    expect(other).to_contain_text(f"Training: {training} / v1")
    for hidden in ('[data-act="stop"]', ".tt-bar", ".tt-curve", ".tt-now", ".tt-latest", ".tt-outcome"):
        expect(page.locator(hidden)).to_be_hidden()
    assert page.locator(".tt-messages").inner_text() == ""
    page.click('[data-act="show-running"]')
    expect(page.locator("#train_tools_project input")).to_have_value(training)
    expect(page.locator('[data-act="stop"]')).to_be_visible()
    expect(page.locator(".tt-bar")).to_be_visible()
    expect(other).to_be_hidden()


def test_nothing_is_asked_while_the_page_or_the_tab_is_hidden(page):  # noqa: F811
    asked = []
    page.on("request", lambda request: asked.append(request.url))
    for hide, show in (
        ("Object.defineProperty(document, 'hidden', {get: () => true, configurable: true})", "delete document.hidden"),
        ("document.querySelector('#train_tools_root').style.display = 'none'",
         "document.querySelector('#train_tools_root').style.display = ''"),
    ):  # fmt: skip
        page.evaluate(f"() => {{ {hide}; document.dispatchEvent(new Event('visibilitychange')); }}")
        time.sleep(1)  # what was on its way
        asked.clear()
        time.sleep(6)
        assert asked == []
        page.evaluate(f"() => {{ {show}; document.dispatchEvent(new Event('visibilitychange')); }}")
        for _ in range(40):
            page.wait_for_timeout(50)
            if any("status" in url for url in asked):
                break
        assert any("status" in url for url in asked)


def test_server_that_is_gone_is_told_within_five_seconds_and_the_page_comes_back(page):  # noqa: F811
    gone = page.locator(".tt-gone")
    expect(gone).to_be_hidden()
    page.route("**/train-tools/**", lambda route: route.abort())
    since = time.monotonic()
    expect(gone).to_contain_text("The WebUI does not answer; the run goes on if it still lives", timeout=15_000)
    assert time.monotonic() - since < 8  # five, and a busy machine
    page.click('[data-act="train"]')
    page.unroute("**/train-tools/**")
    expect(gone).to_be_hidden()


def test_message_goes_when_its_cause_goes(page):  # noqa: F811
    page.on("dialog", lambda dialog: dialog.accept("caused"))
    page.click('[data-act="create-project"]')
    expect(page.locator("#train_tools_project input")).to_have_value("caused")
    type_in(page, resolution="x")
    expect(page.locator(".tt-wrongs")).to_be_visible()
    page.click('[data-act="train"]')
    expect(page.locator(".tt-error")).to_contain_text("must be a whole number")
    type_in(page, resolution="128")
    expect(page.locator(".tt-error")).to_be_hidden()


def test_upload_without_a_project_is_told_until_there_is_one(page, tmp_path):  # noqa: F811
    page.on("dialog", lambda dialog: dialog.accept("first"))
    (tmp_path / "a.png").write_bytes(b"x")
    names = len(page.evaluate("() => window.trainTools.tools.names()"))
    page.evaluate(f"() => window.trainTools.changed(['', '', ...Array({names}).fill('')])")  # as with an empty folder
    page.set_input_files(".tt-drop input[type=file]", [str(tmp_path / "a.png")])
    expect(page.locator(".tt-error")).to_contain_text("Make a project first")
    page.click('[data-act="create-project"]')
    expect(page.locator("#train_tools_project input")).to_have_value("first")
    expect(page.locator(".tt-error")).to_be_hidden()
