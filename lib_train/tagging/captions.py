"""From the tags of a picture to the text of its caption file."""

from collections.abc import Sequence

from lib_train.pictures.captions import tags_of
from lib_train.pictures.readings import is_blank
from lib_train.pictures.terms import same_tag


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


def added(before: str | None, after: str, separator: str = ",") -> int:
    """How many tags of a new text were not in the old one."""
    known = {same_tag(tag) for tag in tags_of((before or "").partition("\n")[0], separator)}
    return sum(same_tag(tag) not in known for tag in tags_of(after.partition("\n")[0], separator))


def _distinct(*parts: Sequence[str]) -> list[str]:
    """All tags once, where they come first."""
    found: dict[str, str] = {}
    for tag in (tag for part in parts for tag in part):
        found.setdefault(same_tag(tag), tag)
    return list(found.values())
