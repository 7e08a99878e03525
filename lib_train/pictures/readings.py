"""Captions that are not what they seem: read by a prompt's syntax, by another program or in another encoding."""

import json
import re
from unicodedata import category

from lib_train.texts import say

_ESCAPED = re.compile(r"\\([()\[\]])")
_WEIGHED = re.compile(r"(?<!\\)\(([^()]*):\s*[-+]?(?:\d+\.?\d*|\.\d+)\s*(?<!\\)\)")
"""``(word:1.2)``"""
_NETWORK = re.compile(r"<\w+:[^<>]+>")
"""``<lora:name:1>``"""
_LONGEST_TAG = 4
"""Words of a tag; more are a sentence."""
_FULL_STOPS = "\u3002\uff01\uff1f"
"""Of languages without spaces between words."""
_SEPARATORS = ",\uff0c\u3001;\uff1b|"
_COMMON = (
    range(0xA0, 0x180),  # Latin of Europe
    range(0x386, 0x3CF),  # Greek
    range(0x400, 0x460),  # Cyrillic
    range(0x5D0, 0x5EB),  # Hebrew
    range(0x61F, 0x653),  # Arabic
)
"""Letters of two bytes in UTF-8 that captions are written in; one text has those of one row, and of the first."""
_EAST_ASIAN = (("GBK", "gb2312"), ("Shift-JIS", "shift_jis"), ("Big5", "big5"))


def is_blank(caption: str, separator: str = ",") -> bool:
    """Whether a caption is blank: empty, or only separators, spaces and invisible characters.

    >>> is_blank(", , |"), is_blank(":)")
    (True, False)
    """
    empty = f"{_SEPARATORS}{separator}"
    return all(sign in empty or sign.isspace() or category(sign) in ("Cc", "Cf") for sign in caption)


def is_prose(caption: str, separator: str = ",") -> bool:
    """Whether most words of a caption stand in sentences, not in tags.

    >>> is_prose("mochi sleeps on the red sofa, smiling"), is_prose("1girl, hair over one eye, hat")
    (True, False)
    """
    parts = [part.split() for part in caption.split(separator)]
    inside = sum(len(words) for words in parts if len(words) > _LONGEST_TAG)
    return 2 * inside > sum(map(len, parts)) or any(sign in caption for sign in _FULL_STOPS)


def plain(caption: str) -> str:
    r"""The caption without the backslashes before brackets: in a prompt ``\(`` is a bracket that weighs nothing.

    >>> plain(r"saber \(fate\), a\b")
    'saber (fate), a\\b'
    """
    return _ESCAPED.sub(r"\1", caption)


def has_escapes(caption: str) -> bool:
    """Whether ``plain`` changes it."""
    return _ESCAPED.search(caption) is not None


def without_weights(caption: str) -> str:
    """The caption with the words of a prompt's weights alone, and without its networks.

    >>> without_weights("(hat:1.3), ((ears:1.1) up:0.9), <lora:x:1>")
    'hat, ears up, '
    """
    while (shorter := _NETWORK.sub("", _WEIGHED.sub(lambda found: found[1].strip(), caption))) != caption:
        caption = shorter
    return caption


def has_weights(caption: str) -> bool:
    """Whether a prompt's weights or networks stand in it.

    >>> has_weights("(hat:1.3)"), has_weights("<lora:x:1>"), has_weights("saber (fate)"), has_weights("(a:b)")
    (True, True, False, False)
    """
    return bool(_WEIGHED.search(caption) or _NETWORK.search(caption))


def is_json(caption: str) -> bool:
    """Whether it is a JSON object or list, whole or its first line."""
    if not caption.startswith(("{", "[")):
        return False
    try:
        return isinstance(json.loads(caption), dict | list)
    except (ValueError, RecursionError):
        return caption in ("{", "[") or caption.startswith(('{"', '["', '[{"'))


def other_reading(caption: str) -> str | None:
    """What ``reread`` finds, in words: "'...' in GBK"."""
    found = reread(caption)
    return found and say("{text!r} in {encoding}", text=found[1][:24], encoding=found[0])


def reread(caption: str) -> tuple[str, str] | None:
    """Encoding and text of a caption that is UTF-8 by chance, or was made UTF-8 twice; None where it is what it seems.

    Two bytes of an East Asian encoding may be one letter in UTF-8, of an alphabet that no caption is written in.
    """
    if caption.isascii():
        return None
    letters = [ord(letter) for letter in caption if letter > "\x7f"]
    if twice := _decoded(caption, "cp1252", "utf-8"):
        return "UTF-8", twice
    rows = {next((place for place, row in enumerate(_COMMON) if letter in row), -1) for letter in letters} - {0}
    if max(letters) > 0x7FF or (len(rows) < 2 and -1 not in rows):
        return None
    found = ((name, _decoded(caption, "utf-8", codec)) for name, codec in _EAST_ASIAN)
    return next(((name, text) for name, text in found if text), None)


def _decoded(text: str, one: str, other: str) -> str | None:
    try:
        return text.encode(one).decode(other)
    except UnicodeError:
        return None
