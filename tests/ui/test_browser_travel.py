"""A project is packed in the tab, trained elsewhere, and its results come home, by keys alone."""

import pytest

from tests.app.journeys import Home
from tests.browsing import HAS_CHROMIUM, sync

pytestmark = [pytest.mark.slow, pytest.mark.filterwarnings("ignore"), HAS_CHROMIUM]
expect = sync.expect


def test_project_is_packed_and_its_results_come_home(captioned, page, folder, tmp_path):
    name = captioned.parents[4].name
    button = page.locator('[data-act="travel-project"]')
    button.press("Enter")
    expect(page.locator("[role=menuitem]").first).to_be_focused()
    menu, opener = page.locator(".tt-menu").bounding_box(), button.bounding_box()
    assert 0 <= menu["y"] - (opener["y"] + opener["height"]) < 12
    assert abs(menu["x"] - opener["x"]) < 200
    page.keyboard.press("Enter")
    page.locator(".tt-pack .tt-primary").press("Enter")
    link = page.locator(".tt-pack a.tt-button")
    expect(link).to_be_focused()
    expect(page.locator(".tt-pack [role=status]")).to_contain_text("pictures: 3, waiting jobs: 0, runs to resume: 0")
    with page.expect_download() as download:
        link.press("Enter")
    assert download.value.suggested_filename == f"{name}.zip"
    download.value.save_as(tmp_path / "a" / "a.zip")
    page.keyboard.press("Escape")
    expect(button).to_be_focused()

    cloud = Home(tmp_path / "cloud")
    cloud.base.write_bytes((folder / "fake.safetensors").read_bytes())
    done = cloud.train(tmp_path / "a" / "a.zip", resolution=64, min_bucket_reso=64, max_train_steps=2)
    assert (done.failed, done.finished) == ([], True)

    button.press("Enter")
    page.keyboard.press("ArrowDown")
    page.keyboard.press("Enter")
    for said in ("came home: checkpoints: 1, runs: 1", "nothing was added"):
        page.set_input_files(".tt-unpack input", tmp_path / "a" / f"{name}-results.zip")
        expect(page.locator(".tt-unpack [role=status]")).to_contain_text(said)
    expect(page.locator(".tt-row")).to_have_count(1)
    assert len(list((captioned.parents[2] / "checkpoints").glob("*.safetensors"))) == 1
