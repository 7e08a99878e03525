"""Picture files as pixels: every format, upright, on a plain colour, resized and cropped."""

import struct
import zlib
from pathlib import Path
from random import Random
from typing import BinaryIO, NamedTuple

import numpy
import torch
from PIL import Image, UnidentifiedImageError
from torch import Tensor

from lib_train.dataset.records import Fit
from lib_train.errors import DatasetError

_DAMAGE = (OSError, SyntaxError, ValueError, RuntimeError, MemoryError, struct.error, Image.DecompressionBombError)
"""What Pillow and its plugins raise for damaged files."""
SUFFIXES = (".png", ".jpg", ".jpeg", ".webp", ".bmp", ".avif")
_FORMATS = ("PNG", "JPEG", "WEBP", "BMP", "GIF", "AVIF")
"""What may be inside, whatever the ending says; Pillow's other readers stay shut (EPS runs a program)."""
_UPRIGHT = {
    2: Image.Transpose.FLIP_LEFT_RIGHT,
    3: Image.Transpose.ROTATE_180,
    4: Image.Transpose.FLIP_TOP_BOTTOM,
    5: Image.Transpose.TRANSPOSE,
    6: Image.Transpose.ROTATE_270,
    7: Image.Transpose.TRANSVERSE,
    8: Image.Transpose.ROTATE_90,
}
"""EXIF orientation -> what turns the picture upright."""
_VAST = 8
"""Times the bucket's area."""


class Look(NamedTuple):
    """What a run must know of a picture before it reads it."""

    width: int
    height: int
    """Pixels after EXIF rotation."""
    animated: bool
    """Whether more pictures follow the first, which alone is used."""


def look_at(path: Path) -> Look:
    """Size and soundness of a picture file, read to its end once.

    The pixels of a PNG are proved by its checksums, twenty times as fast as unpacking them.

    Raises:
        DatasetError: the file is damaged or no picture; says why.
    """
    with _opened(path) as picture:
        width, height = picture.size
        try:
            if not (picture.format == "PNG" and _checksums_hold(path)):
                eighth = max(1, width // 8), max(1, height // 8)
                picture.draft(picture.mode, eighth)  # JPEG alone knows this: all is read, less is computed
                picture.load()
            animated = picture.format != "MPO" and bool(getattr(picture, "is_animated", False))
        except _DAMAGE as error:
            raise _undecodable(path, error) from error
        turned = _orientation(picture) in (5, 6, 7, 8)
    return Look(height, width, animated) if turned else Look(width, height, animated)


def open_picture(path: Path, alpha_color: str = "#ffffff") -> Image.Image:
    """The picture as upright RGB, transparent pixels on ``alpha_color``.

    Raises:
        DatasetError: the file is damaged or no picture; says why.
    """
    with _opened(path) as picture:
        try:
            picture.load()
            turn = _UPRIGHT.get(_orientation(picture))
            upright = picture if turn is None else picture.transpose(turn)
            return _flattened(_eight_bits(upright), alpha_color)
        except _DAMAGE as error:
            raise _undecodable(path, error) from error


def _undecodable(path: Path, error: Exception) -> DatasetError:
    return DatasetError(f"{path}: the picture cannot be decoded ({error}); replace or remove it")


def _opened(path: Path) -> Image.Image:
    try:
        return _open_known(path)
    except Image.DecompressionBombError as error:
        raise DatasetError(f"{path}: has too many pixels to be opened safely ({error}); scale it down") from error
    except UnidentifiedImageError as error:
        reason = (
            "is empty"
            if not path.stat().st_size
            else f"is none of {', '.join(_FORMATS)} inside, whatever its ending says"
        )
        raise DatasetError(f"{path}: {reason}; replace or remove it") from error
    except _DAMAGE as error:
        raise DatasetError(f"{path}: cannot be read as a picture ({error}); replace or remove it") from error


def _open_known(path: Path) -> Image.Image:
    """A file of the known formats; AVIF with the plugin where Pillow cannot read it by itself.

    Raises:
        DatasetError: it is AVIF, and the plugin is not installed.
    """
    Image.init()
    formats = [name for name in _FORMATS if name in Image.OPEN]
    try:
        return Image.open(path, formats=formats)
    except UnidentifiedImageError:
        with path.open("rb") as file:
            is_avif = file.read(12)[4:] in (b"ftypavif", b"ftypavis")
        if not is_avif or "AVIF" in formats:
            raise
    try:
        import pillow_avif  # noqa: F401
    except ImportError as error:
        remedy = "pip install it, or convert the picture to PNG"
        raise DatasetError(f"{path}: AVIF needs the package pillow-avif-plugin: {remedy}") from error
    return Image.open(path, formats=["AVIF"])


def _orientation(picture: Image.Image) -> int:
    """EXIF orientation as far as it was read, 1 to 8; 1 where EXIF is broken or there is none."""
    try:
        found = Image.Image.getexif(picture).get(0x0112)  # a PNG's own method would unpack the pixels
    except (*_DAMAGE, LookupError, TypeError, AttributeError):
        return 1
    return found if isinstance(found, int) else 1


def _checksums_hold(path: Path) -> bool:
    """Whether a PNG's chunks are whole up to its end, and tell nothing new behind the pixels.

    Source:
        PNG specification, section 5.3: length, type, data, CRC-32 of type and data.
    """
    with path.open("rb") as file:
        file.seek(8)
        pixels = False
        while chunk := _next_chunk(file):
            kind, sound = chunk
            if not sound or (pixels and kind in (b"eXIf", b"tEXt", b"zTXt", b"iTXt")):
                return False
            if kind == b"IEND":
                return pixels
            pixels = pixels or kind == b"IDAT"
    return False


def _next_chunk(file: BinaryIO) -> tuple[bytes, bool] | None:
    head = file.read(8)
    if len(head) < 8:
        return None
    length, kind = struct.unpack(">I4s", head)
    found = zlib.crc32(kind)
    while length and (part := file.read(min(length, 2**20))):
        found, length = zlib.crc32(part, found), length - len(part)
    return kind, not length and file.read(4) == struct.pack(">I", found)


def _eight_bits(picture: Image.Image) -> Image.Image:
    """A 16-bit grey PNG as grey: of the known formats only that comes as integers, 0 to 65535."""
    if not picture.mode.startswith("I"):
        return picture
    values = numpy.asarray(picture).astype(numpy.float64)
    return Image.fromarray((values / 257).clip(0, 255).round().astype(numpy.uint8))


def _flattened(picture: Image.Image, alpha_color: str) -> Image.Image:
    has_alpha = picture.mode in ("RGBA", "LA", "PA", "La", "RGBa") or "transparency" in picture.info
    if not has_alpha:
        return picture.convert("RGB")
    layer = picture.convert("RGBA")
    ground = Image.new("RGBA", layer.size, alpha_color if alpha_color.startswith("#") else f"#{alpha_color}")
    return Image.alpha_composite(ground, layer).convert("RGB")


def fitted(picture: Image.Image, fit: Fit, rng: Random | None = None) -> Image.Image:
    """Resized with Lanczos, and cut to its bucket: at the centre or, with ``rng``, at a random place.

    Shrinking widens the filter by the ratio, so nothing aliases. Against the area integral of smooth rings that is 0.6
    to 1.1 grey levels RMS at every ratio, where OpenCV's INTER_AREA (what sd-scripts takes) is 0.3 to 1.9, worst near
    1, and Pillow's BOX, which weighs whole pixels only, 0.6 to 11.
    """
    (width, height), bucket = fit.resized, fit.bucket
    spare = (width - bucket[0], height - bucket[1])
    left, top = (rng.randint(0, spare[0]), rng.randint(0, spare[1])) if rng else (spare[0] // 2, spare[1] // 2)
    across, down = picture.width / width, picture.height / height
    lanczos = Image.Resampling.LANCZOS
    if width * height > _VAST * bucket[0] * bucket[1]:  # a strip: what is cut off anyway is not made first
        right, bottom = (left + bucket[0]) * across, (top + bucket[1]) * down
        box = (left * across, top * down, min(right, picture.width), min(bottom, picture.height))
        return picture.resize(bucket, lanczos, box=box)
    if picture.size != fit.resized:
        picture = picture.resize(fit.resized, lanczos)
    return picture.crop((left, top, left + bucket[0], top + bucket[1]))


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
