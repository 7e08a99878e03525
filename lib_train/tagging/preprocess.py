"""Pictures as each family of taggers was trained on them."""

from collections.abc import Sequence

import numpy
from numpy.typing import NDArray
from PIL import Image

from lib_train.tagging.resizing import resized

Batch = NDArray[numpy.float32]
Triple = tuple[float, float, float]
_CLIP_MEAN = (0.48145466, 0.4578275, 0.40821073)
_CLIP_STD = (0.26862954, 0.26130258, 0.27577711)


def white_square(picture: Image.Image) -> Image.Image:
    """The RGB picture in the middle of a white square of its longer side; the odd pixel is right or below."""
    side = max(picture.size)
    if picture.size == (side, side):
        return picture
    square = Image.new("RGB", (side, side), (255, 255, 255))
    square.paste(picture, ((side - picture.width) // 2, (side - picture.height) // 2))
    return square


def for_wd(pictures: Sequence[Image.Image], side: int) -> Batch:
    """(B, side, side, 3): blue, green, red from 0 to 255. WD taggers as ONNX, v1.4 v2 and v3.

    Source: sd-scripts, finetune/tag_images_by_wd14_tagger.py at 48d368f.
    """
    return numpy.array([_opencv(picture, side)[:, :, ::-1] for picture in pictures], dtype=numpy.float32)


def for_cl(pictures: Sequence[Image.Image], side: int) -> Batch:
    """(B, 3, side, side): blue, green, red from -1 to 1. cl_tagger.

    Source: sd-scripts, as ``for_wd``.
    """
    levels = for_wd(pictures, side) / numpy.float32(127.5) - numpy.float32(1)
    return numpy.ascontiguousarray(levels.transpose(0, 3, 1, 2), dtype=numpy.float32)


def for_joytag(pictures: Sequence[Image.Image], side: int) -> Batch:
    """(B, 3, side, side): red, green, blue by CLIP's mean and deviation. JoyTag.

    Source: JoyTag's README.
    """
    return _normalized(pictures, side, _CLIP_MEAN, _CLIP_STD)


def for_wd_timm(pictures: Sequence[Image.Image], side: int, mean: Triple, std: Triple) -> Batch:
    """(B, 3, side, side): blue, green, red. WD v3 as timm runs it.

    Args:
        mean, std: of red, green and blue, as the model's ``config.json`` says.

    Source: the model cards of SmilingWolf's WD v3 taggers.
    """
    return numpy.ascontiguousarray(_normalized(pictures, side, mean, std)[:, ::-1])


def _opencv(picture: Image.Image, side: int) -> NDArray[numpy.uint8]:
    return resized(numpy.asarray(white_square(picture)), side)


def _normalized(pictures: Sequence[Image.Image], side: int, mean: Triple, std: Triple) -> Batch:
    squares = [white_square(picture) for picture in pictures]
    fitted = [one if one.width == side else one.resize((side, side), Image.Resampling.BICUBIC) for one in squares]
    levels = numpy.stack([numpy.asarray(one) for one in fitted]).astype(numpy.float32) / numpy.float32(255)
    values = (levels - numpy.array(mean, numpy.float32)) / numpy.array(std, numpy.float32)
    return numpy.ascontiguousarray(values.transpose(0, 3, 1, 2))
