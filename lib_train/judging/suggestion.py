"""Which checkpoint figures speak for, and why."""

from collections.abc import Mapping, Sequence
from typing import NamedTuple

from lib_train.texts import joined, say

LEARNED, OBEYS, LEAKS = 0.97, 0.9, 1.5
"""Shares: of the highest gain; of the first checkpoint's obedience; and of the first one's leak, which may grow to it.
doc/choosing.md says on what they were tried."""


class Row(NamedTuple):
    """A measured checkpoint of a run."""

    name: str
    """Its file's, without ending."""
    step: int | None
    epoch: int | None
    figures: Mapping[str, float]


class Suggestion(NamedTuple):
    """What figures speak for."""

    checkpoint: str
    """As ``Row.name``; empty where none fits."""
    reason: str


def suggested(rows: Sequence[Row]) -> Suggestion | None:
    """The earliest checkpoint that has learned, while it obeys words as the first one did and changes other prompts
    little more; None for fewer than two.

    Args:
        rows: of one run, oldest first.
    """
    if len(rows) < 2:
        return None
    most, first = max(row.figures["gain"] for row in rows), rows[0]
    if most <= 0:
        return Suggestion("", say("none fits: none predicts the training pictures better than the base model does"))
    learned = [place for place, row in enumerate(rows) if row.figures["gain"] >= LEARNED * most]
    fitting = [place for place in learned if _obeys(rows[place], first) and _keeps(rows[place], first)]
    if not fitting:
        return Suggestion("", _why_none(rows[learned[0]], rows))
    row, later = rows[fitting[0]], rows[fitting[0] + 1 :]
    why = say("{which}: has learned {share:.0%} of the most that was learned, and obeys words as the first one does",
              which=called(row, rows), share=row.figures["gain"] / most)  # fmt: skip
    spoilt = [one for one in later if not (_obeys(one, first) and _keeps(one, first))]
    return Suggestion(row.name, joined("; ", (why, _of_later(spoilt, rows))) if spoilt else why)


def _obeys(row: Row, first: Row) -> bool:
    return row.figures["obedience"] >= OBEYS * first.figures["obedience"]


def _keeps(row: Row, first: Row) -> bool:
    return row.figures["leak"] <= LEAKS * first.figures["leak"]


def _of_later(spoilt: Sequence[Row], rows: Sequence[Row]) -> str:
    """What is wrong with later ones."""
    first, last = called(spoilt[0], rows), called(spoilt[-1], rows)
    if first == last:
        return say("{which} obeys words less, or changes other prompts more", which=first)
    return say("{first} to {last} obey words less, or change other prompts more", first=first, last=last)


def _why_none(row: Row, rows: Sequence[Row]) -> str:
    """Of the first that has learned."""
    first, parts = rows[0], list[str]()
    if not _obeys(row, first):
        share = row.figures["obedience"] / max(first.figures["obedience"], 1e-9)
        parts.append(say("it obeys words {share:.0%} as well as the first one", share=share))
    if not _keeps(row, first):
        factor = row.figures["leak"] / max(first.figures["leak"], 1e-9)
        parts.append(say("it changes other prompts {factor:.1f} times as much as the first one", factor=factor))
    return say("none fits: {which} is the first that has learned, and {why}; name in captions what should not be "
               "learned, or take an earlier one by its pictures",
               which=called(row, rows), why=joined(", ", parts))  # fmt: skip


def called(row: Row, rows: Sequence[Row]) -> str:
    """By epoch, or by step where an epoch has several, or by name where no log names it."""
    if row.step is None or row.epoch is None:
        return row.name
    if sum(other.epoch == row.epoch for other in rows) > 1:
        return say("step {step}", step=row.step)
    return say("epoch {epoch}", epoch=row.epoch)
