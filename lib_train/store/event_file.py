"""Event files of TensorBoard, written without it: scalars by step, in records with checksums.

Source:
    tensorboard/compat/proto/{event,summary}.proto, and tensorboard/summary/writer/record_writer.py
    (https://github.com/tensorflow/tensorboard).
"""

import struct
from collections.abc import Mapping

_POLYNOMIAL = 0x82F63B78  # CRC-32C (Castagnoli), bits reversed; RFC 3720, appendix B.4
_MASK = 0xA282EAD8


def _row(byte: int) -> int:
    for _ in range(8):
        byte = byte >> 1 ^ (_POLYNOMIAL if byte & 1 else 0)
    return byte


_TABLE = tuple(map(_row, range(256)))


def checksum(content: bytes) -> int:
    """CRC-32C.

    >>> hex(checksum(b"123456789"))
    '0xe3069283'
    """
    rest = 0xFFFFFFFF
    for byte in content:
        rest = _TABLE[(rest ^ byte) & 0xFF] ^ rest >> 8
    return rest ^ 0xFFFFFFFF


def first_records(time: float) -> bytes:
    """What a file begins with: its version, and that steps from 1 on follow, whatever was read before.

    Args:
        time: seconds since 1970.
    """
    started = _message(7, _number(1, 1))  # SessionLog.START
    return _record(_event(time, 0) + _message(3, b"brain.Event:2")) + _record(_event(time, 1) + started)


def scalars(time: float, step: int, values: Mapping[str, float]) -> bytes:
    """A record of values by tag."""
    each = (_message(1, _message(1, tag.encode()) + _float(2, value)) for tag, value in values.items())
    return _record(_event(time, step) + _message(5, b"".join(each)))


def _event(time: float, step: int) -> bytes:
    return b"\x09" + struct.pack("<d", time) + (_number(2, step) if step else b"")


def _record(content: bytes) -> bytes:
    length = struct.pack("<Q", len(content))
    return length + _masked(length) + content + _masked(content)


def _masked(content: bytes) -> bytes:
    found = checksum(content)
    return struct.pack("<I", ((found >> 15 | found << 17) + _MASK) & 0xFFFFFFFF)


def _message(field: int, content: bytes) -> bytes:
    return _varint(field << 3 | 2) + _varint(len(content)) + content


def _number(field: int, value: int) -> bytes:
    return _varint(field << 3) + _varint(value)


def _float(field: int, value: float) -> bytes:
    return _varint(field << 3 | 5) + struct.pack("<f", max(-3.4028234e38, min(value, 3.4028234e38)))


def _varint(value: int) -> bytes:
    found = bytearray()
    while value > 0x7F:
        found.append(value & 0x7F | 0x80)
        value >>= 7
    return bytes((*found, value))
