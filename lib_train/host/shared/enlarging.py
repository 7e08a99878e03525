"""Pictures made larger to the pixel, whatever an upscaler makes of sizes and transparency."""

import math
from collections.abc import Callable

from PIL import Image

from lib_train.errors import ConfigError, Problem
from lib_train.texts import say

_LANCZOS = Image.Resampling.LANCZOS


def enlarged(picture: Image.Image, scale: float, larger: Callable[[Image.Image], Image.Image]) -> Image.Image:
    """The picture, ``scale`` times as wide and as high, to the nearest pixel; RGB, or RGBA where it was that.

    Args:
        larger: an upscaler of RGB pictures; what it gives is brought to the right size. Transparency goes without it.

    Raises:
        ConfigError: the scale is not above 1.
    """
    if not (scale > 1 and math.isfinite(scale)):
        raise ConfigError([Problem("scale", scale, say("must be above {low}", low=1))])
    size = round(picture.width * scale), round(picture.height * scale)
    found = _of_size(larger(picture.convert("RGB")), size)
    if picture.mode == "RGBA":
        found.putalpha(_of_size(picture.getchannel("A"), size))
    return found


def _of_size(picture: Image.Image, size: tuple[int, int]) -> Image.Image:
    return picture if picture.size == size else picture.resize(size, _LANCZOS)
