"""From the tags of a picture to the text of its caption file."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import NamedTuple

from lib_train.config.tagging import TaggingConfig
from lib_train.pictures.caption_batch import NewCaption
from lib_train.pictures.captions import tags_of
from lib_train.pictures.entry import Entry
from lib_train.pictures.readings import is_blank
from lib_train.pictures.terms import same_tag
from lib_train.texts import joined, say


def caption_with(
    present: str | None, tags: Sequence[str], mode: str, separator: str = ",", trigger_word: str = ""
) -> str | None:
    """The caption file's new text; None leaves it as it is.

    A tag that is there already does not come twice, and lines below the first, which nobody trains, stay.

    Args:
        present: text of the file; None where there is none.
        tags: what was found, or one sentence.
        mode: one of ``MODES``.
        trigger_word: comes first.
    """
    line, _, more = (present or "").partition("\n")
    there = [] if is_blank(line, separator) else tags_of(line, separator)
    trigger = tags_of(trigger_word, separator)
    if not (tags or trigger) or (mode == "missing" and there):
        return None
    by_mode = {"append": (there, tags), "prepend": (tags, there)}
    joined = f"{separator} ".join(_distinct(trigger, *by_mode.get(mode, (tags,))))
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
    entries: Sequence[Entry], tags: Mapping[int, Sequence[str]], config: TaggingConfig, separator: str = ","
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
        before = entry.caption if entry.caption_file else None
        after = caption_with(before, tags[entry.id], config.mode, separator, config.trigger_word)
        if after is not None:
            new.append(NewCaption(entry=entry, before=entry.caption, after=after))
            come += _more(before or "", after, separator)
            gone += _more(after, before or "", separator)
    return Proposed(tuple(new), come, gone, tuple(unreadable))


def all_of(parts: Sequence[Proposed]) -> Proposed:
    """What several do together, to different captions."""
    return Proposed(
        new=tuple(one for part in parts for one in part.new),
        added=sum(part.added for part in parts),
        removed=sum(part.removed for part in parts),
        unreadable=tuple(name for part in parts for name in part.unreadable),
    )


def _more(before: str, after: str, separator: str) -> int:
    """How many tags of one text are not in the other."""
    known = {same_tag(tag) for tag in tags_of(before.partition("\n")[0], separator)}
    return sum(same_tag(tag) not in known for tag in tags_of(after.partition("\n")[0], separator))


def _tags(count: int) -> str:
    return say("1 tag") if count == 1 else say("{count} tags", count=count)


def _captions(count: int) -> str:
    return say("1 caption") if count == 1 else say("{count} captions", count=count)


def _distinct(*parts: Sequence[str]) -> list[str]:
    """All tags once, where they come first."""
    found: dict[str, str] = {}
    for tag in (tag for part in parts for tag in part):
        found.setdefault(same_tag(tag), tag)
    return list(found.values())
