"""What can be done to a picture's pixels: crop, turn, mirror, pad, enlarge, reduce, lay on a colour. Knows no file.

Pictures are upright, grey ("L", "LA", or "I" with 16 bits), "RGB" or "RGBA", as ``images.open_layers`` gives them, and
stay in their mode. Masks ("L") go through the same functions.
"""

from collections.abc import Callable
from math import ceil
from typing import Any, NamedTuple

import numpy
from PIL import Image, ImageColor

from lib_train.errors import ConfigError, Problem
from lib_train.pictures.crops import Box, box_of, held_to
from lib_train.pictures.layers import colored
from lib_train.texts import say

Change = Callable[[Image.Image], Image.Image]
"""A picture of any size -> another one."""
Upscale = Callable[[Image.Image, float], Image.Image]
"""An RGB or RGBA picture, and how many times as wide and high it shall become."""
_TURNS = {
    90: Image.Transpose.ROTATE_270,
    180: Image.Transpose.ROTATE_180,
    270: Image.Transpose.ROTATE_90,
}
"""Degrees clockwise -> Pillow's name, which counts the other way."""
_LARGEST = 16_384
_MOST_FACTOR = 8.0


class Retouch(NamedTuple):
    """One thing that is done to a picture, as often as there are results."""

    word: str
    """In the names of the results: "crop" gives ``name-crop1.png``."""
    picture: Change
    mask: Change
    tag: str = ""
    """What captions may be told of it."""


def crop(box: Box, ratio: float | None = None, word: str = "crop", tag: str = "cropped") -> Retouch:
    """A part of the picture.

    Args:
        ratio: width by height in pixels that it is held to; None takes the box as it is.
    """

    def change(picture: Image.Image) -> Image.Image:
        found = held_to(box, picture.size, ratio) if ratio else box
        return picture.crop(box_of(found, picture.size).pixels(picture.size))

    return Retouch(word, change, change, tag)


def rotate(degrees: int) -> Retouch:
    """The picture turned clockwise by 90, 180 or 270 degrees; no pixel is computed anew.

    Raises:
        ConfigError: it is another angle.
    """
    if degrees not in _TURNS:
        raise ConfigError([Problem("degrees", degrees, say("must be one of {known}", known="90, 180, 270"))])
    return _same("rotated", "", lambda picture: picture.transpose(_TURNS[degrees]))


def mirror() -> Retouch:
    """The picture with left and right exchanged."""
    return _same("mirrored", "", lambda picture: picture.transpose(Image.Transpose.FLIP_LEFT_RIGHT))


def pad(ratio: float, color: str = "#ffffff") -> Retouch:
    """The whole picture in the middle of a larger one of these proportions.

    Args:
        ratio: width by height.
        color: of what is added; a mask gets 0 there.

    Raises:
        ConfigError: it is no colour.
    """
    ground = color_of(color)

    def padded(picture: Image.Image, fill: Any) -> Image.Image:
        width = max(picture.width, round(picture.height * ratio))
        height = max(picture.height, round(picture.width / ratio))
        _require_possible(width, height)
        made = Image.new(picture.mode, (width, height), fill)
        made.paste(picture, ((width - picture.width) // 2, (height - picture.height) // 2))
        return made

    return Retouch("padded", lambda picture: padded(picture, _in_mode(ground, picture.mode)),
                   lambda mask: padded(mask, 0), "")  # fmt: skip


def enlarge(factor: float, upscale: Upscale | None = None) -> Retouch:
    """The picture ``factor`` times as wide and high.

    Args:
        upscale: does it; None is Lanczos. What it gives is brought to the size that was asked for.

    Raises:
        ConfigError: the factor is none.
    """
    if not 1 < factor <= _MOST_FACTOR:
        raise ConfigError([Problem("factor", factor, say("must be above 1 and at most {most:g}", most=_MOST_FACTOR))])

    def change(picture: Image.Image) -> Image.Image:
        return enlarged_to(picture, (round(picture.width * factor), round(picture.height * factor)), upscale)

    return Retouch("enlarged", change, _resizing(factor), "")


def covering(size: tuple[int, int], upscale: Upscale | None = None) -> Retouch:
    """The picture as much larger as it needs to be no smaller than ``size`` each way; a larger one stays as it is."""

    def change(picture: Image.Image, by: Upscale | None) -> Image.Image:
        factor = max(size[0] / picture.width, size[1] / picture.height)
        if factor <= 1:
            return picture
        return enlarged_to(picture, (ceil(picture.width * factor), ceil(picture.height * factor)), by)

    return Retouch("enlarged", lambda picture: change(picture, upscale), lambda mask: change(mask, None), "")


def enlarged_to(picture: Image.Image, size: tuple[int, int], upscale: Upscale | None) -> Image.Image:
    """The picture in this larger size.

    Raises:
        ConfigError: it is too large.
    """
    _require_possible(*size)
    if upscale is None:
        return resized(picture, size)
    return resized(upscale(colored(picture), max(size[0] / picture.width, size[1] / picture.height)), size)


def then(first: Retouch, second: Retouch) -> Retouch:
    """One after the other, under the first one's name."""
    return first._replace(
        picture=lambda picture: second.picture(first.picture(picture)),
        mask=lambda mask: second.mask(first.mask(mask)),
    )


def reduce(factor: float) -> Retouch:
    """A copy of a share of the picture's size.

    Raises:
        ConfigError: the factor is none.
    """
    if not 0 < factor < 1:
        raise ConfigError([Problem("factor", factor, say("must be above 0 and below 1"))])
    return Retouch("reduced", _resizing(factor), _resizing(factor), "")


def on_color(color: str) -> Retouch:
    """The picture on a colour instead of what is transparent.

    Raises:
        ConfigError: it is no colour.
    """
    ground = color_of(color)

    def change(picture: Image.Image) -> Image.Image:
        if picture.mode not in ("LA", "RGBA"):
            return picture
        layer = picture.convert("RGBA")
        made = Image.alpha_composite(Image.new("RGBA", layer.size, (*ground, 255)), layer)
        is_grey = picture.mode == "LA" and len(set(ground)) == 1
        return made.convert("L" if is_grey else "RGB")

    return Retouch("background", change, lambda mask: mask, "")


def resized(picture: Image.Image, size: tuple[int, int]) -> Image.Image:
    """The picture in this size, by Lanczos; colours of transparent pixels do not bleed."""
    if picture.size == size:
        return picture
    made = picture.resize(size, Image.Resampling.LANCZOS)
    if made.mode != "I":
        return made
    return Image.fromarray(numpy.asarray(made).clip(0, 65535).astype(numpy.int32), "I")  # Lanczos overshoots


def color_of(text: str) -> tuple[int, int, int]:
    """Red, green and blue of a colour such as "#ffffff" or "white".

    Raises:
        ConfigError: it is none.
    """
    try:
        return ImageColor.getrgb(text if text.startswith("#") or not _is_hexadecimal(text) else f"#{text}")[:3]
    except ValueError as error:
        raise ConfigError([Problem("color", text, say("is no color; give one such as #ffffff"))]) from error


def _is_hexadecimal(text: str) -> bool:
    return len(text) == 6 and all(letter in "0123456789abcdefABCDEF" for letter in text)


def _same(word: str, tag: str, change: Change) -> Retouch:
    return Retouch(word, change, change, tag)


def _resizing(factor: float) -> Change:
    def change(picture: Image.Image) -> Image.Image:
        size = max(1, round(picture.width * factor)), max(1, round(picture.height * factor))
        return resized(picture, size)

    return change


def _in_mode(color: tuple[int, int, int], mode: str) -> Any:
    """A colour as a pixel of this mode, opaque."""
    red, green, blue = color
    grey = round(0.299 * red + 0.587 * green + 0.114 * blue)  # ITU-R 601-2, as Pillow's own
    pixels: dict[str, Any] = {"L": grey, "LA": (grey, 255), "I": grey * 257, "RGBA": (*color, 255)}
    return pixels.get(mode, color)


def _require_possible(width: int, height: int) -> None:
    if max(width, height) > _LARGEST:
        size = f"{width} x {height}"
        raise ConfigError([Problem("size", size, say("is more than {most} pixels a side; choose less", most=_LARGEST))])
