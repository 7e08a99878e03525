"""Splits PNG, JPEG and WebP files: what determines pixels is passed to a decoder, metadata is read here.

So no metadata, however large, broken or compressed, spoils sound pixels, and a decoder's limits and warnings for it are
never met. Knows bytes alone.
"""

import io
import re
import struct
import zlib
from dataclasses import dataclass, field
from typing import BinaryIO

PNG, JPEG = b"\x89PNG\r\n\x1a\n", b"\xff\xd8\xff"
"""What such files begin with."""
_DECISIVE = (b"IHDR", b"PLTE", b"tRNS", b"IDAT", b"IEND")
_TEXTS = (b"tEXt", b"zTXt", b"iTXt")
_EXIF_TEXT, _XMP_TEXT = b"Raw profile type exif", b"XML:com.adobe.xmp"
_MOST = 2**20
"""Most bytes of a metadata chunk that are read, packed and unpacked: the orientation is near its start."""
_BLOCK = 2**20
_ORIENTATION = 0x0112
_GREY, _RGB, _PALETTE = 0, 2, 3
_APP0, _EXIF, _PROFILE, _ADOBE, _COMMENT = 0xE0, 0xE1, 0xE2, 0xEE, 0xFE
_PROFILE_PART = b"ICC_PROFILE\0"
_COLOURS_TOLD = {(_APP0, b"JFIF\0"): 14, (_ADOBE, b"Adobe"): 12}
"""Segments that say how colours are kept, with the bytes below which decoders pass them over."""
_WITHOUT_LENGTH = (0x01, *range(0xD0, 0xD9))
_WEBP_PIXELS = (b"VP8X", b"VP8 ", b"VP8L", b"ALPH", b"ANIM", b"ANMF")
_WEBP_METADATA = 0b101100
"""Flags of VP8X: profile, EXIF, XMP."""
_END, _SCAN = 0xD9, 0xDA


@dataclass
class Parts:
    """A file without its metadata, and the metadata that affects how it is shown."""

    stream: BinaryIO = field(default_factory=io.BytesIO)
    """A file of the same kind that holds the pixels alone."""
    orientation: int = 1
    """EXIF orientation, 1 to 8."""
    exif: bytes = b""
    """JPEG: as it is in the file."""
    profile: bytes = b""
    """JPEG: the colour profile."""
    frames: int = 1
    """Pictures of an animated PNG, the one that all programs show among them."""
    proved: bool = False
    """PNG: all checksums are right, and the file is whole to its end."""
    damaged: list[str] = field(default_factory=list)
    """PNG: kinds of the chunks of metadata whose checksum is wrong, and tRNS that fits no such picture."""


def parts_of_png(file: BinaryIO) -> Parts:
    """A PNG file read from its start to its end.

    Source:
        PNG specification, sections 5.3 (length, type, data, CRC-32 of type and data) and 11.3.2.1 (tRNS).
    """
    parts, chunks = Parts(), _Chunks()
    parts.stream.write(file.read(len(PNG)))
    depth_colour, colours, pixels, sound, ended = (0, 0), 0, False, True, False
    while not ended and (head := file.read(8)):
        length, kind = struct.unpack(">I4s", head.ljust(8, b"\0"))
        data, holds, checksum = _chunk(file, kind, length, whole=kind in _DECISIVE)
        sound, pixels, ended = sound and holds, pixels or kind == b"IDAT", kind == b"IEND"
        if kind not in _DECISIVE:
            if holds:
                chunks.add(kind, data, behind=pixels)
            else:
                parts.damaged.append(kind.decode("ascii", "replace"))
            continue
        if kind == b"IHDR" and length == 13 == len(data):
            depth_colour = data[8], data[9]
        if kind == b"PLTE":
            colours = length // 3
        if kind == b"tRNS" and holds and not _fits(length, depth_colour[1], colours):
            parts.damaged.append("tRNS")
            continue
        if kind == b"tRNS" and holds:
            data = _in_eight_bits(data, *depth_colour)
            checksum = struct.pack(">I", zlib.crc32(kind + data))
        parts.stream.write(struct.pack(">I4s", length, kind) + data + checksum)
    parts.proved = sound and pixels and ended
    parts.orientation, parts.frames = chunks.orientation, chunks.frames
    parts.stream.seek(0)
    return parts


def _chunk(file: BinaryIO, kind: bytes, length: int, *, whole: bool) -> tuple[bytes, bool, bytes]:
    """Data of a chunk (its beginning, unless ``whole``), whether its checksum holds, and the checksum it has."""
    kept: list[bytes] = []
    found, left = zlib.crc32(kind), length
    while left and (block := file.read(min(left, _BLOCK))):
        found = zlib.crc32(block, found)
        if whole or not kept:
            kept.append(block)
        left -= len(block)
    checksum = file.read(4)
    return b"".join(kept), not left and checksum == struct.pack(">I", found), checksum


def _fits(length: int, colour: int, colours: int) -> bool:
    """Whether tRNS of so many bytes can mark anything in a picture of this kind: libpng leaves out what does not."""
    return 0 < length <= colours if colour == _PALETTE else length == {_GREY: 2, _RGB: 6}.get(colour)


def _in_eight_bits(mark: bytes, depth: int, colour: int) -> bytes:
    """A transparent colour in the levels that decoders give the picture: 0 to 255, but 0 to 65535 for 16-bit grey.

    Of 16-bit colours decoders keep the high bytes alone, so what is transparent is what has those.
    """
    if colour == _GREY and depth in (1, 2, 4):
        level = int.from_bytes(mark, "big") & (2**depth - 1)
        return struct.pack(">H", level * 255 // (2**depth - 1))
    if colour == _RGB and depth == 16:
        return b"".join(b"\0" + mark[place : place + 1] for place in (0, 2, 4))
    return mark


class _Chunks:
    """Chunks of a PNG that hold metadata; the most trusted one wins."""

    def __init__(self) -> None:
        self._exif, self._exif_text, self._xmp = b"", b"", b""
        self._animated, self._apart = 0, True

    def add(self, kind: bytes, data: bytes, *, behind: bool) -> None:
        """Read one chunk. ``behind``: whether it comes after the first chunk of pixels."""
        if kind == b"eXIf":
            self._exif = data
        elif kind in _TEXTS:
            keyword, _, text = data.partition(b"\0")
            if keyword == _EXIF_TEXT:
                self._exif_text = _unpacked(kind, text)
            elif keyword == _XMP_TEXT:
                self._xmp = _unpacked(kind, text)
        elif kind == b"acTL":
            self._animated = int.from_bytes(data[:4], "big")
        elif kind == b"fcTL" and not behind:  # the pixels are the animation's first picture
            self._apart = False

    @property
    def frames(self) -> int:
        return self._animated + self._apart if self._animated else 1

    @property
    def orientation(self) -> int:
        return orientation_of(self._exif or _from_hex(self._exif_text)) or orientation_in_xmp(self._xmp) or 1


def _unpacked(kind: bytes, text: bytes) -> bytes:
    """The text behind a chunk's keyword, as far as it is looked at."""
    packed = kind == b"zTXt" or (kind == b"iTXt" and text[:1] == b"\1")
    if kind == b"iTXt":
        text = text[2:].partition(b"\0")[2].partition(b"\0")[2]
    elif kind == b"zTXt":
        text = text[1:]
    try:
        return zlib.decompressobj().decompress(text, _MOST) if packed else text
    except zlib.error:
        return b""


def _from_hex(text: bytes) -> bytes:
    """ImageMagick's way: an empty line, a name, a length, then the bytes as hexadecimal digits."""
    digits = b"".join(text.split(b"\n")[3:])
    try:
        return bytes.fromhex(digits.decode("ascii"))
    except (UnicodeDecodeError, ValueError):
        return b""


def parts_of_jpeg(file: BinaryIO) -> Parts:
    """A JPEG file read from its start to its end: its segments but those of applications and comments.

    JFIF's and Adobe's stay, which say how colours are kept. Of several pictures in a file the first is shown.
    """
    parts = Parts()
    parts.stream.write(file.read(2))
    while (marker := _next_marker(file)) is not None:
        if marker == _SCAN:
            parts.stream.write(bytes((0xFF, marker)) + file.read())
            break
        length = file.read(2)
        data = file.read(max(0, int.from_bytes(length, "big") - 2))
        if marker == _EXIF and data.startswith(b"Exif\0"):
            parts.exif = parts.exif or data
        if marker == _PROFILE and data.startswith(_PROFILE_PART):
            parts.profile += data[len(_PROFILE_PART) + 2 :]  # behind number and count of the part
        tells = len(data) >= _COLOURS_TOLD.get((marker, data[:5]), len(data) + 1)
        if tells or not (_APP0 <= marker <= _APP0 + 15 or marker == _COMMENT):
            parts.stream.write(bytes((0xFF, marker)) + length + data)
    parts.orientation = orientation_of(parts.exif) or 1
    parts.stream.seek(0)
    return parts


def _next_marker(file: BinaryIO) -> int | None:
    """The next marker that has a segment; None at the end. Bytes between segments are skipped, as decoders do."""
    before = b""
    while byte := file.read(1):
        if before == b"\xff" and byte not in (b"\xff", b"\0") and byte[0] not in _WITHOUT_LENGTH:
            return None if byte[0] == _END else byte[0]
        before = byte
    return None


def parts_of_webp(file: BinaryIO) -> Parts:
    """A WebP file read from its start to its end: its chunks of pixels and animation.

    Source:
        WebP container specification: RIFF, size, WEBP, then chunks of a name, a size and data, padded to even sizes.
    """
    parts, exif, content = Parts(), b"", io.BytesIO()
    head = file.read(12)
    while len(start := file.read(8)) == 8:
        kind, length = struct.unpack("<4sI", start)
        data = file.read(length + length % 2)
        if kind == b"EXIF":
            exif = exif or data
        if kind == b"VP8X" and data:
            data = bytes((data[0] & ~_WEBP_METADATA,)) + data[1:]
        if kind in _WEBP_PIXELS:
            content.write(start + data)
    parts.stream.write(head[:4] + struct.pack("<I", 4 + content.tell()) + head[8:] + content.getvalue())
    parts.orientation = orientation_of(exif) or 1
    parts.stream.seek(0)
    return parts


def orientation_of(exif: bytes) -> int | None:
    """EXIF orientation, 1 to 8; None where there is none or EXIF is broken before it.

    Source:
        TIFF 6.0, section 2: byte order, 42, place of the first directory; a count, then 12 bytes an entry.
    """
    tiff = exif.removeprefix(b"Exif\0\0")
    order = {b"II": "<", b"MM": ">"}.get(tiff[:2])
    try:
        if order is None:
            return None
        (place,) = struct.unpack_from(f"{order}I", tiff, 4)
        (count,) = struct.unpack_from(f"{order}H", tiff, place)
        for entry in range(place + 2, place + 2 + 12 * count, 12):
            tag, kind = struct.unpack_from(f"{order}HH", tiff, entry)
            if tag == _ORIENTATION and kind in (3, 4):  # a short, or a long
                (value,) = struct.unpack_from(f"{order}{'H' if kind == 3 else 'I'}", tiff, entry + 8)
                return value if 1 <= value <= 8 else None
    except struct.error:
        return None
    return None


def orientation_in_xmp(xmp: bytes) -> int | None:
    """Orientation in XMP, 1 to 8; None where it has none."""
    match = re.search(rb'tiff:Orientation(?:="|>)([1-8])', xmp)
    return int(match[1]) if match else None
