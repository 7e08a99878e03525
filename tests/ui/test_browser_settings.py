"""Settings as people type them, in one window and in two: nothing is lost, nothing is written over."""

import pytest

from tests.browsing import HAS_CHROMIUM, go_to, make_project, sync, type_in, until_loaded

pytestmark = [pytest.mark.slow, pytest.mark.filterwarnings("ignore"), HAS_CHROMIUM]
expect = sync.expect
HEARD = "() => window.trainTools.settings().learning_rate === '2e-4'"
"""gradio tells the script of a change some time after the input has it."""


def test_one_invalid_setting_loses_no_other_and_two_windows_agree(page, window, address, ask):
    make_project(page, "two")
    go_to(page, "Settings")
    type_in(page, network_dim="8x")
    expect(page.locator(".tt-wrongs")).to_contain_text("must be a whole number")
    type_in(page, max_train_epochs="3", learning_rate="2e-4")
    page.wait_for_function(HEARD)
    page.reload()  # at once: what was not sent yet is sent now
    until_loaded(page)
    go_to(page, "Settings")
    for name, value in (("network_dim", "8x"), ("max_train_epochs", "3"), ("learning_rate", "0.0002")):
        expect(page.locator(f"#train_tools_{name} textarea")).to_have_value(value)
    assert ask("projects/two/versions/v1/settings")["values"]["network_dim"] == 16

    other = window()
    other.goto(address)
    until_loaded(other)
    go_to(other, "Settings")
    type_in(other, network_dim="12")
    expect(page.locator("#train_tools_network_dim textarea")).to_have_value("12")
    type_in(page, max_train_epochs="5")
    expect(other.locator("#train_tools_max_train_epochs textarea")).to_have_value("5")
    values = ask("projects/two/versions/v1/settings")["values"]
    assert (values["network_dim"], values["max_train_epochs"], values["learning_rate"]) == (12, 5, 0.0002)
    expect(page.locator("#train_tools_network_dim textarea")).to_have_value("12")
