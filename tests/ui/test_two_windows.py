"""Two windows on one version: what one does to it, the other takes over, and nothing that was typed is lost."""

import pytest

from tests.browsing import (
    HAS_CHROMIUM,
    answer,
    asks_often,
    field,
    go_to,
    make_project,
    show_project,
    shows,
    sync,
    type_in,
    until,
    until_loaded,
)

pytestmark = [pytest.mark.slow, pytest.mark.filterwarnings("ignore"), HAS_CHROMIUM]
expect = sync.expect
LOOK = "document.dispatchEvent(new Event('visibilitychange'))"  # asks at once, not in four seconds


@pytest.fixture
def other(page, window, address):
    """A second window on a version of a project, both with their settings open."""

    def opened(project):
        make_project(page, project)
        second = window()
        second.goto(address)
        until_loaded(second)
        show_project(second, project)
        for one in (page, second):
            asks_often(one)
            go_to(one, "Settings")
            expect(field(one, "network_dim")).to_be_enabled()
        return second

    return opened


def test_version_that_another_window_deletes_lies_in_the_trash_with_what_was_typed(page, other, folder):
    second = other("deleted")
    page.click('[data-act="create-version"]')
    answer(page, "v2")
    expect(second.locator("#train_tools_version option")).to_have_count(2)
    second.select_option("#train_tools_version", "v2")
    type_in(second, network_dim="8x", max_train_epochs="7")
    expect(field(page, "max_train_epochs")).to_have_value("7")
    page.click('[data-act="delete-version"]')
    answer(page)
    second.evaluate(LOOK)
    shows(second, "deleted", "v1")
    expect(field(second, "network_dim")).to_have_value("16")
    expect(second.locator(".tt-wrong")).to_have_count(0)
    expect(second.locator(".tt-error")).to_be_hidden()
    (kept,) = (folder / "out" / ".trash").glob("*deleted-v2/version.json")
    assert '"8x"' in kept.read_text()
    assert '"max_train_epochs": 7' in kept.read_text()


def test_project_that_another_window_renames_is_followed_with_what_was_typed_meanwhile(page, other, ask):
    second = other("before")
    ask("projects", {"name": "newer"})
    type_in(second, max_train_epochs="7")
    until(lambda: ask("projects/before/versions/v1/settings")["values"]["max_train_epochs"] == 7)
    now = ask("now?project=before&version=v1")
    second.route("**/v1/now?*", lambda route: route.fulfill(json=now))  # it does not hear of it yet
    ask("projects/before", {"name": "after"}, method="PATCH")
    with second.expect_response(lambda answer: answer.status == 404):
        type_in(second, network_dim="9")
    second.unroute("**/v1/now?*")
    for one in (second, page):
        one.evaluate(LOOK)
        shows(one, "after")
        expect(field(one, "network_dim")).to_have_value("9")
        expect(field(one, "max_train_epochs")).to_have_value("7")


def test_project_that_another_window_deletes_is_left(page, other):
    second = other("gone")
    page.click('[data-act="delete-project"]')
    answer(page)
    second.evaluate(LOOK)
    expect(second.locator("#train_tools_project")).not_to_have_value("gone")
    expect(second.locator(".tt-error")).to_be_hidden()


def test_same_setting_typed_in_both_windows_is_what_was_typed_last(page, other, ask):
    second = other("both")
    type_in(page, network_dim="8x", max_train_epochs="3")
    type_in(second, network_dim="12x", learning_rate="2e-4")

    def found():
        return ask("projects/both/versions/v1/settings")

    until(lambda: found()["drafts"] == {"network_dim": "12x"})
    for one in (page, second):
        one.evaluate(LOOK)
        expect(field(one, "network_dim")).to_have_value("12x")
        expect(field(one, "max_train_epochs")).to_have_value("3")
        expect(field(one, "learning_rate")).to_have_value("2e-4")
    assert found()["values"]["max_train_epochs"] == 3


def test_what_is_typed_while_the_server_is_away_reaches_the_next_one_and_both_windows(window, tmp_path):
    from lib_train.app.session import Session
    from lib_train.ui import serve
    from tests.fakes import FakeHost

    (tmp_path / "fake.safetensors").touch()

    def start(port):
        return serve.start(Session(FakeHost(tmp_path / "fake.safetensors"), tmp_path / "out"), port)

    served = start(0)
    page, second = window(), window()
    page.goto(served.address)
    until_loaded(page)
    make_project(page, "away")
    second.goto(served.address)
    for one in (page, second):
        shows(one, "away")
        until_loaded(one)
        asks_often(one)
        go_to(one, "Settings")
        expect(field(one, "network_dim")).to_be_enabled()
    served.stop()
    type_in(page, network_dim="9")
    type_in(second, max_train_epochs="7")
    for one in (page, second):
        one.evaluate(LOOK)
        expect(one.locator(".tt-gone")).to_be_visible()
    page.click('[data-act="rename-version"]')
    dialog = page.locator(".tt-dialog")
    dialog.locator("input").fill("v9")
    dialog.locator(".tt-primary").click()
    expect(dialog.locator("[role=alert]")).to_have_text("No answer. Try again.")
    page.keyboard.press("Escape")
    expect(dialog).to_have_count(0)
    again = start(int(served.address.rpartition(":")[2]))
    try:
        for one in (page, second):
            one.evaluate(LOOK)
            expect(one.locator(".tt-gone")).to_be_hidden()
        for one in (page, second):
            expect(field(one, "network_dim")).to_have_value("9")
            expect(field(one, "max_train_epochs")).to_have_value("7")
    finally:
        again.stop()
