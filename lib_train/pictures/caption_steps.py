"""Steps of a batch edit of captions. Each is declared once: requests, commands and sentences come from it."""

from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Literal, Protocol

from lib_train.errors import ConfigError, Problem
from lib_train.pictures.captions import tags_of
from lib_train.pictures.tag_line import Shape, TagLine
from lib_train.pictures.terms import same_tag
from lib_train.texts import say

Line = Callable[[str], str]
Tags = Callable[[TagLine], TagLine]


class Step(Protocol):
    """One step of an edit."""

    def prepared(self, lines: Sequence[str], shape: Shape) -> Line:
        """What it does to a line.

        Args:
            lines: all that are edited, and others of the same pictures.

        Raises:
            ConfigError: it cannot be done.
        """

    def said(self) -> str:
        """What it did, in words."""


def on_tags(change: Tags, shape: Shape) -> Line:
    """A change of a line's tags as one of the line: where no tag changes, no letter does."""

    def changed(line: str) -> str:
        before = TagLine.read(line, shape)
        after = change(before)
        return line if after == before else str(after)

    return changed


@dataclass(frozen=True)
class Add:
    """Adds the tags that are missing, before all or behind the loose ones."""

    tags: tuple[str, ...]
    last: bool = False

    def prepared(self, lines: Sequence[str], shape: Shape) -> Line:
        tags = wanted(self.tags, shape)

        def add(line: TagLine) -> TagLine:
            part = line.loose if self.last else 0
            there, new = line.parts[part], tuple(line.lacking(tags))
            return line.with_part(part, there + new if self.last else new + there)

        return on_tags(add, shape)

    def said(self) -> str:
        return say("added {tags}", tags=", ".join(self.tags))


@dataclass(frozen=True)
class Remove:
    """Removes tags, in whatever way they are written."""

    tags: tuple[str, ...]

    def prepared(self, lines: Sequence[str], shape: Shape) -> Line:
        tags = wanted(self.tags, shape)
        return on_tags(lambda line: line.without(tags), shape)

    def said(self) -> str:
        return say("removed {tags}", tags=", ".join(self.tags))


@dataclass(frozen=True)
class Front:
    """Moves the tags that are there to the front, in this order."""

    tags: tuple[str, ...]

    def prepared(self, lines: Sequence[str], shape: Shape) -> Line:
        keys = [same_tag(tag) for tag in wanted(self.tags, shape)]

        def front(line: TagLine) -> TagLine:
            there = [tag for key in keys for tag in line.tags if same_tag(tag) == key]
            rest = line.without(there)
            return rest.with_part(0, (*there, *rest.parts[0]))

        return on_tags(front, shape)

    def said(self) -> str:
        return say("moved {tags} to the front", tags=", ".join(self.tags))


@dataclass(frozen=True)
class Sort:
    """Sorts loose tags; the first ones that settings keep in place stay."""

    by: Literal["frequency", "name"] = "frequency"

    def prepared(self, lines: Sequence[str], shape: Shape) -> Line:
        counts = Counter(key for line in lines for key in set(map(same_tag, TagLine.read(line, shape).tags)))
        if self.by == "name":
            counts.clear()

        def sort(line: TagLine) -> TagLine:
            tags = line.parts[line.loose]
            first = shape.fixed if len(line.parts) == 1 else 0
            loose = sorted(tags[first:], key=lambda tag: (-counts[same_tag(tag)], same_tag(tag)))
            return line.with_part(line.loose, (*tags[:first], *loose))

        return on_tags(sort, shape)

    def said(self) -> str:
        if self.by == "name":
            return say("sorted tags from A to Z")
        return say("sorted tags by frequency")


@dataclass(frozen=True)
class Dedupe:
    """Removes tags that were there before, in whatever way they are written."""

    def prepared(self, lines: Sequence[str], shape: Shape) -> Line:
        return on_tags(_once_each, shape)

    def said(self) -> str:
        return say("removed repeated tags")


def wanted(tags: Sequence[str], shape: Shape) -> list[str]:
    """The tags that a person named; one word may be several.

    Raises:
        ConfigError: it is none.
    """
    found = [tag for text in tags for tag in tags_of(text, shape.separator)]
    if not found:
        raise ConfigError([Problem("tags", ", ".join(tags), say("names no tag; write one"))])
    return found


def _once_each(line: TagLine) -> TagLine:
    known: set[str] = set()

    def first(tag: str) -> list[str]:
        before = len(known)
        known.add(same_tag(tag))
        return [tag] if len(known) > before else []

    return line.mapped(first)
