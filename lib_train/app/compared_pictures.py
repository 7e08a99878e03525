"""Pictures, captions and tags of two versions side by side. Pure."""

from collections import Counter
from collections.abc import Callable, Hashable, Iterator, Sequence
from difflib import SequenceMatcher
from itertools import islice
from typing import Any

from lib_train.pictures.entry import Entry
from lib_train.pictures.pairs import paired

_SAME: tuple[Callable[[Entry], Hashable], ...] = (
    lambda one: (one.is_reg, one.folder, one.path.name, one.content),
    lambda one: (one.is_reg, one.folder, one.path.name),
    lambda one: (one.path.name, one.content),
    lambda one: one.content or one.path,
)
"""What pictures that are the same have in common: their place, or name and content, or content."""
_TAGS = 40
Part = tuple[str, str]
"""Kind ("same", "gone" or "new") and text."""


def pictures_compared(
    first: Sequence[Entry], second: Sequence[Entry], separator: str, most: int
) -> tuple[dict[str, Any], dict[str, Any], list[dict[str, Any]]]:
    """Pictures, captions and tags as JSON values.

    Args:
        first, second: those that are trained.
        separator: between tags.
        most: lists have no more rows; their numbers are whole.
    """
    pairs, gone, come = paired(first, second, _SAME)
    changed = [(one, other) for one, other in pairs if one.content != other.content]
    worded = [(one, other) for one, other in pairs if one.line != other.line]
    pictures = {
        "same": len(pairs) - len(changed),
        "changed": len(changed),
        "only": [len(gone), len(come)],
        "changed_pictures": [_pair_json(*pair) for pair in changed[:most]],
        "only_pictures": [[_picture_json(one) for one in some[:most]] for some in (gone, come)],
        "sets": _sets(first, second),
    }
    rows = [_caption_json(one, other, separator) for one, other in worded[:most]]
    captions = {"same": len(pairs) - len(worded), "changed": len(worded), "rows": rows}
    return pictures, captions, list(islice(_tags(first, second, separator), _TAGS))


def _picture_json(one: Entry) -> dict[str, Any]:
    return {"id": one.id, "name": one.path.name, "folder": one.folder}


def _pair_json(one: Entry, other: Entry) -> dict[str, Any]:
    return {"ids": [one.id, other.id], "name": other.path.name, "folder": other.folder}


def _caption_json(one: Entry, other: Entry, separator: str) -> dict[str, Any]:
    parts = [{"kind": kind, "text": text} for kind, text in differences(one.line, other.line, separator)]
    return {**_pair_json(one, other), "captions": [one.line, other.line], "parts": parts}


def differences(before: str, after: str, separator: str = ",") -> list[Part]:
    """What of a caption stays, goes and comes, in order: by tags, or by words where there are no tags.

    >>> differences("a cat, hat", "a cat, smile, hat")
    [('same', 'a cat'), ('new', 'smile'), ('same', 'hat')]
    >>> differences("a black cat", "a white cat")
    [('same', 'a'), ('gone', 'black'), ('new', 'white'), ('same', 'cat')]
    """
    mark = separator.strip()
    by = mark if mark and mark in before + after else None
    old, new = ([part for one in text.split(by) if (part := one.strip())] for text in (before, after))
    found: list[Part] = []
    for kind, i, j, k, m in SequenceMatcher(None, old, new, autojunk=False).get_opcodes():
        if kind == "equal":
            found += [("same", part) for part in old[i:j]]
        else:
            found += [("gone", part) for part in old[i:j]] + [("new", part) for part in new[k:m]]
    return found


def _tags(first: Sequence[Entry], second: Sequence[Entry], separator: str) -> Iterator[dict[str, Any]]:
    """Tags whose shares of the pictures differ, the most first."""
    counts = [Counter(tag for one in some for tag in dict.fromkeys(one.tags(separator))) for some in (first, second)]
    totals = [max(1, len(some)) for some in (first, second)]

    def apart(tag: str) -> float:
        one, other = (count[tag] / total for count, total in zip(counts, totals, strict=True))
        return abs(one - other)

    for tag in sorted(counts[0].keys() | counts[1].keys(), key=lambda tag: (-apart(tag), tag)):
        if apart(tag) > 0:
            yield {"tag": tag, "counts": [count[tag] for count in counts]}


def _sets(first: Sequence[Entry], second: Sequence[Entry]) -> list[dict[str, Any]]:
    """Folders with pictures and repeats in either version; None where it has none."""
    found: dict[tuple[bool, str], list[dict[str, int] | None]] = {}
    for side, some in enumerate((first, second)):
        for (reg, folder, repeats), count in Counter((one.is_reg, one.folder, one.repeats) for one in some).items():
            found.setdefault((reg, folder), [None, None])[side] = {"pictures": count, "repeats": repeats}
    return [{"folder": folder, "reg": reg, "of": both} for (reg, folder), both in sorted(found.items())]
