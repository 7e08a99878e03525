"""A gallery of a WebUI, as far as the tab looks at it, and what the tab shows of a WebUI's pictures."""

from collections.abc import Iterator
from typing import Any

from tests.browsing import sync

expect = sync.expect

_GALLERY = """address => {
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
_BUTTONS = """async () => {
    const parts = [...document.querySelectorAll("link[rel=modulepreload]")].map((one) => one.href);
    (await import(parts.find((one) => one.endsWith("tt/generated.mjs")))).addButtons();
}"""


def add_gallery(page: Any, picture: str) -> None:
    """Put a gallery of a WebUI, with a grid and the picture of this address, above the tab, which adds its button."""
    page.evaluate(_GALLERY, picture)
    page.evaluate(_BUTTONS)


def with_pictures_of_the_webui(page: Any) -> Iterator[str]:
    """Bring a page with pictures into each state in which those of a WebUI can be chosen, and give its name."""
    page.click('[data-tool="outputs"]')
    page.locator(".tt-output input").first.press(" ")
    yield "pictures of the WebUI's outputs"
    page.keyboard.press("Escape")
    add_gallery(page, page.locator(".tt-pick img").first.evaluate("(image) => image.src"))
    page.locator("#train_tools_of_txt2img").press("Enter")
    expect(page.locator(".tt-shown img")).to_have_count(1)
    yield "pictures of a WebUI's gallery"
    page.keyboard.press("Escape")
    page.evaluate("document.querySelector('#tabs').remove()")
