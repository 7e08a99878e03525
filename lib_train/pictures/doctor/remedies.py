"""What mends captions: steps of a batch edit."""

from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from lib_train.pictures.caption_batch import Batch, batch
from lib_train.pictures.caption_steps import Add, Dedupe, Line, Remove, Step
from lib_train.pictures.doctor.case import Case
from lib_train.pictures.doctor.tagging import added_tags, doubled, trigger_words
from lib_train.pictures.entry import Entry
from lib_train.pictures.readings import is_blank, plain, reread, without_weights
from lib_train.pictures.tag_line import Shape, TagLine
from lib_train.texts import say

Groups = Mapping[tuple[Step, ...], Sequence[Entry]]
"""Steps, and the pictures whose captions they mend."""


@dataclass(frozen=True)
class Plain:
    """Takes a prompt's weights, networks and backslashes out."""

    def prepared(self, lines: Sequence[str], shape: Shape) -> Line:
        def change(line: str) -> str:
            bare = without_weights(line)
            if bare != line:
                bare = str(TagLine.read(bare, shape))  # without the tags that are empty now
            return "" if is_blank(bare, shape.separator) else plain(bare)

        return change

    def said(self) -> str:
        return say("took weights and backslashes out")


@dataclass(frozen=True)
class Reread:
    """Reads text anew that was read in the wrong encoding."""

    def prepared(self, lines: Sequence[str], shape: Shape) -> Line:
        return lambda line: found[1] if (found := reread(line)) else line

    def said(self) -> str:
        return say("read in another encoding")


def _deduped(case: Case, entries: Sequence[Entry]) -> Groups:
    added = added_tags(case)
    groups: dict[tuple[Step, ...], list[Entry]] = defaultdict(list)
    for entry in entries:
        gone = tuple(tag for tag in doubled(case, entry, added) if tag in added)
        groups[(Remove(gone), Dedupe()) if gone else (Dedupe(),)].append(entry)
    return groups


def _with_trigger(case: Case, entries: Sequence[Entry]) -> Groups:
    words, groups = trigger_words(case), defaultdict[tuple[Step, ...], list[Entry]](list)
    for entry in entries:
        if word := words.get(entry.folder):
            groups[Add((word,)),].append(entry)
    return groups


def _plain(case: Case, entries: Sequence[Entry]) -> Groups:
    return {(Plain(),): entries}


def _reread(case: Case, entries: Sequence[Entry]) -> Groups:
    return {(Reread(),): entries}


_MENDING: dict[str, Callable[[Case, Sequence[Entry]], Groups]] = {
    "dedupe": _deduped, "add_trigger": _with_trigger, "plain": _plain, "recode": _reread,
}  # fmt: skip
MENDING = tuple(_MENDING)
"""Remedies that edit captions."""


def mended(remedy: str, case: Case, entries: Sequence[Entry]) -> list[Batch]:
    """What a remedy does to the captions of pictures, as one edit for each kind of caption.

    Args:
        remedy: one of ``MENDING``.
    """
    shape = Shape.of(case.config)
    return [batch(some, steps, shape) for steps, some in _MENDING[remedy](case, entries).items()]
