"""What may be wrong with pictures and captions, in words: one sentence on many, one on a single one."""

from collections.abc import Callable, Iterable, Sequence
from typing import NamedTuple, Protocol

from lib_train.config.dataset import DatasetConfig
from lib_train.pictures.readings import has_escapes, has_weights, is_blank, is_json, other_reading
from lib_train.pictures.records import Fit
from lib_train.texts import say

LEAST_KEPT = 0.5
"""Share of a picture that its bucket should keep."""
_CHUNK, _MOST_TOKENS = 75, 750


class Seen(Protocol):
    """What rules ask of a picture."""

    @property
    def animated(self) -> bool: ...
    @property
    def damaged(self) -> bool: ...
    @property
    def captioned(self) -> bool:
        """There is a caption file."""

    @property
    def more_lines(self) -> bool:
        """Of the caption file, behind the first."""

    @property
    def line(self) -> str:
        """What is trained of the caption."""

    @property
    def is_reg(self) -> bool: ...


class Rule(NamedTuple):
    """A thing that may be wrong."""

    code: str
    many: str
    """On several pictures; count and example follow it."""
    one: str
    """On a single picture."""


SMALL = Rule(
    "small",
    say("pictures smaller than the training size, which are enlarged and trained blurred"),
    say("Smaller than its bucket: it is enlarged."),
)
CROPPED = Rule(
    "cropped",
    say("pictures that lose more than half to cropping"),
    say("More than half of it is cut off: crop it yourself."),
)
SHARED = Rule(
    "shared_caption",
    say("pictures of one name but different endings, which share a caption"),
    say("Another picture has the same name with another ending: they share this caption."),
)
ANIMATED = Rule(
    "animated",
    say("animations, of which the first picture is used"),
    say("An animation: its first picture is used."),
)
SEVERAL_LINES = Rule(
    "several_lines",
    say("captions of several lines, of which the first is used"),
    say("The caption has several lines: the first one is used."),
)
UNCAPTIONED = Rule(
    "no_caption",
    say("pictures without a caption file, which get the name of their folder"),
    say("There is no caption file: the folder's name is the caption."),
)
DAMAGED = Rule(
    "damaged",
    say("pictures with damaged metadata, which is left alone; their pixels are whole"),
    say("Some of its metadata is damaged and left alone: its pixels are whole."),
)
EMPTY = Rule("empty_caption", say("empty captions"), say("The caption is empty: nothing is trained as its text."))
BLANK = Rule(
    "only_separators",
    say("captions of separators alone, which say nothing"),
    say("The caption is separators alone: nothing is trained as its text."),
)
ESCAPES = Rule(
    "escapes",
    say("captions with escaped brackets, which are trained as brackets, as a prompt reads them"),
    say("Escaped brackets in the caption are trained as brackets, as a prompt reads them."),
)
WEIGHTS = Rule(
    "weights",
    say("captions with weights or networks as in a prompt, such as (word:1.2), which are trained as text"),
    say("Weights such as (word:1.2) in the caption are trained as text."),
)
JSON = Rule(
    "json",
    say("captions that are JSON, whose text is trained as it stands: write plain captions"),
    say("The caption is JSON, and its text is trained as it stands: write a plain one."),
)
ENCODING = Rule(
    "encoding",
    say("captions that may be in another encoding"),
    say("The caption may have been written in another encoding: look at it, and save it."),
)

OF_ONE: tuple[tuple[Rule, Callable[[Seen, DatasetConfig], bool]], ...] = (
    (ANIMATED, lambda one, config: one.animated),
    (SEVERAL_LINES, lambda one, config: one.more_lines),
    (UNCAPTIONED, lambda one, config: not one.captioned and not one.is_reg),
    (DAMAGED, lambda one, config: one.damaged),
    (EMPTY, lambda one, config: not one.line),
    (BLANK, lambda one, config: bool(one.line) and is_blank(one.line, config.caption_separator.strip())),
    (ESCAPES, lambda one, config: has_escapes(one.line)),
    (WEIGHTS, lambda one, config: has_weights(one.line)),
    (JSON, lambda one, config: is_json(one.line)),
    (ENCODING, lambda one, config: other_reading(one.line) is not None),
)
"""Rules that one picture with its caption breaks alone."""


def kept(fit: Fit) -> float:
    """Share of the picture that is not cropped."""
    return fit.bucket[0] * fit.bucket[1] / (fit.resized[0] * fit.resized[1])


def is_enlarged(width: int, height: int, fit: Fit) -> bool:
    """Whether a picture of this size comes into its bucket with more pixels than it has."""
    return fit.resized[0] > width and fit.resized[1] > height


def told(rule: Rule, names: Sequence[str]) -> str:
    """A line with the count of those that break a rule, and an example."""
    return say("{what}: {count}, such as {name}", what=rule.many, count=len(names), name=names[0])


def told_of_cropping(cropped: Iterable[tuple[str, int, int, Fit]]) -> str:
    """The same for name, width, height and fit of pictures that are ``CROPPED``; names the one that loses most."""
    found = sorted(cropped, key=lambda one: (kept(one[3]), one[0]))
    name, width, height, fit = found[0]
    worst = say("{name} ({size}, of which {bucket} keeps {kept:.0%})", name=name, size=f"{width}x{height}",
                bucket=f"{fit.bucket[0]}x{fit.bucket[1]}", kept=kept(fit))  # fmt: skip
    return say("{what}: {count}, worst {worst}; cut them yourself", what=CROPPED.many, count=len(found), worst=worst)


def told_of_encoding(captions: Sequence[tuple[str, str]]) -> str:
    """The same for name and caption of those that may be in another ``ENCODING``."""
    name, caption = captions[0]
    return say("{what}: {count}, such as that of {name}, which reads {reading}: save it as UTF-8",
               what=ENCODING.many, count=len(captions), name=name, reading=other_reading(caption))  # fmt: skip


def told_of_length(cut: Sequence[tuple[int, str]], most: int) -> str:
    """The same for tokens and name of captions that have more than ``most`` tokens."""
    worst, name = max(cut)
    enough = -(-worst // _CHUNK) * _CHUNK
    remedy = say("shorten them")
    if enough <= _MOST_TOKENS:
        remedy = say("shorten them, or set max_token_length to {enough}", enough=enough)
    return say("captions longer than max_token_length = {most}, whose end is cut off: {count}, longest that of {name} "
               "with {worst} tokens; {remedy}",
               most=most, count=len(cut), name=name, worst=worst, remedy=remedy)  # fmt: skip
