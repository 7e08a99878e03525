"""Settings as people type them, in one window and in two: nothing is lost, nothing is written over."""

import pytest

from lib_train.config.codec import read_config
from tests.browsing import (
    HAS_CHROMIUM,
    answer,
    asks_often,
    field,
    go_to,
    make_project,
    push,
    show_project,
    shows,
    sync,
    type_in,
    until,
    until_loaded,
)

pytestmark = [pytest.mark.slow, pytest.mark.filterwarnings("ignore"), HAS_CHROMIUM]
expect = sync.expect


def test_one_invalid_setting_loses_no_other_and_two_windows_agree(page, window, address, ask):
    make_project(page, "two")
    go_to(page, "Settings")
    type_in(page, network_dim="8x")
    expect(page.locator(".tt-wrongs")).to_contain_text("must be a whole number")
    type_in(page, max_train_epochs="3", learning_rate="2e-4")
    page.reload()  # at once: what was not sent yet is sent now
    go_to(page, "Settings")
    for name, value in (("network_dim", "8x"), ("max_train_epochs", "3"), ("learning_rate", "2e-4")):
        expect(field(page, name)).to_have_value(value)
    assert ask("projects/two/versions/v1/settings")["values"]["network_dim"] == 16

    other = window()
    other.goto(address)
    until_loaded(other)
    show_project(other, "two")
    for one in (page, other):
        asks_often(one)
    go_to(other, "Settings")
    expect(field(other, "learning_rate")).to_have_value("2e-4")
    type_in(other, network_dim="12")
    expect(field(page, "network_dim")).to_have_value("12")
    type_in(page, max_train_epochs="5")
    expect(field(other, "max_train_epochs")).to_have_value("5")
    values = ask("projects/two/versions/v1/settings")["values"]
    assert (values["network_dim"], values["max_train_epochs"], values["learning_rate"]) == (12, 5, 0.0002)
    expect(field(page, "network_dim")).to_have_value("12")


def test_what_one_window_makes_renames_and_deletes_is_seen_in_the_other(page, window, address, ask):
    make_project(page, "seen")
    other = window()
    other.goto(address)
    until_loaded(other)
    show_project(other, "seen")
    for one in (page, other):
        asks_often(one)
    page.click('[data-act="create-version"]')
    answer(page, "v2")
    shows(page, "seen", "v2")
    expect(other.locator("#train_tools_version option")).to_have_text(["v1", "v2"])
    shows(other, "seen", "v1")  # it is left where it is
    page.click('[data-act="rename-version"]')
    answer(page, "second")
    expect(other.locator("#train_tools_version option")).to_have_text(["second", "v1"])
    page.fill("#train_tools_notes", "wears a scarf")
    page.press("#train_tools_notes", "Enter")
    expect(other.locator("#train_tools_notes")).to_have_value("wears a scarf")
    ask("projects/seen/versions/v1", method="DELETE")
    shows(other, "seen", "second")


def test_numbers_stay_as_they_were_typed_and_go_up_and_down_by_keys(page):
    make_project(page, "numbers")
    go_to(page, "Settings")
    rate, rank = field(page, "learning_rate"), field(page, "network_dim")
    rate.fill("0.00010")
    expect(page.locator(".tt-undo")).to_have_text("Undo a setting: Learning rate")
    page.wait_for_timeout(600)  # the answer is there
    expect(rate).to_have_value("0.00010")
    for key, shown in (("ArrowUp", "2e-4"), ("ArrowDown", "1e-4"), ("ArrowDown", "9e-5")):
        rate.press(key)
        expect(rate).to_have_value(shown)
    rank.press("ArrowUp")
    expect(rank).to_have_value("17")
    page.locator("#train_tools_network_dim [type=range]").fill("24")
    expect(rank).to_have_value("24")
    rank.fill("40")
    expect(page.locator("#train_tools_network_dim [type=range]")).to_have_value("40")


def test_changes_are_taken_back_one_by_one_a_preset_as_one(page, ask):
    def values():
        return ask("projects/undone/versions/v1/settings")["values"]

    make_project(page, "undone")
    go_to(page, "Settings")
    undo = page.locator(".tt-undo")
    expect(undo).to_be_disabled()
    type_in(page, network_dim="24")
    field(page, "shuffle_caption").evaluate("(box) => box.click()")
    page.select_option("#train_tools_preset", "course")
    expect(field(page, "network_dim")).to_have_value("32")
    expect(undo).to_contain_text("settings")
    push(undo)
    expect(field(page, "network_dim")).to_have_value("24")
    expect(page.locator("#train_tools_preset")).to_have_value("defaults")
    expect(undo).to_have_text("Undo a setting: Shuffle tags")
    push(undo)
    expect(field(page, "shuffle_caption")).not_to_be_checked()
    expect(field(page, "shuffle_caption")).to_be_focused()  # wherever it stands
    push(undo)
    expect(field(page, "network_dim")).to_have_value("16")
    expect(undo).to_be_disabled()
    until(lambda: values()["network_dim"] == 16)
    assert values()["shuffle_caption"] is False


def test_page_has_a_field_for_each_setting_that_tells_what_it_is(page, ask):
    make_project(page, "fields")
    for setting in ask("settings")["settings"]:
        place = page.locator(f"#train_tools_{setting['name']}")
        expect(place).to_have_count(1)
        assert place.locator("label").text_content()
        assert place.locator("small").text_content() == setting["help"].replace("`", "")
        assert place.locator("input, select, textarea").first.get_attribute("aria-describedby")


def test_settings_are_there_as_the_file_that_the_command_line_reads(page, tmp_path):
    make_project(page, "file")
    go_to(page, "Settings")
    type_in(page, network_dim="24", preview_prompts="a\nb")
    page.click(".tt-file summary")
    text = page.locator(".tt-file pre")
    for part in ('"network_dim": 24', '"b"'):
        expect(text).to_contain_text(part)
    (tmp_path / "settings.json").write_text(text.inner_text(), encoding="utf-8")
    config, notes = read_config([tmp_path / "settings.json"])
    assert (config.network.network_dim, config.preview.preview_prompts, list(notes)) == (24, ("a", "b"), [])


def test_settings_are_found_by_their_words(page):
    make_project(page, "found")
    go_to(page, "Settings")
    for words, count in (("noise offset", 4), ("keep tokens", 2), ("no such thing", 0)):
        page.fill("#train_tools_search", words)
        fields = page.locator(".tt-form .tt-field:visible")
        expect(fields).to_have_count(count)
        expect(page.locator(".tt-none")).to_be_visible(visible=not count)
    page.fill("#train_tools_search", "")
    expect(field(page, "network_dim")).to_be_visible()
    expect(field(page, "noise_offset")).to_be_hidden()  # folded away again
    page.click("#train_tools_group_memory_and_speed > summary")
    for words in ("rank", ""):
        page.fill("#train_tools_search", words)
    expect(field(page, "cache_latents")).to_be_visible()  # as it was left


def test_settings_of_noise_and_loss_stand_in_parts_that_open_for_what_is_searched(page):
    make_project(page, "parts")
    go_to(page, "Settings")
    group = page.locator("#train_tools_group_noise_and_loss")
    group.locator(":scope > summary").click()
    parts = group.locator("details > summary")
    names = ["Noise", "Timesteps", "Weights in the loss", "Shape of the loss", "Masks", "Prior preservation"]
    expect(parts).to_have_text(names)
    expect(group.locator(".tt-field:visible")).to_have_count(0)  # each stands in a part, and those are folded
    for words, name, part in (("huber_c", "huber_c", 3), ("masks weight", "unmasked_weight", 4)):
        page.fill("#train_tools_search", words)
        expect(field(page, name)).to_be_visible()
        expect(parts.nth(part)).to_be_visible()
        expect(parts.nth(1)).to_be_hidden()
    page.fill("#train_tools_search", "")
    expect(group.locator(".tt-field:visible")).to_have_count(0)
    parts.nth(1).click()
    expect(field(page, "min_timestep")).to_be_visible()


@pytest.mark.usefixtures("captioned")
def test_setting_without_effect_says_why_at_its_place(page):
    go_to(page, "Settings")
    page.fill("#train_tools_search", "lr_scheduler")
    note = page.locator("#train_tools_lr_scheduler_power .tt-unused")
    expect(note).to_be_hidden()
    type_in(page, lr_scheduler_power="2")
    expect(note).to_have_text("Without effect now: only polynomial reads it")
    field(page, "lr_scheduler").select_option("polynomial")
    expect(note).to_be_hidden()
    page.fill("#train_tools_search", "max_train")
    note = page.locator("#train_tools_max_train_epochs .tt-unused")
    expect(note).to_be_hidden()
    type_in(page, max_train_steps="90")
    expect(note).to_have_text("Without effect now: max_train_steps is set")  # though it is as it was
    type_in(page, max_train_steps="")
    expect(note).to_be_hidden()


def test_samplers_are_added_and_taken_away(page, ask):
    make_project(page, "samplers")
    go_to(page, "Settings")
    chips, more = page.locator("#train_tools_preview_sampler .tt-chip"), field(page, "preview_sampler")
    expect(chips).to_have_text(["Euler a ×"])
    more.select_option("DDIM")
    expect(chips).to_have_text(["Euler a ×", "DDIM ×"])
    chips.first.click()
    expect(chips).to_have_text(["DDIM ×"])
    until(lambda: ask("projects/samplers/versions/v1/settings")["values"]["preview_sampler"] == ["DDIM"])


def test_numbers_for_each_block_are_typed_pasted_slid_and_taken_from_presets(page, ask):
    make_project(page, "blocks")
    go_to(page, "Settings")
    page.locator("#train_tools_group_blocks > summary").click()
    dims = field(page, "block_dims")
    sliders = page.locator("#train_tools_block_dims [type=range]")
    expect(sliders).to_have_count(25)
    expect(sliders.nth(4)).to_have_value("16")  # network_dim, where nothing stands
    dims.fill(",".join(["8"] * 12 + ["4"] * 13))
    expect(sliders.nth(11)).to_have_value("8")
    expect(sliders.nth(12)).to_have_value("4")
    sliders.first.focus()
    for key in ("ArrowRight", "ArrowUp", "ArrowUp"):  # to the next block, then its number
        page.keyboard.press(key)
    expect(sliders.nth(1)).to_be_focused()
    expect(dims).to_have_value(", ".join(["8", "10"] + ["8"] * 10 + ["4"] * 13))
    until(lambda: ask("projects/blocks/versions/v1/settings")["values"]["block_dims"][:2] == [8, 10])
    page.locator("#train_tools_block_dims .tt-chip", has_text="middle").click()
    expect(dims).to_have_value(", ".join(["0"] * 12 + ["16"] + ["0"] * 12))
    dims.fill("8, 8")
    expect(sliders.first).to_be_disabled()
    expect(page.locator("#tt-problem-block_dims")).to_contain_text("2 numbers")
    rates = page.locator("#train_tools_up_lr_weight [type=range]")
    field(page, "up_lr_weight").fill("reverse_linear+0.5")
    expect(rates).to_have_count(12)
    expect(rates.first).to_have_value("1.5")
    expect(rates.last).to_have_value("0.5")
