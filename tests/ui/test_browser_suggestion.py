"""The checkpoint that figures speak for is shown and installed where it is suggested, on either page."""

import pytest

from lib_train.checkpoints.hashes import content_mark
from lib_train.store.figures import Judged, keep_judged
from lib_train.store.projects import open_project
from lib_train.store.runs import checkpoints_of
from tests.browsing import HAS_CHROMIUM, go_to, sync

pytestmark = [pytest.mark.slow, pytest.mark.filterwarnings("ignore"), HAS_CHROMIUM]
expect = sync.expect
FIGURES = [(0.2, 0.0, 0.9), (0.9, 0.0, 0.9), (0.9, 0.3, 0.2)]
"""Gain, gap and reaction: the second checkpoint is the one to take."""


@pytest.fixture
def judged(trained, folder, page):
    """The page of a project whose three checkpoints have figures; and the name of the suggested one's file."""
    version = open_project(folder / "out", trained).version("v1")
    files = [one.path for one in checkpoints_of(version)][::-1]
    for path, figures in zip(files, FIGURES, strict=True):
        values = dict(zip(("gain", "gap", "reaction"), figures, strict=True))
        keep_judged(version, path, Judged(content=content_mark(path), measured="", figures=values, bands={}))
    page.reload()
    return page, files[1].name


def test_its_row_is_shown_also_where_another_run_is_looked_at_and_it_is_installed_as_by_its_row(judged, folder):
    page, name = judged
    taken = page.get_by_role("group", name="The suggested checkpoint")
    row = page.locator(f'.tt-row[data-name="{name}"]')
    taken.get_by_role("button", name="Show").click()
    expect(row).to_be_focused()
    expect(row).to_be_in_viewport()
    assert not (folder / "Lora" / name).exists()  # nothing is chosen before somebody says so
    taken.get_by_role("button", name="Install to Lora").click()
    expect(taken.get_by_role("button", name="✓ Installed")).to_be_focused()
    expect(row.locator('[data-act="install"]')).to_have_text("✓ Installed")
    assert (folder / "Lora" / name).is_file()


def test_on_compare_it_comes_onto_the_stage_and_is_installed(judged, folder):
    page, name = judged
    go_to(page, "Compare")
    taken = page.locator(".tt-cmp-figures").get_by_role("group", name="The suggested checkpoint")
    expect(page.locator(".tt-cmp-name")).not_to_contain_text(name)
    taken.get_by_role("button", name="Install to Lora").click()
    expect(taken.get_by_role("button", name="✓ Installed")).to_be_visible()
    expect(page.locator(".tt-cmp-name")).not_to_contain_text(name)  # who looks at another goes on looking at it
    assert (folder / "Lora" / name).is_file()
    taken.get_by_role("button", name="Show").click()
    expect(page.locator(".tt-cmp-name")).to_contain_text(name)
    expect(page.locator('[data-cmp="install"]')).to_have_text("✓ Installed")


def test_where_none_fits_there_is_nothing_to_show_or_install(judged, folder, trained):
    page, _ = judged
    version = open_project(folder / "out", trained).version("v1")
    for one in checkpoints_of(version):
        values = {"gain": 0.9, "gap": 0.5, "reaction": 0.1}
        keep_judged(version, one.path, Judged(content=content_mark(one.path), measured="", figures=values, bands={}))
    page.reload()
    expect(page.locator(".tt-suggestion")).to_contain_text("none fits")
    expect(page.get_by_role("group", name="The suggested checkpoint")).to_have_count(0)
    go_to(page, "Compare")
    expect(page.locator(".tt-cmp-figures")).to_contain_text("none fits")
    for words in ("Show", "Install to Lora"):
        expect(page.locator(".tt-cmp-figures").get_by_role("button", name=words)).to_have_count(0)
