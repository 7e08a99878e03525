"""Picture files of formats that are not trained on, as PNG: TIFF, GIF, JFIF, and HEIC and JPEG XL where a plugin is."""

import importlib
import io
from collections.abc import Callable
from typing import IO, Any, BinaryIO, cast

import numpy
from PIL import Image
from PIL.JpegImagePlugin import JpegImageFile

from lib_train.errors import FileError, MissingPackage, reason
from lib_train.pictures.containers import JPEG, Parts, orientation_of, parts_of_jpeg
from lib_train.pictures.images import UPRIGHT
from lib_train.pictures.tiffs import sound_tiff
from lib_train.texts import say

CONVERTED = (".tif", ".tiff", ".gif", ".jfif", ".heic", ".heif", ".jxl")
"""Endings of files that are converted on the way in."""
_READERS = ("PNG", "JPEG", "WEBP", "BMP", "GIF", "TIFF", "AVIF", "HEIF", "JXL")
"""Pillow's readers that are used, whatever the ending; EPS and others run programs."""
_HEIC_BRANDS = (b"heic", b"heix", b"hevc", b"heim", b"heis", b"mif1", b"msf1", b"heif")
_JXL = (b"\xff\x0a", b"\x00\x00\x00\x0cJXL \r\n\x87\n")
_KEPT = ("RGB", "RGBA", "L", "LA", "1", "I")
"""Modes that a PNG holds as they are."""
_Reader = Callable[[IO[bytes], str], Image.Image]


def as_png(content: IO[bytes]) -> bytes:
    """The file's first picture as a PNG: upright, transparency and colour profile kept, 16 bits of grey too.

    Raises:
        FileError: it is damaged or none of the known formats; the message has no name.
        MissingPackage: its format needs a plugin of Pillow that is not here.
    """
    try:
        return _as_png(content)
    except (FileError, MissingPackage):
        raise
    except MemoryError as error:
        raise FileError(say("there is too little memory to open it; close other programs, or scale it down")) from error
    except Exception as error:  # Pillow's readers raise what Python does on damaged bytes
        raise FileError(
            say("the picture cannot be decoded ({why}); replace or remove it", why=reason(error))
        ) from error


def _as_png(content: IO[bytes]) -> bytes:
    content.seek(0)
    head = content.read(32)
    content.seek(0)
    picture, parts = _opened(content, head)
    with picture:
        most = Image.MAX_IMAGE_PIXELS
        if most is not None and picture.width * picture.height > 2 * most:
            size = f"{picture.width} x {picture.height}"
            raise FileError(say("has too many pixels to be opened safely ({size}); scale it down", size=size))
        picture.seek(0)
        picture.load()
        profile = parts.profile or picture.info.get("icc_profile")
        turn = UPRIGHT.get(parts.orientation or orientation_of(picture.info.get("exif", b"")) or 1)
        upright = picture if turn is None else picture.transpose(turn)
        plain = _plain(upright)
    out = io.BytesIO()
    keeps = profile and plain.mode in ("RGB", "RGBA") and upright.mode not in ("CMYK", "LAB", "YCbCr")
    plain.save(out, "PNG", icc_profile=profile if keeps else None)
    return out.getvalue()


def _opened(content: IO[bytes], head: bytes) -> tuple[Image.Image, Parts]:
    """The picture by its own reader, and what its metadata say where they are read here.

    ``Image.open`` warns of sizes, and readers of damaged metadata, which cannot be caught by thread: readers are called
    straight, and JPEG's and TIFF's are given what they have nothing to say about.

    Raises:
        FileError: it is none of the known formats.
    """
    Image.init()
    if head[4:8] == b"ftyp" and head[8:12] in _HEIC_BRANDS and "HEIF" not in Image.OPEN:
        _plugin("pillow_heif", "pillow-heif", "HEIC").register_heif_opener()
    elif head.startswith(_JXL) and "JXL" not in Image.OPEN:
        _plugin("pillow_jxl", "pillow-jxl-plugin", "JPEG XL")  # registers itself
    if head.startswith(JPEG):
        parts = parts_of_jpeg(cast(BinaryIO, content))
        return JpegImageFile(parts.stream, ""), parts
    for name in _READERS:
        reader, accepts = Image.OPEN.get(name, (None, None))
        if reader and (accepts is None or accepts(head) is True):
            if name != "TIFF":
                return cast(_Reader, reader)(content, ""), Parts(orientation=0)
            tiff = sound_tiff(content.read())
            return cast(_Reader, reader)(io.BytesIO(tiff), ""), Parts(orientation=orientation_of(tiff) or 1)
    known = ", ".join(_READERS)
    raise FileError(say("is none of {known} inside, whatever its ending says; replace or remove it", known=known))


def _plugin(module: str, package: str, kind: str) -> Any:
    try:
        return importlib.import_module(module)
    except ImportError as error:
        raise MissingPackage(package, kind) from error


def _plain(picture: Image.Image) -> Image.Image:
    """The picture in a mode that a PNG holds, transparency as a channel of its own."""
    if picture.mode == "F":
        return _from_floats(picture)
    if picture.mode.startswith("I;16"):
        return Image.fromarray(numpy.asarray(picture).astype(numpy.int32), "I")
    if "transparency" in picture.info or picture.mode in ("PA", "La", "RGBa", "LA"):
        return picture.convert("RGBA")
    if picture.mode == "LAB":
        from PIL import ImageCms

        profiles = ImageCms.createProfile("LAB"), ImageCms.createProfile("sRGB")
        return cast(Image.Image, ImageCms.profileToProfile(picture, *profiles, outputMode="RGB"))
    return picture if picture.mode in _KEPT else picture.convert("RGB")


def _from_floats(picture: Image.Image) -> Image.Image:
    """Floats are 0 to 1 by custom, 0 to 255 where some are above."""
    values = numpy.nan_to_num(numpy.asarray(picture, numpy.float64), nan=0.0, posinf=255.0, neginf=0.0)
    scale = 255.0 if values.max(initial=0.0) <= 1 else 1.0
    return Image.fromarray((values * scale).round().clip(0, 255).astype(numpy.uint8))
