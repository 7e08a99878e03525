"""Presets and settings files on the page: starting points with their reasons, own presets, files of other programs."""

import json

import pytest

from tests.browsing import HAS_CHROMIUM, answer, field, go_to, make_project, push, sync, until

pytestmark = [pytest.mark.slow, pytest.mark.filterwarnings("ignore"), HAS_CHROMIUM]
expect = sync.expect


def opened(page, name):
    make_project(page, name)
    go_to(page, "Settings")


def test_starting_point_sets_its_numbers_with_the_reason_beside_each(page, ask):
    opened(page, "started")
    page.locator(".tt-start").evaluate("(box) => (box.open = true)")
    selects = page.locator(".tt-start select")
    for number, value in enumerate(("clothing", "sdxl", "24")):
        selects.nth(number).select_option(value)
    push(page.locator('[data-preset="start"]'))
    expect(field(page, "network_dim")).to_have_value("16")
    reason = page.locator("#train_tools_network_dim .tt-reason")
    expect(reason).to_contain_text("Cut and colour need little rank")
    expect(page.locator("#train_tools_preset")).to_have_value("clothing-sdxl-24gb")
    field(page, "network_dim").fill("20")
    field(page, "network_dim").blur()
    expect(reason).to_be_hidden()
    assert ask("projects/started/versions/v1/settings")["preset"] == "clothing-sdxl-24gb"


def test_file_of_another_program_is_taken_over_and_back_and_the_rest_is_named(page, ask, tmp_path):
    opened(page, "imported")
    gui = {"LoRA_type": "Standard", "network_dim": 24, "network_alpha": 12, "epoch": 4, "max_train_steps": 0,
           "max_train_epochs": 0, "train_inpainting": True, "pretrained_model_name_or_path": "/m/a.ckpt"}  # fmt: skip
    (tmp_path / "gui.json").write_text(json.dumps(gui))
    page.locator('input[type=file][accept=".json,.toml"]').first.set_input_files(tmp_path / "gui.json")
    expect(field(page, "network_dim")).to_have_value("24")
    told = page.locator(".tt-imported")
    expect(told).to_contain_text("train_inpainting = True")
    expect(told).to_contain_text("base_model = /m/a.ckpt: choose the checkpoint")
    until(lambda: ask("projects/imported/versions/v1/settings")["values"]["max_train_epochs"] == 4)
    push(page.locator(".tt-undo"))
    expect(field(page, "network_dim")).to_have_value("16")


def test_settings_become_a_preset_of_ones_own_that_is_chosen_and_deleted(page, ask):
    opened(page, "kept")
    field(page, "network_dim").fill("28")
    field(page, "network_dim").blur()
    push(page.locator('[data-own="save"]'))
    answer(page, "my faces")
    expect(page.locator("#train_tools_preset")).to_have_value("my faces")
    page.select_option("#train_tools_preset", "defaults")
    expect(field(page, "network_dim")).to_have_value("16")
    page.select_option("#train_tools_preset", "my faces")
    expect(field(page, "network_dim")).to_have_value("28")
    push(page.locator('[data-own="delete"]'))
    push(page.locator("dialog .tt-primary"))
    until(lambda: "my faces" not in [one["name"] for one in ask("presets")["presets"]])


def test_settings_are_shown_as_a_file_for_sd_scripts(page):
    opened(page, "exported")
    page.locator(".tt-file summary").click()
    page.locator(".tt-file select").select_option("toml")
    expect(page.locator(".tt-file pre")).to_contain_text('network_module = "networks.lora"')
    expect(page.locator(".tt-file ul")).to_contain_text("sdxl_train_network.py")
