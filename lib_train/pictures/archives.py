"""Zip archives of pictures: names in whatever encoding, and members one by one, unpacked no further than is safe.

Nothing is unpacked to where an archive says: a member is a name and a stream, and whoever takes it chooses the place.
"""

import io
import lzma
import os
import stat
import struct
import tempfile
import zipfile
import zlib
from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager
from functools import partial
from typing import IO, NamedTuple, cast

from lib_train.errors import ArchiveError, reason
from lib_train.texts import joined, say

ENDING = ".zip"
_BLOCK = 2**20
_IN_MEMORY = 2**25
_UTF8_FLAG, _ENCRYPTED_FLAG = 0x800, 0x1
_UNICODE_PATH = 0x7075
_MADE_BY_UNIX = 3
_UNPACKABLE = (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED, zipfile.ZIP_BZIP2, zipfile.ZIP_LZMA)
_RAW = (".bmp", ".tif", ".tiff")
"""Endings of pictures that are large by themselves and pack well where they are drawn."""
_DAMAGE = (zipfile.BadZipFile, zlib.error, lzma.LZMAError, EOFError, OSError, ValueError, RuntimeError, struct.error,
           LookupError, OverflowError)  # fmt: skip
"""What zipfile raises for damaged archives and members."""


class Source(NamedTuple):
    """A file that can be taken in."""

    path: str
    """Its folders and its name, as whoever gives it tells."""
    open: Callable[[], AbstractContextManager[IO[bytes]]]
    """Its content, as a stream that can be sought."""
    blocks: Callable[[], Iterator[bytes]] | None = None
    """Its content in parts, one after the other, of a member of an archive: for files that memory should not hold."""


class Limits(NamedTuple):
    """What an archive may hold; a bomb holds more."""

    members: int = 100_000
    unpacked_bytes: int = 64 * 2**30
    """All that is taken of it."""
    ratio: int = 100
    """Bytes unpacked by bytes packed: pictures are packed already, and text gives 20."""
    small_bytes: int = 16 * 2**20
    """Below so much nobody asks for the ratio."""
    raw_bytes: int = 512 * 2**20
    """The same for a picture that is not packed by its own format: one colour packs a thousand times."""


_USUAL = Limits()


@contextmanager
def opened(archive: IO[bytes], name: str, limits: Limits = _USUAL) -> Iterator[tuple[list[Source], list[str]]]:
    """The members of a zip, and a sentence for each that cannot be unpacked.

    Nothing is unpacked before it is asked for; all of it can be asked for while this is entered.

    Args:
        name: of the archive, for messages.

    Raises:
        ArchiveError: it is no zip, is damaged at its end, or is a bomb.
    """
    try:
        found = _zip_in(archive)
    except _DAMAGE as error:
        why = say("is no whole zip archive ({why}); make the zip anew, or take a folder", why=reason(error))
        raise ArchiveError(say("{name}: {why}", name=name, why=why)) from error
    with found:
        size = archive.seek(0, os.SEEK_END)
        members = found.infolist()
        _require_few(name, len(members), limits)
        listed = [(path, member) for path, member in zip(names_of(members), members, strict=True)
                  if not path.endswith(("/", "\\"))]  # fmt: skip
        troubles = [(path, member, _trouble_of(path, member, limits)) for path, member in listed]
        good = [(path, member) for path, member, trouble in troubles if not trouble]
        _require_no_bomb(name, sum(member.file_size for _, member in good), size, limits)
        yield (
            [Source(path, partial(_unpacked, found, member), partial(_blocks, found, member)) for path, member in good],
            [joined(": ", (path, trouble)) for path, _, trouble in troubles if trouble],
        )


def _zip_in(archive: IO[bytes]) -> zipfile.ZipFile:
    """The archive; zipfile refuses all of it where one name is not the UTF-8 that it declares."""
    try:
        return zipfile.ZipFile(archive)
    except UnicodeDecodeError:
        archive.seek(0)
        return zipfile.ZipFile(io.BytesIO(_without_wrong_marks(bytearray(archive.read()))))


def _without_wrong_marks(content: bytearray) -> bytes:
    """The archive with the mark of UTF-8 taken from the names that are none.

    Source:
        PKWARE APPNOTE 6.3.10, sections 4.3.12 (central directory) and 4.3.16 (its end).
    """
    end = content.rindex(b"PK\5\6")
    count, size, start = struct.unpack_from("<HII", content, end + 10)
    place = end - size
    before = place - start  # what lies before the archive, such as a program that unpacks it
    for _ in range(count):
        name, extra, comment = struct.unpack_from("<HHH", content, place + 28)
        (header,) = struct.unpack_from("<I", content, place + 42)
        try:
            content[place + 46 : place + 46 + name].decode()
        except UnicodeDecodeError:
            for mark in (place + 9, before + header + 7):
                content[mark] &= ~_UTF8_FLAG >> 8 & 0xFF
        place += 46 + name + extra + comment
    return bytes(content)


def _require_few(name: str, count: int, limits: Limits) -> None:
    if count > limits.members:
        raise ArchiveError(
            say("{name}: holds {count} files, at most {most} are taken; split it", name=name, count=count,
                most=limits.members)
        )  # fmt: skip


def _require_no_bomb(name: str, unpacked: int, packed: int, limits: Limits) -> None:
    if unpacked > limits.unpacked_bytes or (unpacked > limits.raw_bytes and unpacked > limits.ratio * packed):
        raise ArchiveError(
            say("{name}: would unpack from {packed} to {unpacked} bytes, as no pictures do; unpack it yourself if you "
                "trust it, and take the folder", name=name, packed=packed, unpacked=unpacked)
        )  # fmt: skip


def _trouble_of(path: str, member: zipfile.ZipInfo, limits: Limits) -> str:
    """Why a member cannot be unpacked, as far as the archive's list of files says; empty when it can."""
    if member.create_system == _MADE_BY_UNIX and stat.S_ISLNK(member.external_attr >> 16):
        return say("is a link; put the file itself into the archive")
    if member.flag_bits & _ENCRYPTED_FLAG:
        return say("is encrypted; unpack it with its password, and take the folder")
    if member.compress_type not in _UNPACKABLE:
        return say("is packed by a method that is not known here; make the zip anew")
    small = limits.raw_bytes if path.lower().endswith(_RAW) else limits.small_bytes
    if member.file_size > small and member.file_size > limits.ratio * member.compress_size:
        return say("would unpack from {packed} to {unpacked} bytes, as no picture does",
                   packed=member.compress_size, unpacked=member.file_size)  # fmt: skip
    return ""


@contextmanager
def _unpacked(archive: zipfile.ZipFile, member: zipfile.ZipInfo) -> Iterator[IO[bytes]]:
    """A member's content, whole and with the right checksum.

    Raises:
        OSError: it is damaged, or longer than the archive says.
    """
    with tempfile.SpooledTemporaryFile(max_size=_IN_MEMORY) as content:
        for block in _blocks(archive, member):
            content.write(block)
        content.seek(0)
        yield cast(IO[bytes], content)


def _blocks(archive: zipfile.ZipFile, member: zipfile.ZipInfo) -> Iterator[bytes]:
    """A member's content in parts; whether its checksum is right is known after the last one.

    Raises:
        OSError: it is damaged, or longer than the archive says.
    """
    left = member.file_size
    try:
        with archive.open(member) as packed:
            while block := packed.read(_BLOCK):
                left -= len(block)
                if left < 0:
                    raise OSError(0, say("it unpacks to more than the archive says"))
                yield block
    except _DAMAGE as error:
        raise OSError(0, say("it is damaged in the archive: {why}", why=reason(error))) from error


def names_of(members: Sequence[zipfile.ZipInfo]) -> list[str]:
    """Each member's path as whoever packed it saw it.

    Zips that declare UTF-8, or carry a Unicode path beside (Info-ZIP), are taken at their word. The others of one
    archive are in one encoding, which ``encoding_of`` finds.

    Source:
        PKWARE APPNOTE 6.3.10, sections 4.4.4 (bit 11) and 4.6.9 (Unicode path, 0x7075).
    """
    told = [_told(member) for member in members]
    raw = [b"" if name is not None else _raw(member) for name, member in zip(told, members, strict=True)]
    encoding = encoding_of(raw)
    return [name if name is not None else one.decode(encoding, "replace") for name, one in zip(told, raw, strict=True)]


def _told(member: zipfile.ZipInfo) -> str | None:
    """The name that the archive declares; None where it declares none."""
    if member.flag_bits & _UTF8_FLAG or member.orig_filename.isascii():
        return member.orig_filename
    extra = member.extra
    while len(extra) >= 4:
        kind, length = struct.unpack_from("<HH", extra)
        field, extra = extra[4 : 4 + length], extra[4 + length :]
        if kind == _UNICODE_PATH and len(field) > 5 and field[0] == 1:
            (checksum,) = struct.unpack_from("<I", field, 1)
            if checksum == zlib.crc32(_raw(member)):
                return field[5:].decode("utf-8", "replace")
    return None


def _raw(member: zipfile.ZipInfo) -> bytes:
    """The name's bytes: zipfile reads them as code page 437, which has a letter for each."""
    return member.orig_filename.encode("cp437")


def encoding_of(names: Sequence[bytes]) -> str:
    """The encoding of names that declare none: that in which they are the likeliest text.

    >>> [encoding_of([text.encode(codec)]) for text, codec in (("猫の写真", "cp932"), ("小猫图片", "gbk"))]
    ['cp932', 'gbk']
    """
    told = b"\n".join(name for name in names if not name.isascii())
    return max(("utf-8", "cp437", "gbk", "cp932"), key=lambda codec: _likelihood(told, codec))


def _likelihood(names: bytes, codec: str) -> float:
    """How much like names of files they read, from -1 to 1; below that where they cannot be read."""
    try:
        text = names.decode(codec)
    except UnicodeDecodeError:
        return -2.0
    places = [place for place, letter in enumerate(text) if not letter.isascii()]
    weights = [_weight(text[place], codec, _is_in_a_word(text, place)) for place in places]
    return sum(weights) / max(1, len(weights))


def _is_in_a_word(text: str, place: int) -> bool:
    """Whether a plain letter, a to z, stands beside it."""
    return any(letter.isascii() and letter.isalpha() for letter in text[max(0, place - 1) : place + 2])


def _weight(letter: str, codec: str, in_a_word: bool) -> float:
    """1 for what is frequent in names, -1 for what is hardly ever in any."""
    code = ord(letter)
    if codec == "utf-8" and code > 0x7FF:  # three bytes and more fit its pattern by no chance
        return 1.5
    if 0x4E00 <= code <= 0x9FFF or 0x3040 <= code <= 0x30FF or letter == "々":
        frequent = _rank(letter, codec) if code >= 0x4E00 else 1.0
        return frequent - (0.5 if in_a_word else 0.0)
    if codec in ("utf-8", "cp437") and letter.isalpha():
        return 0.9 if in_a_word or code > 0x370 else 0.2
    if 0xFF01 <= code <= 0xFF5E or letter in "　、。・「」『』【】（）《》〈〉〜～…—·“”‘’×":
        return 0.3
    return -0.5 if 0xFF61 <= code <= 0xFF9F else -1.0


def _rank(letter: str, codec: str) -> float:
    """How frequent an ideograph is: the standards list the frequent ones first (level 1), then the rare ones."""
    lead, trail = letter.encode(codec)
    if codec == "cp932":
        return 1.0 if 0x88 <= lead <= 0x97 or (lead == 0x98 and trail <= 0x72) else -0.2
    if not (0xB0 <= lead <= 0xF7 and trail >= 0xA1):  # what GBK added to GB 2312
        return -0.3
    return 1.0 if lead <= 0xD7 else -0.2
