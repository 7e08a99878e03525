"""The page Tools inside the real WebUI, in a real browser: what it makes is read by the WebUI around it.

With ``TRAIN_TOOLS_SHOTS`` set to a folder, pictures of the page are kept there.
"""

import pytest
import torch
from safetensors.torch import load_file, save_file

from lib_train.checkpoints.inspect import inspected
from tests.browsing import HAS_CHROMIUM, sync
from tests.lora_tools.networks import dense_in, distance
from tests.webui.patience import until
from tests.webui.test_browser import kept, open_tab
from tests.webui.test_real_webui import SETTINGS, before, require_same_files, require_untouched  # noqa: F401

pytestmark = [pytest.mark.webui, HAS_CHROMIUM]
expect = sync.expect
PLACE = "train-tools/v1/projects/tooled/versions/v1"
PROMPT = "mochi, large, center"
SLOW, WIDE = "slow.safetensors", 1280
"""A file whose layers are dense and as wide as SDXL's: each takes about a second to be a LoRA of many ranks."""


@pytest.fixture(scope="module")
def files(webui):
    """Two checkpoints of one run, the newest first."""
    settings = {"max_train_steps": "20", "save_every_n_steps": "10", "save_precision": "float"}
    webui.train("tooled", {**SETTINGS, **settings, "preview_after_training": False})
    assert webui.wait("tooled")["phase"] == "finished"
    found = webui.checkpoints("tooled")
    assert len(found) == 2
    return found


@pytest.fixture
def tools(webui, files, before, page):  # noqa: F811
    """The page, which shows the newest checkpoint; the host must be untouched afterwards."""
    open_tab(page, webui.address)
    page.select_option("#train_tools_project", "tooled")
    page.click('[data-page="tools"]')
    expect(page.locator(".tt-lora-head b")).to_have_text(files[0].name)
    expect(page.locator('[data-lora="start"]')).to_be_enabled()
    yield page
    require_untouched(webui, before)


def choose(page, tool, place=None):
    page.locator(".tt-lora-tool .tt-segments").get_by_text(tool, exact=True).click()
    if place:
        page.locator(".tt-lora-tool form select").last.select_option(label=place)


def make(page, name=None):
    """Press the button; the table of before and after comes."""
    if name is not None:
        page.fill("#tt-input-tool_name", name)
    page.click('[data-lora="start"]')
    made, refused = page.locator(".tt-lora-result thead th").last, page.locator(".tt-lora-tool .tt-refused")
    expect(made.get_by_text(f"{name}.safetensors").or_(refused)).to_be_visible()
    assert refused.all_inner_texts() + page.locator(".tt-lora-tool .tt-problem:visible").all_inner_texts() == []


def cells(page, row):
    """Texts of a row of the table of before and after."""
    return (
        page.locator(".tt-lora-result tbody tr", has=page.get_by_text(row, exact=True)).locator("td").all_inner_texts()
    )


def in_lora_folder(webui, name):
    return webui.data / "models" / "Lora" / f"{name}.safetensors"


def known(webui):
    """Names of the LoRA files that the WebUI itself offers."""
    return {one["name"] for one in webui.ask("sdapi/v1/loras")}


HOST = "LoRA folder of the WebUI"


def test_a_resized_file_lies_in_the_webui_s_folder_and_prompts_know_it_at_once(webui, tools, files):
    facts = tools.locator(".tt-lora-facts").first
    expect(facts).to_contain_text("kohya's")
    expect(facts).to_contain_text("AutoV3")
    choose(tools, "Resize", HOST)
    tools.fill("#tt-input-tool_rank", "2")
    make(tools, "tooled-small")
    kept(tools, "tools-resized")
    made = in_lora_folder(webui, "tooled-small")
    assert (cells(tools, "Rank")[0][0], cells(tools, "Rank")[1]) == ("8", "2")
    shown = tools.locator(".tt-lora-result").get_by_text("Relative error").inner_text()
    assert float(shown.split(":")[1].strip(" %")) / 100 == pytest.approx(
        distance(dense_in(made), dense_in(files[0])), abs=6e-4
    )
    assert "tooled-small" in known(webui)
    one, plain = (webui.picture(f"{tag}{PROMPT}", seed=7).tobytes() for tag in ("<lora:tooled-small:1>", ""))
    assert one != plain
    tools.click('[data-lora="look"]')
    expect(tools.locator(".tt-lora-head b")).to_have_text(made.name)


def test_two_files_merged_draw_what_both_draw_together(webui, tools, files):
    choose(tools, "Merge", HOST)
    more = tools.locator(".tt-lora-merged")
    more.locator("select").select_option(f"tooled/versions/v1/checkpoints/{files[1].name}")
    more.locator(".tt-lora-weight").fill("0.5")
    make(tools, "tooled-merged")
    assert tools.locator(".tt-lora-result thead th").count() == 3
    merged = dense_in(in_lora_folder(webui, "tooled-merged"))
    both = {name: delta + 0.5 * dense_in(files[1])[name] for name, delta in dense_in(files[0]).items()}
    assert distance(merged, both) < 1e-5
    for path in files:
        webui.ask(f"{PLACE}/checkpoints/{path.name}/install", {})
    tags = f"<lora:{files[0].stem}:1><lora:{files[1].stem}:0.5>"
    apart = gap(webui.picture(f"<lora:tooled-merged:1>{PROMPT}", seed=7), webui.picture(f"{tags}{PROMPT}", seed=7))
    assert apart < 2, "of 255"


def gap(one, other):
    """Mean distance of two pictures' values."""
    return sum(abs(a - b) for a, b in zip(one.tobytes(), other.tobytes(), strict=True)) / len(one.tobytes())


def test_blocks_are_weighted_and_left_out_ones_are_counted(webui, tools, files):
    choose(tools, "Block weights", HOST)
    tools.fill("#tt-input-tool_weights", "FACE")
    make(tools, "tooled-face")
    expect(tools.locator(".tt-lora-result")).to_contain_text("layers are left out")
    before_it, after = (int(one) for one in cells(tools, "Layers"))
    made = inspected(in_lora_folder(webui, "tooled-face"))
    assert before_it > after == sum(made.dims.values())
    assert "tooled-face" in known(webui)


def test_a_converted_file_tells_the_webui_its_trigger_words(webui, tools, files):
    choose(tools, "Convert", HOST)
    tools.fill("#tt-input-tool_trigger", "mochi cat")
    make(tools, "tooled-converted")
    told = next(one for one in webui.ask("sdapi/v1/loras") if one["name"] == "tooled-converted")
    assert told["metadata"]["modelspec.trigger_phrase"] == "mochi cat"
    tools.click('[data-lora="look"]')
    expect(tools.locator(".tt-lora-facts").first).to_contain_text("mochi cat")
    tags = (f"<lora:tooled-converted:1>{PROMPT}", f"<lora:{files[0].stem}:1>{PROMPT}")
    webui.ask(f"{PLACE}/checkpoints/{files[0].name}/install", {})
    assert webui.picture(tags[0], seed=7).tobytes() == webui.picture(tags[1], seed=7).tobytes()


def test_a_merge_into_the_loaded_checkpoint_s_file_is_a_checkpoint_and_is_extracted_again(webui, tools, files):
    folder = webui.data / "models" / "Stable-diffusion"
    base = folder / "train-tools-embedded.safetensors"
    bytes_before = base.read_bytes()
    title = next(one for one in webui.ask("train-tools/v1/tools")["base_models"] if base.stem in one)
    choose(tools, "Merge", "Beside the file")
    tools.locator(".tt-lora-merged button").click()
    into = tools.locator(".tt-lora-tool").get_by_label("Put them into a copy of this checkpoint")
    into.fill(title)
    make(tools, "tooled-whole")
    kept(tools, "tools-checkpoint")
    whole = folder / "tooled-whole.safetensors"
    try:
        assert whole.is_file()
        assert base.read_bytes() == bytes_before
        assert any("tooled-whole" in one["title"] for one in webui.ask("sdapi/v1/sd-models"))
        into.fill("")
        choose(tools, "Extract", HOST)
        tools.locator(".tt-lora-tool").get_by_label("Base model").fill(title)
        tools.locator(".tt-lora-tool").get_by_label("Checkpoint that was trained further").fill(str(whole))
        tools.fill("#tt-input-tool_rank", "8")
        tools.get_by_text("More settings").click()
        tools.fill("#tt-input-tool_conv_rank", "4") if tools.locator("#tt-input-tool_conv_rank").count() else None
        make(tools, "tooled-extracted")
        found, wanted = dense_in(in_lora_folder(webui, "tooled-extracted")), dense_in(files[0])
        assert distance({name: found[name] for name in wanted}, wanted) < 0.05  # the checkpoint is of 16 bits
        assert "tooled-extracted" in known(webui)
    finally:
        whole.unlink(missing_ok=True)
        webui.ask("sdapi/v1/refresh-checkpoints", {})


@pytest.fixture
def slow(webui):
    """A file in the WebUI's LoRA folder that takes long to be resized."""
    path, chance = webui.data / "models" / "Lora" / SLOW, torch.Generator().manual_seed(1)
    names = [f"lora_unet_{side}_blocks_1_attentions_{place}_transformer_blocks_0_attn{attention}_to_{part}"
             for side in ("down", "up") for place in (0, 1) for attention in (1, 2) for part in "qkv"]  # fmt: skip
    delta = torch.randn(WIDE, WIDE, generator=chance).half()
    save_file({f"{name}.diff": delta.roll(number, 0).contiguous() for number, name in enumerate(names)}, path)
    yield f"lora:{SLOW}"
    path.unlink()


def test_a_cancelled_tool_leaves_no_file_says_so_and_the_next_one_runs(webui, slow, tools, files):
    folder = webui.data / "models" / "Lora"
    tools.locator(".tt-lora-pick select").first.select_option(slow)
    expect(tools.locator(".tt-lora-head b")).to_have_text(SLOW)
    choose(tools, "Resize", HOST)
    tools.fill("#tt-input-tool_rank", "700")
    tools.fill("#tt-input-tool_name", "never")
    there = {path.name for path in folder.iterdir()}
    tools.click('[data-lora="start"]')
    expect(tools.locator(".tt-lora-progress .tt-far")).to_contain_text("of 24")
    kept(tools, "tools-at-work")
    refused = webui.ask(f"{PLACE}/tools/resize", resizing(files[0], "refused"))
    assert "another tool makes a file" in refused["error"]["message"]
    tools.locator(".tt-lora-progress").get_by_text("Cancel", exact=True).click()
    expect(tools.locator(".tt-lora-progress")).to_contain_text("Cancelled: nothing was written.")
    kept(tools, "tools-cancelled")
    assert {path.name for path in folder.iterdir()} == there
    work = webui.ask(f"{PLACE}/works")["works"][0]
    assert (work["result"], work["done"] < work["total"] == 24) == ({"cancelled": True}, True)
    tools.locator(".tt-lora-pick select").first.select_option(f"tooled/versions/v1/checkpoints/{files[0].name}")
    expect(tools.locator(".tt-lora-head b")).to_have_text(files[0].name)
    tools.fill("#tt-input-tool_rank", "3")
    make(tools, "tooled-after")
    assert {path.name for path in folder.iterdir()} == there | {"tooled-after.safetensors"}


def resizing(path, name, place="host"):
    return {
        "files": [f"tooled/versions/v1/checkpoints/{path.name}"],
        "tool_settings": {"rank": 3},
        "place": place,
        "name": name,
    }


def made_by_tool(webui, name, files):
    """The tensors of a file, resized here and now."""
    work = webui.ask(f"{PLACE}/tools/resize", resizing(files[0], name))
    until(lambda: webui.ask(f"{PLACE}/works/{work['number']}")["ended"])
    assert webui.ask(f"{PLACE}/works/{work['number']}")["error"] is None
    return load_file(in_lora_folder(webui, name))


def test_a_tool_works_while_a_training_runs_and_neither_changes_the_other(webui, before, files):  # noqa: F811
    settings = {**SETTINGS, "max_train_steps": "60", "preview_after_training": False}
    webui.train("alone", settings)
    assert webui.wait("alone")["phase"] == "finished"
    calm = made_by_tool(webui, "tooled-calm", files)
    webui.train("beside", settings)
    until(lambda: (webui.now()["step"] or 0) > 2)
    while_trained = made_by_tool(webui, "tooled-while-trained", files)
    queued = {"kind": "tool", "project": "tooled", "version": "v1", "tool": "resize"}
    found = webui.ask("train-tools/v1/jobs", {**queued, "wish": resizing(files[0], "tooled-queued")})
    assert "error" not in found, found
    assert (webui.now()["phase"], webui.now()["project"]) == ("training", "beside"), "the training was over already"
    assert not in_lora_folder(webui, "tooled-queued").exists()
    until(lambda: in_lora_folder(webui, "tooled-queued").exists(), 300)
    until(lambda: not webui.ask("train-tools/v1/jobs")["busy"])
    assert webui.now("beside", "v1")["runs"][0]["finished"]
    for tensors in (while_trained, load_file(in_lora_folder(webui, "tooled-queued"))):
        assert tensors.keys() == calm.keys()
        assert all(torch.equal(tensors[key], calm[key]) for key in calm)
    require_same_files(webui, "alone", "beside")
    require_untouched(webui, before)
