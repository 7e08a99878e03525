"""What a person should know of pictures that can be used: one line for each thing."""

import os
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import cached_property

from lib_train.config.dataset import DatasetConfig
from lib_train.pictures.buckets import Bucketing
from lib_train.pictures.records import Fit, Picture
from lib_train.pictures.rules import (
    ANIMATED,
    BLANK,
    CROPPED,
    DAMAGED,
    EMPTY,
    ENCODING,
    ESCAPES,
    JSON,
    LEAST_KEPT,
    OF_ONE,
    SEVERAL_LINES,
    SHARED,
    SMALL,
    UNCAPTIONED,
    WEIGHTS,
    is_enlarged,
    kept,
    told,
    told_of_cropping,
    told_of_encoding,
)


@dataclass(frozen=True, kw_only=True)
class Found:
    """A usable picture with what was seen on the way."""

    picture: Picture
    animated: bool
    """Its file holds more than one picture."""
    captioned: bool
    """There is a caption file."""
    more_lines: bool
    """Whether the caption file has more than one line."""
    damaged: bool = False
    """Some of its file's metadata is damaged."""

    _broken: dict[str, frozenset[str]] = field(default_factory=dict, compare=False, repr=False)

    @property
    def line(self) -> str:
        """What is trained of its caption."""
        return self.picture.caption

    @property
    def is_reg(self) -> bool:
        """Whether it is a regularisation picture."""
        return self.picture.is_reg

    @cached_property
    def stem(self) -> str:
        """The path without its ending: pictures of one stem share a caption."""
        return os.path.splitext(str(self.picture.path))[0]

    def broken(self, config: DatasetConfig) -> frozenset[str]:
        """Codes of the rules of ``OF_ONE`` that it breaks; remembered, as plans are asked for at every key."""
        separator = config.caption_separator
        if separator not in self._broken:
            self._broken[separator] = frozenset(rule.code for rule, holds in OF_ONE if holds(self, config))
        return self._broken[separator]


def notes_on(found: Sequence[Found], config: DatasetConfig) -> list[str]:
    """One line for each thing that is not as it seems, with the count and an example."""
    notes = []
    broken = [(one.picture, codes) for one in found if (codes := one.broken(config))]
    for rule, _ in OF_ONE:
        if not (hit := [picture for picture, codes in broken if rule.code in codes]):
            continue
        if rule is ENCODING:
            notes.append(told_of_encoding([(picture.path.name, picture.caption) for picture in hit]))
        else:
            notes.append(told(rule, [picture.path.name for picture in hit]))
    stems = Counter(one.stem for one in found)
    if shared := [os.path.basename(stem) for stem, count in stems.items() if count > 1]:
        notes.append(told(SHARED, shared))
    fit = Bucketing(config).fit
    sizes = [(one.picture.width, one.picture.height) for one in found]
    lost = {size: fitted for size in set(sizes) if kept(fitted := fit(*size)) < LEAST_KEPT}
    cropped = [(one.picture.path.name, *size, lost[size]) for one, size in zip(found, sizes, strict=True)
               if size in lost] if lost else []  # fmt: skip
    return [*notes, told_of_cropping(cropped)] if cropped else notes


_ON_ONE = (
    SMALL, CROPPED, ANIMATED, SEVERAL_LINES, UNCAPTIONED, SHARED, DAMAGED, EMPTY, BLANK, ESCAPES, WEIGHTS, JSON,
    ENCODING,
)  # fmt: skip
ONE_NOTES = tuple(rule.one for rule in _ON_ONE)
"""Notes on one picture, in the order in which they are shown."""


def notes_on_one(found: Found, fit: Fit, shared: bool, config: DatasetConfig) -> list[str]:
    """Those of ``ONE_NOTES`` that hold for a picture.

    Args:
        shared: whether its caption is that of another picture too.
    """
    broken = set(found.broken(config))
    if is_enlarged(found.picture.width, found.picture.height, fit):
        broken.add(SMALL.code)
    if kept(fit) < LEAST_KEPT:
        broken.add(CROPPED.code)
    if shared:
        broken.add(SHARED.code)
    return [rule.one for rule in _ON_ONE if rule.code in broken]
