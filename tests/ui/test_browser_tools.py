"""Tools on LoRA files: what is in one, and another one made of it."""

import pytest
import torch
from safetensors.torch import load_file, save_file

from tests.browsing import HAS_CHROMIUM, sync, until

pytestmark = [pytest.mark.slow, pytest.mark.filterwarnings("ignore"), HAS_CHROMIUM]
expect = sync.expect


@pytest.fixture
def tools(trained, page):
    """The page of tools, which shows the newest checkpoint of a project."""
    page.click('[data-page="tools"]')
    expect(page.locator(".tt-lora-head b")).to_have_text(f"{trained}-v1-r001.safetensors")
    expect(page.locator('[data-lora="start"]')).to_be_enabled()
    return page


def choose(page, tool):
    page.locator(".tt-lora-tool .tt-segments").get_by_text(tool, exact=True).click()


def cell(page, name, column):
    """Text of the table of before and after."""
    return page.locator(".tt-lora-result tbody tr", has=page.get_by_text(name, exact=True)).locator("td").nth(column)


def test_file_shows_its_facts_and_how_much_it_changes_each_block(tools):
    facts = tools.locator(".tt-lora-facts").first
    expect(facts).to_contain_text("AutoV3")
    expect(facts).to_contain_text("kohya's")
    expect(tools.locator(".tt-norm-chart i:not([data-none])")).not_to_have_count(0)
    tools.click(".tt-norms summary")
    expect(tools.locator(".tt-norms tbody tr")).not_to_have_count(0)


def test_checkpoint_is_resized_and_shown_before_and_after(trained, tools):
    tools.fill("#tt-input-tool_rank", "1")
    expect(tools.locator("#tt-input-tool_name")).to_have_value(f"{trained}-v1-r001-small")
    tools.click('[data-lora="start"]')
    expect(cell(tools, "Rank", 0)).to_have_text("2")
    expect(cell(tools, "Rank", 1)).to_have_text("1")
    expect(tools.locator(".tt-lora-result")).to_contain_text("Relative error")
    expect(tools.locator(".tt-row")).to_have_count(4)
    tools.click('[data-lora="look"]')
    expect(tools.locator(".tt-lora-head b")).to_have_text(f"{trained}-v1-r001-small.safetensors")
    tools.reload()
    tools.click('[data-page="tools"]')
    expect(cell(tools, "Rank", 1)).to_have_text("1")  # what was done last is told again


def test_weights_of_blocks_are_drawn_before_they_are_baked_in(trained, tools):
    choose(tools, "Block weights")
    tools.fill("#tt-input-tool_weights", "NOBODY")
    tools.click('[data-lora="try"]')
    expect(tools.locator("#train_tools_tool_weights .tt-problem")).to_contain_text("'NOBODY' is no number")
    tools.fill("#tt-input-tool_weights", "0.5")
    tools.click('[data-lora="try"]')
    shown = tools.locator(".tt-row").first.locator(".tt-strip i")
    expect(shown).to_have_text(["0", "1", "0.5", "ALL"])
    assert tools.locator(".tt-row").count() == 3
    expect(tools.locator(".tt-row").first.locator(".tt-strip a").last).to_have_attribute(
        "title", "weight 1, blocks ALL"
    )


def test_face_is_baked_and_both_files_are_drawn(ask, trained, tools):
    choose(tools, "Block weights")
    tools.fill("#tt-input-tool_weights", "FACE")
    tools.click('[data-lora="start"]')
    expect(tools.locator(".tt-lora-result")).to_contain_text("layers are left out")
    before = ask(f"projects/{trained}/versions/v1/previews")["sheets"]
    tools.click('[data-lora="preview"]')
    until(lambda: len(ask(f"projects/{trained}/versions/v1/previews")["sheets"]) == len(before) + 1)


def test_what_is_wrong_stands_at_its_field_and_stays_until_it_is_put_right(tools):
    tools.click('[data-lora="start"]')
    wrong = tools.locator("#train_tools_tool_rank .tt-problem")
    expect(wrong).to_contain_text("give rank, or one of sv_ratio")
    tools.fill("#tt-input-tool_rank", "1")
    tools.fill("#tt-input-tool_name", "a/b")
    tools.click('[data-lora="start"]')
    expect(tools.locator("#train_tools_tool_name .tt-problem")).to_contain_text("is no name of a file")
    expect(wrong).to_be_hidden()
    assert tools.locator(".tt-lora-result").count() == 0


def test_what_turns_out_to_be_wrong_at_work_stands_at_its_field_too(tools):
    choose(tools, "Block weights")
    tools.fill("#tt-input-tool_weights", "1,2,3")
    tools.click('[data-lora="start"]')
    wrong = tools.locator("#train_tools_tool_weights .tt-problem")
    expect(wrong).to_contain_text("give a list of 17, 25, 26")
    tools.fill("#tt-input-tool_weights", "0.5")
    tools.click('[data-lora="start"]')
    expect(tools.locator(".tt-lora-result")).to_be_visible()
    expect(wrong).to_be_hidden()


def test_file_is_named_by_its_path(trained, tools, folder):
    tools.locator(".tt-lora-pick select").select_option("path:")
    path = tools.locator(".tt-lora-pick input")
    path.fill(str(folder / "none.safetensors"))
    path.press("Tab")
    expect(tools.locator(".tt-lora-about .tt-problem")).to_contain_text("there is no such folder or file")
    path.fill(str(next((folder / "out" / trained).glob("versions/v1/checkpoints/*.safetensors"))))
    path.press("Tab")
    expect(tools.locator(".tt-lora-head")).to_contain_text("SD1")


def test_two_files_are_merged_each_with_its_weight(trained, tools):
    choose(tools, "Merge")
    more = tools.locator(".tt-lora-merged")
    more.locator("select").select_option(label=more.locator("option").nth(2).inner_text())
    more.locator(".tt-lora-weight").fill("0.5")
    tools.click('[data-lora="start"]')
    expect(tools.locator(".tt-lora-result thead th")).to_have_count(3)
    expect(cell(tools, "Rank", 2)).to_have_text("4")
    expect(tools.locator(".tt-lora-result thead")).to_contain_text(f"{trained}-v1-r001-merged.safetensors")


def test_file_is_converted_with_trigger_words(trained, tools):
    choose(tools, "Convert")
    tools.fill("#tt-input-tool_trigger", "mochi cat")
    tools.get_by_text("Its newest preview as its picture").click()
    tools.click('[data-lora="start"]')
    tools.click('[data-lora="look"]')
    expect(tools.locator(".tt-lora-facts").first).to_contain_text("mochi cat")


def test_extraction_names_what_it_lacks(tools):
    choose(tools, "Extract")
    tools.fill("#tt-input-tool_name", "x")
    tools.click('[data-lora="start"]')
    expect(tools.locator("#train_tools_tool_files .tt-problem")).to_have_text("choose a file")


def test_extracted_file_is_not_put_beside_checkpoints(tools):
    places = tools.locator(".tt-lora-tool form select").last
    expect(places).to_have_value("beside")
    choose(tools, "Extract")
    expect(places.locator("option")).to_have_text(["Among the checkpoints of this version", "LoRA folder of the WebUI"])
    expect(places).to_have_value("host")
    choose(tools, "Resize")
    expect(places).to_have_value("beside")


def test_version_takes_the_settings_of_a_file_and_can_take_them_back(tools, trained, ask):
    route = f"projects/{trained}/versions/v1/settings"
    ask(route, {"changes": {"network_dim": "16"}}, method="PATCH")
    tools.reload()
    tools.click('[data-page="tools"]')
    tools.click('[data-lora="like"]')
    expect(tools.locator(".tt-lora-like p")).to_contain_text("as in the file now")
    until(lambda: ask(route)["values"]["network_dim"] == 2)
    tools.click('[data-page="settings"]')
    tools.click(".tt-undo")
    until(lambda: ask(route)["values"]["network_dim"] == 16)


def test_base_checkpoint_is_asked_for_where_a_chosen_file_needs_it(ask, trained, tools, folder):
    base = tools.locator("#train_tools_tool_base")
    expect(base).to_be_hidden()
    source = next(folder.rglob(f"{trained}-v1-r001.safetensors"))
    tensors = load_file(source)
    names = {key.partition(".")[0] for key in tensors}
    for name in names:
        down = tensors[f"{name}.lora_down.weight"]
        tensors[f"{name}.dora_scale"] = torch.ones(1, down.shape[1], *(1,) * (down.dim() - 2))
    dora = source.with_name("with-lengths.safetensors")
    save_file(tensors, dora)
    choose(tools, "Merge")
    expect(base).to_be_hidden()
    merged = tools.locator(".tt-lora-merged select").last
    merged.select_option("path:")
    tools.locator(".tt-lora-merged input[type=text]").first.fill(str(dora))
    tools.locator(".tt-lora-merged input[type=text]").first.blur()
    expect(base).to_be_visible()
    choose(tools, "Convert")
    expect(base).to_be_hidden()
    choose(tools, "Merge")
    expect(base).to_be_visible()
    tools.fill("#train_tools_tool_base input", "/nowhere/x.safetensors")
    tools.click('[data-lora="start"]')
    expect(tools.locator("#train_tools_tool_base .tt-problem")).not_to_be_empty()
    tools.locator(".tt-lora-merged").last.get_by_label("Remove").click()
    expect(base).to_be_hidden()
    dora.unlink()
