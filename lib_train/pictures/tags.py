"""Which tags captions have, how often, and which ones come together."""

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from functools import lru_cache
from itertools import chain
from typing import NamedTuple

from lib_train.pictures.entry import Entry
from lib_train.pictures.tag_line import Shape, TagLine
from lib_train.pictures.terms import same_tag


class TagCount(NamedTuple):
    """A tag of a set of pictures."""

    tag: str
    """As it is written most often."""
    pictures: int
    """That have it."""


def tag_counts(entries: Iterable[Entry], shape: Shape) -> list[TagCount]:
    """All tags of the first lines, the most frequent first, equal ones by name."""
    spellings = Counter(chain.from_iterable(_tags(entry.line, shape).items() for entry in entries))
    counts: Counter[str] = Counter()
    usual: dict[str, str] = {}
    for (key, tag), pictures in sorted(spellings.items(), key=lambda one: (-one[1], one[0])):
        counts[key] += pictures
        usual.setdefault(key, tag)
    return [TagCount(usual[key], counts[key]) for key in sorted(counts, key=lambda key: (-counts[key], key))]


def together(entries: Iterable[Entry], tags: Sequence[str], shape: Shape) -> list[TagCount]:
    """Tags of the pictures that have all of ``tags``, without these, with the number of such pictures."""
    wanted = set(map(same_tag, tags))
    having = (entry for entry in entries if wanted <= _tags(entry.line, shape).keys())
    return [found for found in tag_counts(having, shape) if same_tag(found.tag) not in wanted]


def counts_of(entries: Iterable[Entry], tags: Sequence[str], shape: Shape) -> list[TagCount]:
    """How many pictures have each of these tags, as of a keep list; those of no picture too."""
    counts = Counter(key for entry in entries for key in _tags(entry.line, shape))
    return [TagCount(tag, counts[same_tag(tag)]) for tag in tags]


@lru_cache(maxsize=2**13)
def _tags(line: str, shape: Shape) -> dict[str, str]:
    """The line's tags as they are compared -> as they are first written. Not to be changed."""
    return dict(_pairs(line, shape))


def _pairs(line: str, shape: Shape) -> Iterator[tuple[str, str]]:
    for tag in reversed(TagLine.read(line, shape).tags):
        yield same_tag(tag), tag
