"""Tag lists that other programs complete prompts from, searched by how a tag, a word of it or an alias begins.

A line is ``tag,category,posts,"alias,alias"``, as a1111-sd-webui-tagcomplete brings them; whatever is missing or no
number counts as nothing.
"""

import csv
import heapq
import threading
from collections.abc import Iterator
from functools import lru_cache
from itertools import chain, islice
from pathlib import Path
from typing import NamedTuple

from lib_train.marks import Mark, mark_of

_LARGEST = 2**26
"""Bytes of a list; a larger one is none."""
_LOOKED_AT = 20_000
"""Places of a list that are looked at for one answer."""
_reading = threading.Lock()
_FIELD, _ALIAS = "\x1f", "\x1e"


class Listed(NamedTuple):
    """A tag of a list."""

    tag: str
    """As the list writes it."""
    posts: int
    """Pictures of the site that have it; 0 where the list does not say."""
    alias: str = ""
    """By which it was found; empty where it was by its own name."""


class TagList:
    """One list, as a single text: 140,000 tags with their aliases as objects would take 100 MB."""

    def __init__(self, content: str) -> None:
        lines = filter(None, map(_packed, content.replace("\r", "\n").split("\n")))
        self._text = "\n" + "".join(f"{line}\n" for _, line in sorted(lines, key=lambda one: -one[0]))

    def beginning(self, words: str) -> Iterator[Listed]:
        """Tags that begin so, or have an alias that does, then those with such a word inside; most posts first.

        Args:
            words: as ``same_tag`` gives them; none find nothing.
        """
        seen: set[int] = set()
        if not words:
            return
        ways = (heapq.merge(self._found("\n", words), self._found(_ALIAS, words)), self._found(" ", words))
        for _, start, place in chain.from_iterable(ways):
            if start not in seen:
                seen.add(start)
                yield self._at(start, place)

    def _found(self, before: str, words: str) -> Iterator[tuple[int, int, int]]:
        """Lines with such words behind a sign: minus the posts, where the line starts, where an alias does or -1."""
        for place in islice(self._places(before + words), _LOOKED_AT):
            start = self._text.rfind("\n", 0, place + 1) + 1
            name_end = self._text.index(_FIELD, start)
            if before != " " or place < name_end:
                posts = self._text[self._text.index(_FIELD, name_end + 1) + 1 : self._end_of_head(start)]
                yield -int(posts), start, place + 1 if before == _ALIAS else -1

    def _places(self, wanted: str) -> Iterator[int]:
        place = self._text.find(wanted)
        while place >= 0:
            yield place
            place = self._text.find(wanted, place + 1)

    def _end_of_head(self, start: int) -> int:
        """Where name, tag and posts of a line end."""
        end = self._text.index("\n", start)
        alias = self._text.find(_ALIAS, start, end)
        return end if alias < 0 else alias

    def _at(self, start: int, alias: int) -> Listed:
        _, tag, posts = self._text[start : self._end_of_head(start)].split(_FIELD)
        found = self._text[alias : self._text.index("\n", alias)].partition(_ALIAS)[0] if alias >= 0 else ""
        return Listed(tag, int(posts), found)


def tag_list(path: Path) -> TagList:
    """The list of a file; an empty one where it cannot be read. Who asks while it is being read waits for it."""
    try:
        with _reading:
            return _read(path, mark_of(path))
    except OSError:
        return TagList("")


@lru_cache(maxsize=4)
def _read(path: Path, mark: Mark) -> TagList:
    """``mark`` is part of the key alone."""
    with path.open("rb") as file:
        content = file.read(_LARGEST + 1)
    return TagList("" if len(content) > _LARGEST else content.decode("utf-8-sig", "replace"))


def _packed(line: str) -> tuple[int, str] | None:
    """Posts of a line, and the line as it is searched; None where there is no tag. An open quote ends with its line."""
    if line.startswith('"'):
        fields = next(csv.reader([line]), [])
        tag, posts, aliases = (*fields[:1], *fields[2:4], "", "", "")[:3]
    else:
        head, _, quoted = line.partition('"')
        tag, _, posts, *more = (*head.split(","), "", "", "")
        aliases = quoted.partition('"')[0] or ",".join(more)
    tag, count = tag.strip(), int(posts) if posts.strip().isdecimal() else 0
    if not tag or not (tag + aliases).isprintable():
        return None
    known = "".join(f"{_ALIAS}{alias}" for alias in _key(aliases).replace(", ", ",").split(",") if alias)
    return count, f"{_key(tag)}{_FIELD}{tag}{_FIELD}{count}{known}"


def _key(tag: str) -> str:
    return tag.casefold().replace("_", " ")
