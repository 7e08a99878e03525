"""Reads event files of TensorBoard bit by bit, apart from the code that writes them."""

import struct
from collections.abc import Iterator
from pathlib import Path
from typing import Any


def crc(content: bytes) -> int:
    """CRC-32C as a division of polynomials, with the mask of the record format."""
    rest = 0xFFFFFFFF
    for byte in content:
        for bit in range(8):
            odd = (rest ^ byte >> bit) & 1
            rest = rest >> 1 ^ (0x82F63B78 if odd else 0)
    rest ^= 0xFFFFFFFF
    return (((rest >> 15) | (rest << 17)) + 0xA282EAD8) & 0xFFFFFFFF


def events(content: bytes) -> Iterator[dict[int, Any]]:
    """Events as fields by number; each record's checksums are checked."""
    place = 0
    while place < len(content):
        (length,), (check,) = (struct.unpack_from(kind, content, place + at) for kind, at in (("<Q", 0), ("<I", 8)))
        data = content[place + 12 : place + 12 + length]
        assert check == crc(content[place : place + 8])
        assert struct.unpack_from("<I", content, place + 12 + length) == (crc(data),)
        yield dict(fields(data))
        place += length + 16


def fields(data: bytes) -> Iterator[tuple[int, Any]]:
    """Fields of a message of protocol buffers: number and value."""
    place = 0
    while place < len(data):
        key, place = varint(data, place)
        if key & 7 == 0:
            value, place = varint(data, place)
            yield key >> 3, value
        elif key & 7 == 2:
            length, place = varint(data, place)
            yield key >> 3, data[place : place + length]
            place += length
        else:
            kind, length = {1: ("<d", 8), 5: ("<f", 4)}[key & 7]
            yield key >> 3, struct.unpack_from(kind, data, place)[0]
            place += length


def varint(data: bytes, place: int) -> tuple[int, int]:
    value = shift = 0
    while True:
        value |= (data[place] & 0x7F) << shift
        if data[place] < 0x80:
            return value, place + 1
        place, shift = place + 1, shift + 7


def scalars_in(path: Path) -> dict[str, list[tuple[int, float]]]:
    """Steps and values of an event file by tag, in its order."""
    found: dict[str, list[tuple[int, float]]] = {}
    for event in events(path.read_bytes()):
        for _, value in fields(event.get(5, b"")):
            one = dict(fields(value))
            found.setdefault(one[1].decode(), []).append((event[2], one[2]))
    return found
