"""Pictures that a WebUI made come into a set: from its output folders, and from its galleries."""

import shutil

import pytest
from PIL import Image, PngImagePlugin

from tests.browsing import HAS_CHROMIUM, MOCHI, push, sync, until, until_loaded

pytestmark = [pytest.mark.slow, pytest.mark.filterwarnings("ignore"), HAS_CHROMIUM]
expect = sync.expect
PROMPT = "(mochi:1.2), <lora:x:1> smile\nNegative prompt: dog\nSteps: 4, Sampler: Euler a, Seed: 1"
GALLERY = """address => {
    document.body.insertAdjacentHTML("afterbegin", `
        <div id="tabs"><div class="tab-nav"><button>txt2img</button><button>ours</button></div>
            <div id="tab_txt2img" class="tabitem">
                <div id="txt2img_gallery">
                    <button class="thumbnail-item selected"><img src="${address}?grid"></button>
                    <button class="thumbnail-item"><img src="${address}"></button>
                </div>
                <div id="generation_info_txt2img"><textarea>{"index_of_first_image": 1}</textarea></div>
                <div id="image_buttons_txt2img"><div><button class="tool theirs">x</button></div></div>
            </div>
            <div id="tab_train_tools" class="tabitem"></div>
        </div>`);
}"""


@pytest.fixture
def outputs(folder, monkeypatch):
    """A host that keeps 70 pictures of one day, of which one has a prompt."""
    from tests.fakes import FakeHost

    place = folder / "txt2img-images"
    place.mkdir(exist_ok=True)
    for number in range(70):
        shutil.copy(MOCHI / "mochi_00.png", place / f"{number:05}.png")
    info = PngImagePlugin.PngInfo()
    info.add_text("parameters", PROMPT)
    Image.new("RGB", (64, 64), "red").save(place / "00070.png", pnginfo=info)
    monkeypatch.setattr(FakeHost, "output_folders", lambda host: [place])
    return place


def test_pictures_come_from_the_outputs_and_from_a_gallery_with_their_prompts(outputs, captioned, window, address):
    page = window()
    page.goto(address)
    until_loaded(page)
    push(page.locator('[data-tool="outputs"]'))
    sheet = page.locator(".tt-work")
    expect(sheet.locator(".tt-output")).to_have_count(60)
    push(sheet.locator("text=Show more"))
    expect(sheet.locator(".tt-output")).to_have_count(71)
    expect(sheet.locator(".tt-into select").nth(2)).to_have_value("2_mochi")
    newest = sheet.locator(".tt-output input").first
    expect(newest).to_have_attribute("value", "0/00070.png")
    newest.press(" ")
    push(sheet.locator("text=Add 1 picture"))
    expect(sheet).to_have_count(0)
    expect(page.locator(".tt-taken > span")).to_have_text("1 added, 1 captions made from prompts")
    assert (captioned / "00070.txt").read_text() == "mochi, smile"
    page.set_input_files(".tt-drop input", str(MOCHI / "mochi_03.png"))
    expect(page.locator(".tt-taken > span")).to_have_text("1 added")  # in the place of what was said before

    page.route("**/00001.png", lambda route: route.fulfill(path=outputs / "00001.png"))
    page.evaluate(GALLERY, f"{address}/file=/out/00001.png")
    page.evaluate("""async () => {
        const parts = [...document.querySelectorAll("link[rel=modulepreload]")].map((one) => one.href);
        (await import(parts.find((one) => one.endsWith("tt/generated.mjs")))).addButtons();
    }""")
    button = page.locator("#train_tools_of_txt2img")
    expect(button).to_have_class("tool theirs")
    button.click()
    expect(sheet.locator("h2")).to_have_text("Train on these")
    expect(sheet.locator(".tt-shown img")).to_have_attribute("src", f"{address}/file=/out/00001.png")  # not the grid
    sheet.locator(".tt-into select").first.select_option("")
    sheet.locator(".tt-into input").first.fill("generated")
    push(sheet.locator(".tt-primary"))
    expect(page.locator(".tt-taken > span")).to_have_text("1 added")
    made = captioned.parents[5] / "generated" / "versions" / "v1" / "dataset" / "train" / "10_generated"
    until(lambda: [path.name for path in made.glob("*")] == ["00001.png"])
