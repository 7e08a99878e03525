"""Another text in a PNG whose pixels stay byte for byte as they are."""

import struct
import zlib
from collections.abc import Callable

_SIGNATURE = b"\x89PNG\r\n\x1a\n"


def with_other_text(content: bytes, change: Callable[[str], str]) -> bytes:
    """A PNG file with other values of its texts that are not packed; what is no PNG stays as it is.

    Source:
        PNG specification, 11.3.4: tEXt is a keyword, 0, Latin-1; iTXt a keyword, 0, two numbers of which the first is
        whether it is packed, a language, 0, a keyword, 0, UTF-8.
    """
    parts, place = [content[:8]], 8
    while content.startswith(_SIGNATURE) and len(head := content[place : place + 8]) == 8:
        length, kind = struct.unpack(">I4s", head)
        end = place + 12 + length
        parts.append(_changed(kind, content[place + 8 : place + 8 + length], content[place:end], change))
        place = end
    return b"".join([*parts, content[place:]])


def _changed(kind: bytes, data: bytes, chunk: bytes, change: Callable[[str], str]) -> bytes:
    encoding = {b"tEXt": "latin-1", b"iTXt": "utf-8"}.get(kind)
    keyword, zero, rest = data.partition(b"\0")
    packed = kind == b"iTXt" and rest[:1] != b"\0"
    if encoding is None or not zero or packed:
        return chunk
    before = keyword + zero
    if kind == b"iTXt":
        language, _, rest = rest[2:].partition(b"\0")
        translated, _, rest = rest.partition(b"\0")
        before += b"\0\0" + language + b"\0" + translated + b"\0"
    try:
        text = change(rest.decode(encoding)).encode(encoding)
    except UnicodeError:
        return chunk
    new = before + text
    return struct.pack(">I", len(new)) + kind + new + struct.pack(">I", zlib.crc32(kind + new))
