"""From the tags of a picture to the text of its caption file."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import NamedTuple

from lib_train.config.tagging import TaggingConfig
from lib_train.pictures.caption_batch import NewCaption
from lib_train.pictures.captions import tags_of
from lib_train.pictures.entry import Entry
from lib_train.pictures.readings import is_blank
from lib_train.pictures.tag_line import Shape, TagLine
from lib_train.pictures.terms import same_tag
from lib_train.texts import joined, say

_PLAIN = Shape()


def caption_with(
    present: str | None, tags: Sequence[str], mode: str, shape: Shape = _PLAIN, trigger_word: str = ""
) -> str | None:
    """The caption file's new text; None leaves it as it is.

    A tag that is there already does not come twice, and lines below the first, which nobody trains, stay. Where a mark
    sets fixed tags apart, new ones join the loose ones.

    Args:
        present: text of the file; None where there is none.
        tags: what was found, or one sentence.
        mode: one of ``MODES``.
        trigger_word: comes first.
    """
    line, _, more = (present or "").partition("\n")
    there = TagLine.read("" if is_blank(line, shape.separator) else line, shape)
    trigger = tags_of(trigger_word, shape.separator)
    if not (tags or trigger) or (mode == "missing" and there.tags):
        return None
    if mode not in ("append", "prepend"):
        there = TagLine.read("", shape)
    loose = there.parts[there.loose]
    found = there.with_part(there.loose, (*loose, *tags) if mode == "append" else (*tags, *loose))
    found = replace(found.with_part(0, (*trigger, *found.parts[0])), glue=f"{shape.separator} ")
    joined = str(_distinct(found))
    text = f"{joined}\n{more}" if more else joined
    return None if text == present else text


class Proposed(NamedTuple):
    """What tags would do to captions."""

    new: tuple[NewCaption, ...]
    added: int
    """Tags that come."""
    removed: int
    """Tags that go."""
    unreadable: tuple[str, ...]
    """Names of pictures whose caption files are no text; they are left alone."""

    @property
    def label(self) -> str:
        """In words."""
        parts = [say("adds {tags} to {captions}", tags=_tags(self.added), captions=_captions(len(self.new)))]
        if self.removed:
            parts.append(say("takes {tags} away", tags=_tags(self.removed)))
        return joined(", ", parts)


def proposed(
    entries: Sequence[Entry], tags: Mapping[int, Sequence[str]], config: TaggingConfig, shape: Shape = _PLAIN
) -> Proposed:
    """What tags by the entries' ids do to captions as these are now.

    Pictures of one name with other endings share a caption file: the first one counts.
    """
    new: list[NewCaption] = []
    seen: set[Path] = set()
    unreadable, come, gone = [], 0, 0
    for entry in entries:
        place = entry.caption_file or entry.path.with_suffix("")
        if entry.id not in tags or place in seen:
            continue
        seen.add(place)
        if entry.caption_problem:
            unreadable.append(entry.path.name)
            continue
        present = entry.caption if entry.caption_file else None
        after = caption_with(present, tags[entry.id], config.mode, shape, config.trigger_word)
        if after is not None:
            new.append(NewCaption(entry=entry, before=entry.caption, after=after))
            come += len(_others(after, present or "", shape))
            gone += len(_others(present or "", after, shape))
    return Proposed(tuple(new), come, gone, tuple(unreadable))


def all_of(parts: Sequence[Proposed]) -> Proposed:
    """What several do together, to different captions."""
    return Proposed(
        new=tuple(one for part in parts for one in part.new),
        added=sum(part.added for part in parts),
        removed=sum(part.removed for part in parts),
        unreadable=tuple(name for part in parts for name in part.unreadable),
    )


def tags_that_come(new: Sequence[NewCaption], shape: Shape = _PLAIN) -> dict[str, int]:
    """How many of these captions get each tag, the most frequent first."""
    found: dict[str, tuple[str, int]] = {}
    for one in new:
        for tag in _others(one.after, before(one), shape):
            first, count = found.get(same_tag(tag), (tag, 0))
            found[same_tag(tag)] = first, count + 1
    return dict(sorted(found.values(), key=lambda one: -one[1]))


def before(new: NewCaption) -> str:
    """What stands in the caption file; empty where there is none, whatever the picture is trained on then."""
    return new.before if new.entry.caption_file else ""


def _others(text: str, other: str, shape: Shape) -> list[str]:
    """Tags of one text that are not in the other."""
    found, known = (TagLine.read(caption.partition("\n")[0], shape).tags for caption in (text, other))
    there = set(map(same_tag, known))
    return [tag for tag in found if same_tag(tag) not in there]


def _tags(count: int) -> str:
    return say("1 tag") if count == 1 else say("{count} tags", count=count)


def _captions(count: int) -> str:
    return say("1 caption") if count == 1 else say("{count} captions", count=count)


def _distinct(line: TagLine) -> TagLine:
    """With all tags once, where they come first."""
    seen: set[str] = set()

    def once(tag: str) -> tuple[str, ...]:
        key = same_tag(tag)
        new = () if key in seen else (tag,)
        seen.add(key)
        return new

    return line.mapped(once)
