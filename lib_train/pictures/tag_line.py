"""A line of a caption as tags, and back, in the way in which its writer set them apart."""

import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace

from lib_train.config.dataset import DatasetConfig
from lib_train.pictures.captions import tags_of
from lib_train.pictures.terms import same_tag


@dataclass(frozen=True, kw_only=True)
class Shape:
    """How captions are taken apart."""

    separator: str = ","
    mark: str = ""
    """Text between fixed, loose and fixed last tags, such as ``|||``; empty is none."""
    fixed: int = 0
    """First tags that stay where they are when tags are sorted and no mark says so."""

    @classmethod
    def of(cls, config: DatasetConfig) -> "Shape":
        """That of a run with these settings."""
        return cls(
            separator=config.caption_separator.strip(), mark=config.keep_tokens_separator, fixed=config.keep_tokens
        )


@dataclass(frozen=True)
class TagLine:
    """Tags of a line, in up to three parts: fixed, loose, fixed last; without a mark there is one."""

    parts: tuple[tuple[str, ...], ...]
    glue: str
    """Between two tags."""
    mark: str
    """Between two parts."""

    @classmethod
    def read(cls, line: str, shape: Shape) -> "TagLine":
        """Takes a line apart as a run does; empty tags are left out."""
        sep, mark = shape.separator, shape.mark
        parts = line.split(mark, 2) if mark else [line]
        if mark:
            parts = [part.replace(mark, sep) for part in parts]
        found = re.search(rf"\s*{re.escape(mark)}\s*", line) if mark else None
        inner = line.strip().strip(sep)
        tight = sep in inner and f"{sep} " not in inner
        return cls(
            tuple(tuple(tags_of(part, sep)) for part in parts),
            sep if tight else f"{sep} ",
            found[0] if found else f" {mark} ",
        )

    def __str__(self) -> str:
        return self.mark.join(self.glue.join(part) for part in self.parts).strip()

    @property
    def tags(self) -> list[str]:
        """All of them, in their order."""
        return [tag for part in self.parts for tag in part]

    @property
    def loose(self) -> int:
        """Number of the part that is shuffled."""
        return min(1, len(self.parts) - 1)

    def mapped(self, change: Callable[[str], Iterable[str]]) -> "TagLine":
        """With other tags, or none, for each tag."""
        return replace(self, parts=tuple(tuple(new for tag in part for new in change(tag)) for part in self.parts))

    def with_part(self, number: int, tags: Iterable[str]) -> "TagLine":
        """With other tags in one part."""
        return replace(self, parts=(*self.parts[:number], tuple(tags), *self.parts[number + 1 :]))

    def without(self, tags: Iterable[str]) -> "TagLine":
        """Without these tags, in whatever way they are written."""
        unwanted = set(map(same_tag, tags))
        return self.mapped(lambda tag: () if same_tag(tag) in unwanted else (tag,))

    def lacking(self, tags: Iterable[str]) -> list[str]:
        """Those of the tags that are not in it, each once."""
        there = {same_tag(tag): tag for tag in self.tags}
        wanted = {same_tag(tag): tag for tag in reversed(list(tags))}
        return [tag for key, tag in reversed(wanted.items()) if key not in there]
