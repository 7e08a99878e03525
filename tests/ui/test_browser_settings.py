"""Settings as people type them, in one window and in two: nothing is lost, nothing is written over."""

import pytest

from tests.ui.test_browser import address, ask, browser, folder, go_to, page, pytestmark, sync, type_in  # noqa: F401

expect = sync.expect


@pytest.fixture
def version(ask, page):  # noqa: F811
    """A fresh project, shown; its place."""
    page.on("dialog", lambda dialog: dialog.accept("two"))
    if "two" not in page.locator("#train_tools_project input").input_value():
        page.click('[data-act="create-project"]')
    expect(page.locator("#train_tools_project input")).to_have_value("two")
    return "project=two&version=v1"


def test_one_invalid_setting_loses_no_other_and_two_windows_agree(version, page, browser, address, ask):  # noqa: F811
    go_to(page, "Settings")
    type_in(page, network_dim="8x")
    expect(page.locator(".tt-wrongs")).to_contain_text("must be a whole number")
    type_in(page, max_train_epochs="3", learning_rate="2e-4")
    expect(page.locator(".tt-wrongs")).to_contain_text("must be a whole number")
    page.reload()
    page.wait_for_selector(".tt-plan *")
    go_to(page, "Settings")
    for name, value in (("network_dim", "8x"), ("max_train_epochs", "3"), ("learning_rate", "0.0002")):
        expect(page.locator(f"#train_tools_{name} textarea")).to_have_value(value)
    assert ask(f"settings?{version}")["values"]["network_dim"] == 16

    other = browser.new_page()
    other.goto(address)
    other.wait_for_selector(".tt-plan *")
    go_to(other, "Settings")
    type_in(other, network_dim="12")
    expect(page.locator("#train_tools_network_dim textarea")).to_have_value("12")
    type_in(page, max_train_epochs="5")
    expect(other.locator("#train_tools_max_train_epochs textarea")).to_have_value("5")
    values = ask(f"settings?{version}")["values"]
    assert (values["network_dim"], values["max_train_epochs"], values["learning_rate"]) == (12, 5, 0.0002)
    expect(page.locator("#train_tools_network_dim textarea")).to_have_value("12")
    other.close()
