"""Recipe "CharFramework" in the tab: from pictures to the same small file as on the command line, bit for bit."""

import pytest

from tests.browsing import HAS_CHROMIUM, field, figure, go_to, make_project, push, search, sync, type_in
from tests.recipes.following import (
    ADDED,
    CHANGED,
    SV_RATIO,
    TRIGGER,
    changed_settings,
    is_same,
    of_any_run,
    zipped_pictures,
)

pytestmark = [pytest.mark.recipes, pytest.mark.filterwarnings("ignore"), HAS_CHROMIUM]
expect = sync.expect
LOOK = {"preview_prompts": TRIGGER, "preview_steps": "4"}
"""Pictures of the small file alone."""
_TRAINS = 3_000_000
"""Milliseconds that the training may last: eight minutes of one core, many more on a busy machine."""


def take_pictures(page, archive):
    """The archive's pictures, and copies of half their size."""
    page.set_input_files(".tt-drop input[type=file]", archive)
    expect(page.locator(".tt-taken > span")).to_have_text("32 added")
    expect(page.locator(".tt-tile")).to_have_count(16)
    page.click('[data-tool="change"]')
    page.locator(".tt-work [value=reduce]").check(force=True)
    expect(page.locator(".tt-would-change")).to_contain_text("Makes 16 new pictures of 16")
    push(page.locator(".tt-work .tt-primary"))
    expect(page.locator(".tt-last .tt-done")).to_contain_text("reduced: 16 new pictures")
    expect(page.locator(".tt-tile")).to_have_count(32)


def set_up(page):
    """The preset, and what is set otherwise, each found by its name."""
    go_to(page, "Settings")
    page.select_option("#train_tools_preset", "CharFramework")
    expect(field(page, "network_dim")).to_have_value("128")
    for name, text in {**CHANGED, **ADDED, **LOOK}.items():
        search(page, name)
        type_in(page, **{name: text})
    search(page, "preview_after_training")
    field(page, "preview_after_training").uncheck()
    search(page, "")
    expect(page.locator(".tt-differs")).to_contain_text(f"{len(CHANGED)} settings differ from the preset:")
    expect(figure(page, "steps")).to_have_text(CHANGED["max_train_steps"])


def make_smaller(page, tool, name, **settings):
    """A file of the one that is shown, by a tool of the page; it is shown then."""
    page.locator(".tt-lora-tool .tt-segments").get_by_text(tool, exact=True).click()
    for setting, text in settings.items():
        page.fill(f"#tt-input-tool_{setting}", text)
    page.fill("#tt-input-tool_name", name)
    page.click('[data-lora="start"]')
    expect(page.locator(".tt-lora-result thead th").last).to_contain_text(f"{name}.safetensors")
    page.click('[data-lora="look"]')
    expect(page.locator(".tt-lora-head b")).to_have_text(f"{name}.safetensors")


def look_at_and_install(page, tmp_path, small):
    """The small file's sheet, and its copy among the host's LoRA files."""
    row = page.locator(".tt-row", has_text=small.stem).first
    row.locator('[data-act="preview"]').click()
    expect(row.locator(".tt-strip img")).to_have_count(2)  # of the weights 0 and 1
    row.locator('[data-act="install"]').click()
    expect(row.locator('[data-act="install"]')).to_contain_text("Installed")
    assert (tmp_path / "loras" / small.name).read_bytes() == small.read_bytes()
    assert list((small.parents[1] / "previews").glob("grid-*.png"))


def test_tab_makes_the_same_file_as_the_commands(by_command, tab, page, tmp_path):
    """Bit for bit, so it shows the character as often."""
    page.goto(tab)
    make_project(page, "mochi")
    take_pictures(page, zipped_pictures(tmp_path))
    set_up(page)
    page.click('[data-act="train"]')
    expect(page.locator(".tt-outcome")).to_contain_text("Finished", timeout=_TRAINS)
    page.click('[data-page="tools"]')
    expect(page.locator(".tt-lora-head b")).to_have_text(by_command.trained.name)
    make_smaller(page, "Block weights", "mochi-face", weights="FACE")
    make_smaller(page, "Resize", "mochi-small", sv_ratio=SV_RATIO)
    expect(page.locator(".tt-lora-facts").first).to_contain_text(f"Trigger words{TRIGGER}")

    [folder] = tmp_path.glob("out/mochi/versions/v1/checkpoints")
    for file in (by_command.trained, by_command.weighted, by_command.compressed):
        made = folder / file.name
        assert is_same(file, made), file.name
        assert of_any_run(file) == of_any_run(made)
    assert changed_settings(tmp_path / "out") == set(CHANGED)
    look_at_and_install(page, tmp_path, folder / "mochi-small.safetensors")
