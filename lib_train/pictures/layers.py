"""Transparency and depth of pictures in memory: what is clear, on a colour, in 8 bits or as it is. Knows no file."""

from typing import NamedTuple

import numpy
from PIL import Image


class Clear(NamedTuple):
    """What of a picture is transparent."""

    some: bool = False
    """At least one pixel, at least a little."""
    edge: bool = False
    """A whole row or column at its edge, wholly: something could be cut off."""


def eight_bits(picture: Image.Image) -> Image.Image:
    """A 16-bit grey PNG as grey: of the known formats only that comes as integers, 0 to 65535.

    Its transparent level becomes an alpha channel: two levels that are one grey may not both be transparent.
    """
    if not picture.mode.startswith("I"):
        return picture
    values = numpy.asarray(picture)
    grey = Image.fromarray((values.astype(numpy.float64) / 257).clip(0, 255).round().astype(numpy.uint8))
    mark = picture.info.get("transparency")
    if mark is None:
        return grey
    return Image.merge("LA", (grey, Image.fromarray((values != mark).astype(numpy.uint8) * 255)))


def has_alpha(picture: Image.Image) -> bool:
    """Whether anything in it may be transparent."""
    return picture.mode in ("RGBA", "LA", "PA", "La", "RGBa") or "transparency" in picture.info


def clear_of(picture: Image.Image) -> Clear:
    """What of it is transparent."""
    if not has_alpha(picture):
        return Clear()
    alpha = numpy.asarray(picture.convert("RGBA").getchannel("A"))
    edges = alpha[0], alpha[-1], alpha[:, 0], alpha[:, -1]
    return Clear(bool(alpha.min() < 255), any(edge.max() == 0 for edge in edges))


def flattened(picture: Image.Image, alpha_color: str = "#ffffff") -> Image.Image:
    """As RGB, what is transparent on a colour."""
    if not has_alpha(picture):
        return picture.convert("RGB")
    layer = picture.convert("RGBA")
    ground = Image.new("RGBA", layer.size, alpha_color if alpha_color.startswith("#") else f"#{alpha_color}")
    return Image.alpha_composite(ground, layer).convert("RGB")


def colored(picture: Image.Image) -> Image.Image:
    """In "RGB", or in "RGBA" where something may be transparent."""
    picture = eight_bits(picture)
    return picture.convert("RGBA" if has_alpha(picture) else "RGB")


def layered(picture: Image.Image) -> Image.Image:
    """The picture in "L", "LA", "RGB", "RGBA", or in "I" where it has 16 bits of grey and nothing is transparent."""
    if picture.mode.startswith("I") and "transparency" not in picture.info:
        return Image.fromarray(numpy.asarray(picture).astype(numpy.int32), "I")
    picture = eight_bits(picture)
    if has_alpha(picture):
        return picture.convert("LA" if picture.mode in ("LA", "La") else "RGBA")
    if picture.mode in ("L", "RGB"):
        return picture
    return picture.convert("L" if picture.mode == "1" else "RGB")
