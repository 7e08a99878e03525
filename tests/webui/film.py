"""A short film of a person's way through a page: a frame before and after each click, with the pointer drawn."""

import io
from pathlib import Path
from typing import Any

from PIL import Image

_POINTER = """([x, y, pressed]) => {
    const made = document.querySelector("#film-pointer") || document.createElement("div");
    made.id = "film-pointer";
    made.style.cssText = `position: fixed; z-index: 99999; pointer-events: none; left: ${x - 13}px; top: ${y - 13}px;
        width: 26px; height: 26px; border-radius: 50%; border: 2px solid #fff; box-shadow: 0 0 0 2px #111;
        background: rgba(249, 115, 22, ${pressed ? 0.9 : 0.35});`;
    document.body.append(made);
}"""


class Film:
    """Films a page, if anybody wants to see it; counts clicks in any case.

    Args:
        target: the WebP file to write; None films nothing.
        width: of the film, in pixels.
    """

    def __init__(self, page: Any, target: Path | None, width: int = 900) -> None:
        self.clicks = 0
        self._page, self._target, self._width = page, target, width
        self._frames: list[tuple[Image.Image, int]] = []

    def shot(self, milliseconds: int) -> None:
        """Show the page as it is now for so long."""
        if self._target:
            picture = Image.open(io.BytesIO(self._page.screenshot())).convert("RGB")
            height = round(picture.height * self._width / picture.width)
            self._frames.append((picture.resize((self._width, height), Image.LANCZOS), milliseconds))

    def click(self, place: Any) -> None:
        """Move the pointer to an element and click it."""
        place.scroll_into_view_if_needed()
        if self._target:
            box = place.bounding_box()
            x, y = box["x"] + box["width"] / 2, box["y"] + box["height"] / 2
            self._page.evaluate(_POINTER, [x, y, False])
            self.shot(900)
            self._page.evaluate(_POINTER, [x, y, True])
            self.shot(250)
            self._page.evaluate(_POINTER, [x, y, False])
        place.click()
        self.clicks += 1

    def write(self) -> None:
        """Write the film."""
        if self._target and self._frames:
            pictures, durations = zip(*self._frames, strict=True)
            pictures[0].save(self._target, save_all=True, append_images=pictures[1:], duration=list(durations),
                             loop=0, quality=70, method=6)  # fmt: skip
