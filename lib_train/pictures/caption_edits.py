"""What a batch edit does to captions: pure functions from text to text.

A caption that a step has nothing to do with stays as it is, letter by letter; in one that it changes, tags are set
apart as its writer did.
"""

from collections.abc import Sequence
from typing import NamedTuple

from lib_train.pictures.caption_steps import Line, Step
from lib_train.pictures.tag_line import Shape
from lib_train.texts import joined, say


class Edited(NamedTuple):
    """Captions after some steps."""

    captions: list[str]
    counts: list[int]
    """Captions that each step changed."""


def edited(
    captions: Sequence[str],
    steps: Sequence[Step],
    shape: Shape,
    *,
    all_lines: bool = False,
    others: Sequence[str] = (),
) -> Edited:
    """All captions after all steps.

    Args:
        all_lines: whether lines below the first, which is trained, are edited too.
        others: captions that stay as they are and count where a step asks how frequent tags are.

    Raises:
        ConfigError: a step cannot be done.
    """
    counts = []
    for step in steps:
        lines = [line for caption in (*captions, *others) for line in _lines(caption, all_lines)[0]]
        after = _changed(captions, step.prepared(lines, shape), all_lines)
        counts.append(sum(one != other for one, other in zip(captions, after, strict=True)))
        captions = after
    return Edited(list(captions), counts)


def _changed(captions: Sequence[str], change: Line, all_lines: bool) -> list[str]:
    known: dict[str, str] = {}
    for caption in captions:
        if caption not in known:
            lines, rest = _lines(caption, all_lines)
            known[caption] = "\n".join([*(_in_one_line(change(line)) for line in lines), *rest])
    return [known[caption] for caption in captions]


def _lines(caption: str, all_lines: bool) -> tuple[list[str], list[str]]:
    """Lines that are edited, and those that are not."""
    lines = caption.split("\n")
    return (lines, []) if all_lines else (lines[:1], lines[1:])


def _in_one_line(text: str) -> str:
    return " ".join(text.splitlines()) if len(text.splitlines()) > 1 else text.rstrip("\r\n")


def described(steps: Sequence[Step], counts: Sequence[int]) -> str:
    """What steps did, in words; those that changed nothing are left out."""
    return joined("; ", [_with_count(step.said(), count) for step, count in zip(steps, counts, strict=True) if count])


def _with_count(what: str, count: int) -> str:
    if count == 1:
        return say("{what}: 1 caption", what=what)
    return say("{what}: {count} captions", what=what, count=count)
