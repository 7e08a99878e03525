"""Captions that are missing, unreadable, or not what they seem."""

import os
from collections import defaultdict
from collections.abc import Iterator

from lib_train.pictures.doctor.case import ERROR, NOTE, WARNING, Case, Finding, finding
from lib_train.pictures.entry import Entry
from lib_train.pictures.readings import other_reading
from lib_train.pictures.rules import (
    BLANK,
    EMPTY,
    ENCODING,
    ESCAPES,
    JSON,
    OF_ONE,
    SEVERAL_LINES,
    SHARED,
    UNCAPTIONED,
    WEIGHTS,
    told_of_encoding,
    told_of_length,
)
from lib_train.texts import say

_KINDS: dict[str, tuple[str, tuple[str, ...]]] = {
    UNCAPTIONED.code: (WARNING, ("tag",)),
    EMPTY.code: (WARNING, ("tag",)),
    BLANK.code: (WARNING, ("tag",)),
    JSON.code: (WARNING, ()),
    WEIGHTS.code: (WARNING, ("plain",)),
    SEVERAL_LINES.code: (NOTE, ()),
    ESCAPES.code: (NOTE, ("plain",)),
}
"""How bad it is, and what helps."""


def unreadable(case: Case) -> Iterator[Finding]:
    """Caption files that are no text."""
    hit = [entry for entry in case.present if entry.caption_problem]
    yield from finding("unreadable_caption", ERROR, say("captions that cannot be read"), hit,
                       detail=lambda entry: entry.caption_problem)  # fmt: skip


def kinds_of_caption(case: Case) -> Iterator[Finding]:
    """Missing, empty, JSON, weights and the like."""
    for rule, holds in OF_ONE:
        if rule.code in _KINDS:
            severity, remedies = _KINDS[rule.code]
            hit = [entry for entry in case.readable if holds(entry, case.config)]
            yield from finding(rule.code, severity, rule.many, hit, remedies=remedies)


def encoding(case: Case) -> Iterator[Finding]:
    """Captions that are UTF-8 by chance."""
    hit = [entry for entry in case.readable if other_reading(entry.line)]
    text = told_of_encoding([(entry.path.name, entry.line) for entry in hit]) if hit else None
    yield from finding(ENCODING.code, WARNING, ENCODING.many, hit, text=text, remedies=("recode",),
                       detail=lambda entry: other_reading(entry.line) or "")  # fmt: skip


def too_long(case: Case) -> Iterator[Finding]:
    """Captions whose end is cut off, the longest first."""
    most = case.max_tokens
    if most is None:
        return
    counts = {entry.id: entry.tokens + case.around for entry in case.readable if entry.tokens is not None}
    cut = {number: count - most for number, count in counts.items() if count > most}
    hit = sorted((entry for entry in case.readable if entry.id in cut), key=lambda entry: -cut[entry.id])
    lengths = [(most + cut[entry.id], entry.path.name) for entry in hit]

    def detail(entry: Entry) -> str:
        return say("{tokens} tokens, {cut} cut off", tokens=most + cut[entry.id], cut=cut[entry.id])

    yield from finding("too_long", WARNING, "", hit, detail=detail,
                       text=told_of_length(lengths, most) if hit else None)  # fmt: skip


def shared(case: Case) -> Iterator[Finding]:
    """Pictures of one name but different endings."""
    stems: dict[str, list[Entry]] = defaultdict(list)
    for entry in case.usable:
        stems[os.path.splitext(entry.path)[0]].append(entry)
    hit = [entry for group in stems.values() if len(group) > 1 for entry in group]
    yield from finding(SHARED.code, NOTE, SHARED.many, hit)
