"""What a single term of a selection asks of an entry: a tag, or ``key:value``."""

import re
from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass, field
from difflib import get_close_matches
from functools import lru_cache

from lib_train.names import composed
from lib_train.pictures.captions import tags_of
from lib_train.pictures.entry import Entry
from lib_train.pictures.readings import is_blank, plain
from lib_train.texts import either, say

Test = Callable[[Entry], bool]
_COMPARED = re.compile(r"(<=|>=|<|>|=)?(\d{1,12}(?:\.\d{1,6})?)(?:(?:-|\.\.)(\d{1,12}(?:\.\d{1,6})?))?")
_SIZE = re.compile(r"(\d{1,6})[xX\u00d7*](\d{1,6})")


@dataclass(frozen=True, kw_only=True)
class Known:
    """What entries do not say by themselves, as functions that are called when a term asks."""

    separator: str = ","
    """Of tags."""
    mark: str = ""
    """Separates tags too, such as ``keep_tokens_separator``; empty is none."""
    bucket: Callable[[Entry], tuple[int, int] | None] = field(default=lambda entry: None)
    """Width and height of an entry's bucket; None for what has none."""
    problems: Callable[[], Sequence[str]] = field(default=lambda: ())
    """Codes of all the problems that are looked for, found or not."""
    having: Callable[[str], Collection[int]] = field(default=lambda code: ())
    """Ids of the entries that have a problem."""
    masked: Callable[[], Collection[int]] = field(default=lambda: ())
    """Ids of the entries that have a mask."""


NOTHING_MORE = Known()


@lru_cache(maxsize=2**14)
def same_tag(tag: str) -> str:
    r"""A tag as it is compared: case, underscores, escaped brackets and Unicode forms make no other one of it.

    >>> same_tag(r"Saber_\(Fate\)")
    'saber (fate)'
    """
    return " ".join(plain(composed(tag)).casefold().replace("_", " ").split())


@lru_cache(maxsize=2**13)
def compared_tags(line: str, separator: str = ",", mark: str = "") -> frozenset[str]:
    """The tags of a caption's line, each as ``same_tag``."""
    parts = line.replace(mark, separator) if mark else line
    return frozenset(map(same_tag, tags_of(parts, separator)))


def is_key(word: str) -> bool:
    """Whether a word before a colon asks for something other than a tag."""
    return word.lower() in _KEYS


def tag_test(tag: str, known: Known, *, literal: bool = False) -> Test:
    """Has this tag; ``*`` stands for any signs, unless ``literal``.

    Raises:
        ValueError: its argument is the sentence that says why it is none.
    """
    key = tag.partition(":")[0].lower()
    if not literal and ":" in tag and (close := get_close_matches(key, _KEYS, 1, 0.8)):
        raise ValueError(say('{key} is not known: did you mean {close}? A tag goes into quotes: "{tag}"',
                             key=key, close=f"{close[0]}:", tag=tag))  # fmt: skip
    wanted = same_tag(tag)
    if not wanted:
        raise ValueError(say("an empty tag is no picture's: for pictures without tags write {filter}",
                             filter="is:uncaptioned"))  # fmt: skip
    if "*" in wanted and not literal:
        like = lru_cache(2**12)(_like(wanted))  # pictures share most of their tags
        return lambda entry: any(map(like, _tags(entry, known)))
    return lambda entry: wanted in _tags(entry, known)


def term_test(key: str, value: str, known: Known) -> Test:
    """What ``key:value`` asks.

    Args:
        key: one that ``is_key``.

    Raises:
        ValueError: its argument is the sentence that says what is wrong with the value.
    """
    value = value.strip()
    if not value:
        raise ValueError(say("{key} has no value: write one behind it, such as {example}",
                             key=f"{key}:", example=_KEYS[key][1]))  # fmt: skip
    return _KEYS[key][0](key, value, known)


def _text(key: str, value: str, known: Known) -> Test:
    wanted = composed(value).casefold()
    return lambda entry: wanted in composed(entry.caption).casefold()


def _name(key: str, value: str, known: Known) -> Test:
    like = _like(composed(value).casefold())
    return lambda entry: like(composed(entry.path.name).casefold()) or like(composed(entry.path.stem).casefold())


def _folder(key: str, value: str, known: Known) -> Test:
    like = _like(composed(value).casefold())
    return lambda entry: like(composed(entry.folder).casefold())


def _problem(key: str, value: str, known: Known) -> Test:
    codes = list(known.problems())
    if value.lower() not in codes:
        if not codes:
            raise ValueError(say("problems are not known here: ask the doctor"))
        raise ValueError(say("{value} is no problem that is looked for: choose {codes}",
                             value=value, codes=either(codes)))  # fmt: skip
    return _among(known.having(value.lower()))


def _bucket(key: str, value: str, known: Known) -> Test:
    match = _SIZE.fullmatch(value)
    if not match:
        raise ValueError(say("{value} is no size: write width and height in pixels, such as {example}",
                             value=value, example="bucket:512x768"))  # fmt: skip
    size = int(match[1]), int(match[2])
    return lambda entry: known.bucket(entry) == size


def _is(key: str, value: str, known: Known) -> Test:
    if value.lower() == _MASKED:
        return _among(known.masked())
    if value.lower() not in _STATES:
        raise ValueError(say("{value} is nothing that a picture can be: choose {states}",
                             value=value, states=either([*_STATES, _MASKED])))  # fmt: skip
    return _STATES[value.lower()]


def _among(numbers: Collection[int]) -> Test:
    ids = frozenset(numbers)
    return lambda entry: entry.id in ids


def _number(key: str, value: str, known: Known) -> Test:
    match = _COMPARED.fullmatch(value.replace(" ", ""))
    if not match or (match[1] and match[3]):
        raise ValueError(say("{value} is no number: write one, such as {example}, or {range}",
                             value=value, example=_KEYS[key][1], range=f"{key}:20-75"))  # fmt: skip
    sign, low, high = match[1], float(match[2]), float(match[3] or match[2])
    measure = _NUMBERS[key]

    def holds(entry: Entry) -> bool:
        number = measure(entry, known)
        if number is None:
            return False
        if sign == "<":
            return number < low
        if sign == ">":
            return number > low
        return (number <= high or sign == ">=") and (number >= low or sign == "<=")

    return holds


def _tags(entry: Entry, known: Known) -> frozenset[str]:
    return compared_tags(entry.line, known.separator, known.mark)


def _like(pattern: str) -> Callable[[str], bool]:
    """Whether a text is the pattern, where ``*`` stands for any signs. In linear time, however many there are."""
    if "*" not in pattern:
        return lambda text: text == pattern
    first, *middle, last = pattern.split("*")

    def like(text: str) -> bool:
        place, end = len(first), len(text) - len(last)
        if place > end or not (text.startswith(first) and text.endswith(last)):
            return False
        for part in middle:
            found = text.find(part, place, end)
            if found < 0:
                return False
            place = found + len(part)
        return True

    return like


_MASKED = "masked"
_STATES: dict[str, Test] = {
    "uncaptioned": lambda entry: not entry.caption_problem and (entry.caption_file is None or is_blank(entry.line)),
    "train": lambda entry: not entry.is_reg and not entry.left_out,
    "reg": lambda entry: entry.is_reg,
    "left_out": lambda entry: entry.left_out,
    "animated": lambda entry: entry.animated,
    "damaged": lambda entry: entry.damaged,
    "transparent": lambda entry: entry.transparent,
    "unusable": lambda entry: bool(entry.problem or entry.caption_problem),
}
_NUMBERS: dict[str, Callable[[Entry, Known], float | None]] = {
    "width": lambda entry, known: entry.width or None,
    "height": lambda entry, known: entry.height or None,
    "tokens": lambda entry, known: entry.tokens,
    "tags": lambda entry, known: len(_tags(entry, known)),
    "repeats": lambda entry, known: entry.repeats,
    "sharpness": lambda entry, known: entry.sharpness if entry.width else None,
}
_KEYS: dict[str, tuple[Callable[[str, str, Known], Test], str]] = {
    "text": (_text, 'text:"a hat"'),
    "problem": (_problem, "problem:duplicate"),
    "bucket": (_bucket, "bucket:512x768"),
    "folder": (_folder, "folder:10_mochi"),
    "is": (_is, "is:uncaptioned"),
    "name": (_name, "name:img_0*"),
    "width": (_number, "width:<512"),
    "height": (_number, "height:<512"),
    "tokens": (_number, "tokens:>75"),
    "tags": (_number, "tags:<3"),
    "repeats": (_number, "repeats:>10"),
    "sharpness": (_number, "sharpness:<50"),
}
"""Key -> what reads its value, and an example."""
