"""Picture files as pixels: every format, upright, on a plain colour, resized and cropped."""

import io
import struct
from collections.abc import Callable
from pathlib import Path
from random import Random
from typing import BinaryIO, NamedTuple, cast

from PIL import Image
from PIL.JpegImagePlugin import JpegImageFile
from PIL.PngImagePlugin import PngImageFile

from lib_train.errors import PictureError, reason
from lib_train.pictures.buckets import crop_of
from lib_train.pictures.containers import JPEG, PNG, Parts, orientation_of, parts_of_jpeg, parts_of_png, parts_of_webp
from lib_train.pictures.layers import Clear, clear_of, eight_bits, flattened, layered
from lib_train.pictures.records import Fit
from lib_train.texts import say

_DAMAGE = (
    OSError, SyntaxError, ValueError, TypeError, LookupError, RuntimeError, MemoryError, struct.error,
    Image.DecompressionBombError,
)  # fmt: skip
"""What Pillow and its plugins raise for damaged files."""
_FORMATS = ("PNG", "JPEG", "WEBP", "BMP", "GIF", "AVIF")
"""Formats that are opened, whatever the file's ending; Pillow's other readers are not used (EPS runs a program)."""
UPRIGHT = {
    2: Image.Transpose.FLIP_LEFT_RIGHT,
    3: Image.Transpose.ROTATE_180,
    4: Image.Transpose.FLIP_TOP_BOTTOM,
    5: Image.Transpose.TRANSPOSE,
    6: Image.Transpose.ROTATE_270,
    7: Image.Transpose.TRANSVERSE,
    8: Image.Transpose.ROTATE_90,
}
"""EXIF orientation -> what turns the picture upright."""
_ON_THEIR_SIDE = (5, 6, 7, 8)
_Reader = Callable[[BinaryIO, str], Image.Image]
_VAST = 8
"""Times the bucket's area."""


class Look(NamedTuple):
    """What a run must know of a picture before it reads it."""

    width: int
    height: int
    """Pixels after EXIF rotation."""
    animated: bool = False
    """Whether more pictures follow the first, which alone is used."""
    damaged: bool = False
    """Whether some of its metadata is damaged; it is left alone, the pixels are whole."""


def look_at(path: Path) -> Look:
    """Size and soundness of a picture file, read to its end once.

    PNG: verifies CRCs instead of decoding pixels, 20 times faster.

    Raises:
        PictureError: the file is damaged or no picture; says why.
    """
    picture, parts = _opened(path)
    with picture:
        width, height = picture.size
        try:
            if not parts.proved:
                eighth = max(1, width // 8), max(1, height // 8)
                picture.draft(picture.mode, eighth)  # JPEG alone knows this: all is read, less is computed
                picture.load()
            animated = parts.frames > 1 or bool(getattr(picture, "is_animated", False))
        except _DAMAGE as error:
            raise _undecodable(path, error) from error
    turned = parts.orientation in _ON_THEIR_SIDE
    return Look(*((height, width) if turned else (width, height)), animated, bool(parts.damaged))


def open_picture(path: Path, alpha_color: str = "#ffffff", least: int | None = None) -> Image.Image:
    """The picture as upright RGB, transparent pixels on ``alpha_color``.

    Args:
        least: sides that are enough for the caller, in pixels: a JPEG of more may come smaller, in less time.

    Raises:
        PictureError: the file is damaged or no picture; says why.
    """
    picture, parts = _opened(path)
    with picture:
        try:
            if least is not None:
                picture.draft("RGB", (least, least))
            picture.load()
            turn = UPRIGHT.get(parts.orientation)
            upright = picture if turn is None else picture.transpose(turn)
            return flattened(eight_bits(upright), alpha_color)
        except _DAMAGE as error:
            raise _undecodable(path, error) from error


def open_layers(path: Path, content: BinaryIO | None = None) -> Image.Image:
    """The picture upright with its transparency: "L", "LA", "RGB", "RGBA", or "I" for 16 bits of grey.

    Args:
        content: the file's, where somebody has it already.

    Raises:
        PictureError: the file is damaged or no picture; says why.
    """
    picture, parts = _opened(path, content)
    with picture:
        try:
            picture.load()
            turn = UPRIGHT.get(parts.orientation)
            upright = picture if turn is None else picture.transpose(turn)
            return layered(upright)
        except _DAMAGE as error:
            raise _undecodable(path, error) from error


def pixels_in(path: Path, content: bytes, least: int) -> tuple[Look, Image.Image, Clear]:
    """What ``look_at`` tells of a file whose bytes are at hand, its picture as ``open_picture`` does, and what of it
    is transparent.

    Args:
        least: as for ``open_picture``.

    Raises:
        PictureError: as ``open_picture``.
    """
    picture, parts = _opened(path, io.BytesIO(content))
    with picture:
        try:
            width, height = picture.size
            animated = parts.frames > 1 or bool(getattr(picture, "is_animated", False))
            picture.draft("RGB", (least, least))
            picture.load()
            turn = UPRIGHT.get(parts.orientation)
            upright = eight_bits(picture if turn is None else picture.transpose(turn))
            size = (height, width) if parts.orientation in _ON_THEIR_SIDE else (width, height)
            return Look(*size, animated, bool(parts.damaged)), flattened(upright), clear_of(upright)
        except _DAMAGE as error:
            raise _undecodable(path, error) from error


def _undecodable(path: Path, error: Exception) -> PictureError:
    if isinstance(error, MemoryError):
        return PictureError(path, say("there is too little memory to open it; close other programs, or scale it down"))
    return PictureError(path, say("the picture cannot be decoded ({why}); replace or remove it", why=_why(error)))


def _why(error: Exception) -> str:
    """Pillow raises Python's own errors for missing bytes."""
    raw = isinstance(error, struct.error) or isinstance(error.__cause__, struct.error | IndexError)
    return say("it is cut short or damaged") if raw else reason(error)


def _opened(path: Path, content: BinaryIO | None = None) -> tuple[Image.Image, Parts]:
    """A picture whose pixels are not read yet, and the metadata of its file.

    Pillow's readers are called one by one: ``Image.open`` warns of pictures that are large but allowed, and readers
    that are given no metadata warn of none. Warnings cannot be caught in one thread alone.

    Args:
        content: the file's, where somebody has it already.

    Raises:
        PictureError: it cannot be opened; says why.
    """
    try:
        with content or path.open("rb") as file:
            head = file.read(16)
            file.seek(0)
            if head.startswith(PNG):
                parts = parts_of_png(file)
                picture: Image.Image = PngImageFile(parts.stream)
            elif head.startswith(JPEG):
                parts = parts_of_jpeg(file)
                picture = JpegImageFile(parts.stream)
            elif head[:4] == b"RIFF" and head[8:12] == b"WEBP":
                parts = parts_of_webp(file)
                picture = _reader_of(path, head)(parts.stream, str(path))
            else:
                parts = Parts(stream=io.BytesIO(file.read()))
                picture = _reader_of(path, head)(parts.stream, str(path))
                parts.orientation = orientation_of(picture.info.get("exif", b"")) or 1
    except MemoryError as error:
        raise _undecodable(path, error) from error
    except _DAMAGE as error:
        why = say("cannot be read as a picture ({why}); replace or remove it", why=_why(error))
        raise PictureError(path, why) from error
    most = Image.MAX_IMAGE_PIXELS
    if most is not None and picture.width * picture.height > 2 * most:
        size = f"{picture.width} x {picture.height}"
        raise PictureError(path, say("has too many pixels to be opened safely ({size}); scale it down", size=size))
    return picture, parts


def _reader_of(path: Path, head: bytes) -> _Reader:
    """Pillow's reader of a format that is neither PNG nor JPEG; AVIF's plugin where Pillow cannot read that by itself.

    Raises:
        PictureError: it is none of the known formats, or one that Pillow cannot read here.
    """
    Image.init()
    if head[4:12] in (b"ftypavif", b"ftypavis") and "AVIF" not in Image.OPEN:
        try:
            import pillow_avif  # noqa: F401
        except ImportError as error:
            remedy = say("AVIF needs the package {package}: pip install it, or convert the picture to PNG",
                         package="pillow-avif-plugin")  # fmt: skip
            raise PictureError(path, remedy) from error
    for name in _FORMATS[2:]:
        if name not in Image.OPEN:
            continue
        reader, accepts = Image.OPEN[name]
        answer = accepts is None or accepts(head)
        if isinstance(answer, str):  # why it cannot be read here
            raise PictureError(path, say("{why}; convert the picture to PNG", why=answer))
        if answer:
            return cast(_Reader, reader)
    if not head:
        raise PictureError(path, say("is empty; replace or remove it"))
    known = ", ".join(_FORMATS)
    raise PictureError(
        path, say("is none of {known} inside, whatever its ending says; replace or remove it", known=known)
    )


def fitted(picture: Image.Image, fit: Fit, crop: tuple[int, int] | None = None) -> Image.Image:
    """Resized with Lanczos, and cut to its bucket: from left and top ``crop`` of the resized picture, or at its centre.

    Shrinking widens the filter by the ratio, so nothing aliases. Against the area integral of smooth rings that is 0.6
    to 1.1 grey levels RMS at every ratio, where OpenCV's INTER_AREA (what sd-scripts takes) is 0.3 to 1.9, worst near
    1, and Pillow's BOX, which weighs whole pixels only, 0.6 to 11.
    """
    (width, height), bucket = fit.resized, fit.bucket
    left, top = crop_of(fit) if crop is None else crop
    across, down = picture.width / width, picture.height / height
    lanczos = Image.Resampling.LANCZOS
    if width * height > _VAST * bucket[0] * bucket[1]:  # a strip: what is cut off anyway is not made first
        right, bottom = (left + bucket[0]) * across, (top + bucket[1]) * down
        box = (left * across, top * down, min(right, picture.width), min(bottom, picture.height))
        return picture.resize(bucket, lanczos, box=box)
    if picture.size != fit.resized:
        picture = picture.resize(fit.resized, lanczos)
    return picture.crop((left, top, left + bucket[0], top + bucket[1]))


def smaller(picture: Image.Image, side: int) -> Image.Image:
    """The picture in its proportions with at most ``side`` pixels; itself where it has no more.

    Whole factors are averaged first, which takes a fifth of the time.
    """
    longest = max(picture.size)
    if longest <= side:
        return picture
    size = max(1, round(picture.width * side / longest)), max(1, round(picture.height * side / longest))
    return picture.resize(size, Image.Resampling.HAMMING, reducing_gap=1.0)


def recoloured(picture: Image.Image, rng: Random) -> Image.Image:
    """With probability 1/3 the picture with its hue turned by at most 15.5 degrees, or a gamma of 0.95 to 1.05."""
    if rng.random() >= 1 / 3:
        return picture
    if rng.random() < 0.5:
        hue, saturation, value = picture.convert("HSV").split()
        shift = rng.randint(-11, 11)  # of 256: 8 of 180 degrees, as sd-scripts
        turned = hue.point([(level + shift) % 256 for level in range(256)])
        return Image.merge("HSV", (turned, saturation, value)).convert("RGB")
    gamma = rng.uniform(0.95, 1.05)
    return picture.point([round(255 * (level / 255) ** gamma) for level in range(256)] * 3)
