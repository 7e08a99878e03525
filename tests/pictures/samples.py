"""Bytes of small picture files."""

import struct

SIDE = 8  # pixels
COLOURS = bytes(range(3 * SIDE))
"""A row of them, each of another colour."""


def exif(orientation: int, *, long: bool = False, order: str = "<") -> bytes:
    """A TIFF block that holds this orientation, 1 to 8, and the width.

    Args:
        long: as four bytes instead of two.
        order: "<" or ">", as for ``struct``.
    """
    mark = {"<": b"II*\0", ">": b"MM\0*"}[order]
    value = struct.pack(f"{order}I", orientation) if long else struct.pack(f"{order}HH", orientation, 0)
    entry = struct.pack(f"{order}HHI", 0x0112, 4 if long else 3, 1) + value
    other = struct.pack(f"{order}HHII", 0x0100, 4, 1, 99)
    return mark + struct.pack(f"{order}IH", 8, 2) + other + entry + struct.pack(f"{order}I", 0)
