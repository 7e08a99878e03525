"""Tables of tags, which TIFF files and EXIF have, as far as they are sound.

Pillow's readers warn of damaged ones, and end at the first whose value the file does not hold. Knows bytes alone.
"""

import struct
from collections.abc import Iterator
from typing import NamedTuple

from PIL import TiffTags

_ORDERS = {b"II*\0": "<", b"MM\0*": ">"}
"""Of bytes, by how a file begins."""
_UNITS = {1: 1, 2: 1, 3: 2, 4: 4, 5: 8, 6: 1, 7: 1, 8: 2, 9: 4, 10: 8, 11: 4, 12: 8, 13: 4, 16: 8}
"""Bytes of a value, by its type."""
_WHOLE = (1, 2, 7)
"""Types that are one value, however long: bytes, text, and what only some programs know."""
_INLINE = 4


class _Entry(NamedTuple):
    tag: int
    kind: int
    values: int
    field: bytes
    """The value, or where it lies."""
    value: bytes


def sound_tiff(content: bytes) -> bytes:
    """The file with its first picture alone, and tags that readers have nothing to say about.

    BigTIFF and what is no TIFF stay as they are.
    """
    order = _ORDERS.get(content[:4])
    if order is None or len(content) < 8:
        return content
    table = b""
    entries = list(_entries(content, struct.unpack_from(f"{order}I", content, 4)[0], order))
    for tag, kind, count, field, value in entries:
        if count > 1 and kind not in _WHOLE and TiffTags.lookup(tag).length == 1:
            count, unit = 1, _UNITS[kind]
            field = field if unit > _INLINE else value[:unit].ljust(_INLINE, b"\0")
        table += struct.pack(f"{order}HHI4s", tag, kind, count, field)
    content += bytes(len(content) % 2)
    head = content[:4] + struct.pack(f"{order}I", len(content))
    return head + content[8:] + struct.pack(f"{order}H", len(entries)) + table + bytes(4)


def value_in(tiff: bytes, *tags: int) -> bytes:
    """The value of the last of some tags, of which each but the last one tells where the next one's table lies."""
    order, place, value = _ORDERS.get(tiff[:4]), tiff[4:8], b""
    for tag in tags:
        if order is None or len(place) != _INLINE:
            return b""
        entries = _entries(tiff, struct.unpack(f"{order}I", place)[0], order)
        place = value = next((one.value for one in entries if one.tag == tag), b"")
    return value


def _entries(content: bytes, start: int, order: str) -> Iterator[_Entry]:
    """Those of a table whose values the file holds.

    Source:
        TIFF revision 6.0, section 2: entries of 12 bytes, values of more than 4 bytes lie at an offset.
    """
    (count,) = struct.unpack(f"{order}H", content[start : start + 2].ljust(2, b"\0"))
    for place in range(start + 2, min(start + 2 + 12 * count, len(content) - 11), 12):
        tag, kind, number, field = struct.unpack_from(f"{order}HHI4s", content, place)
        size = _UNITS.get(kind, 0) * number
        offset = place + 8 if size <= _INLINE else struct.unpack(f"{order}I", field)[0]
        if size and offset + size <= len(content):
            yield _Entry(tag, kind, number, field, content[offset : offset + size])
