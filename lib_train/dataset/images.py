"""Picture files as pixels: every format, upright, on a plain colour, resized and cropped."""

import struct
from pathlib import Path
from random import Random

import numpy
import torch
from PIL import Image, ImageOps
from torch import Tensor

from lib_train.dataset.records import Fit
from lib_train.errors import DatasetError

_DAMAGE = (OSError, SyntaxError, ValueError, struct.error, Image.DecompressionBombError)
"""What Pillow raises for damaged files."""
SUFFIXES = (".png", ".jpg", ".jpeg", ".webp", ".bmp", ".avif")


def size_of(path: Path, *, decode: bool = False) -> tuple[int, int]:
    """Width and height after EXIF rotation, from the file's header alone, or with ``decode`` after reading all of it.

    Raises:
        DatasetError: the file is no picture that can be read; says why.
    """
    with _opened(path) as picture:
        width, height = picture.size
        try:
            if decode:
                picture.load()
            turned = picture.getexif().get(0x0112) in (5, 6, 7, 8)
        except _DAMAGE as error:  # a PNG keeps it behind its pixels
            raise _undecodable(path, error) from error
    return (height, width) if turned else (width, height)


def open_picture(path: Path, alpha_color: str = "#ffffff") -> Image.Image:
    """The picture as upright RGB, transparent pixels on ``alpha_color``.

    Raises:
        DatasetError: the file is damaged or no picture; says why.
    """
    with _opened(path) as picture:
        try:
            picture.load()
            picture = ImageOps.exif_transpose(picture)
        except _DAMAGE as error:
            raise _undecodable(path, error) from error
        return _flattened(_eight_bits(picture), alpha_color)


def _undecodable(path: Path, error: Exception) -> DatasetError:
    return DatasetError(f"{path}: the picture cannot be decoded ({error}); replace or remove it")


def _opened(path: Path) -> Image.Image:
    if path.suffix.lower() == ".avif":
        _register_avif(path)
    try:
        return Image.open(path)
    except _DAMAGE as error:
        raise DatasetError(f"{path}: cannot be read as a picture ({error}); replace or remove it") from error


def _register_avif(path: Path) -> None:
    if ".avif" in Image.registered_extensions():
        return
    try:
        import pillow_avif  # noqa: F401
    except ImportError as error:
        raise DatasetError(f"{path}: AVIF needs the package pillow-avif-plugin: pip install it, or convert") from error


def _eight_bits(picture: Image.Image) -> Image.Image:
    """16-bit grey in 8 bits. Of the formats read here only PNG has it; Pillow's mode is "I" or "I;16" by version."""
    if not picture.mode.startswith("I"):
        return picture
    values = numpy.asarray(picture).astype(numpy.float64)
    return Image.fromarray((values * 255 / 65535).clip(0, 255).round().astype(numpy.uint8))


def _flattened(picture: Image.Image, alpha_color: str) -> Image.Image:
    has_alpha = picture.mode in ("RGBA", "LA", "PA", "La", "RGBa") or "transparency" in picture.info
    if not has_alpha:
        return picture.convert("RGB")
    layer = picture.convert("RGBA")
    ground = Image.new("RGBA", layer.size, alpha_color if alpha_color.startswith("#") else f"#{alpha_color}")
    return Image.alpha_composite(ground, layer).convert("RGB")


def fitted(picture: Image.Image, fit: Fit, rng: Random | None = None) -> Image.Image:
    """Resized and cut to its bucket, at the centre or, with ``rng``, at a random place.

    Area averaging when both sides shrink, Lanczos otherwise.
    """
    if picture.size != fit.resized:
        shrinks = fit.resized[0] <= picture.width and fit.resized[1] <= picture.height
        picture = picture.resize(fit.resized, Image.BOX if shrinks else Image.LANCZOS)
    spare = (fit.resized[0] - fit.bucket[0], fit.resized[1] - fit.bucket[1])
    left, top = (rng.randint(0, spare[0]), rng.randint(0, spare[1])) if rng else (spare[0] // 2, spare[1] // 2)
    return picture.crop((left, top, left + fit.bucket[0], top + fit.bucket[1]))


def recoloured(picture: Image.Image, rng: Random) -> Image.Image:
    """One time in three a little other hue or gamma, else the picture itself."""
    if rng.random() >= 1 / 3:
        return picture
    if rng.random() < 0.5:
        hue, saturation, value = picture.convert("HSV").split()
        shift = rng.randint(-11, 11)  # of 256: 8 of 180 degrees, as sd-scripts
        turned = hue.point([(level + shift) % 256 for level in range(256)])
        return Image.merge("HSV", (turned, saturation, value)).convert("RGB")
    gamma = rng.uniform(0.95, 1.05)
    return picture.point([round(255 * (level / 255) ** gamma) for level in range(256)] * 3)


def pixels_of(picture: Image.Image) -> Tensor:
    """(3, H, W), float32 in [-1, 1]."""
    values = torch.from_numpy(numpy.array(picture, dtype=numpy.uint8))
    return values.permute(2, 0, 1).float().div_(127.5).sub_(1)
