"""Which checkpoint figures speak for, and why."""

from collections.abc import Mapping, Sequence
from typing import NamedTuple

from lib_train.texts import joined, say

LEARNED = 0.98
"""Of the highest gain."""
BY_HEART, OBEYS = 0.05, 0.5
"""The gap that is allowed, and the reaction that is asked for. doc/choosing.md says on what these three were set."""


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
    """The earliest checkpoint that has learned, not by heart, and obeys words; None for fewer than two.

    Args:
        rows: of one run, oldest first.
    """
    if len(rows) < 2:
        return None
    most = max(row.figures["gain"] for row in rows)
    if most <= 0:
        return Suggestion("", say("none fits: none predicts the training pictures better than the base model does"))
    learned = [place for place, row in enumerate(rows) if row.figures["gain"] >= LEARNED * most]
    fitting = [place for place in learned if not _faults(rows[place])]
    if not fitting:
        return Suggestion("", _why_none(rows[learned[0]], rows))
    row, later = rows[fitting[0]], rows[fitting[0] + 1 :]
    why = say("{which}: has learned {share:.0%} of the most that was learned, not by heart, and obeys words",
              which=called(row, rows), share=row.figures["gain"] / most)  # fmt: skip
    spoilt = [one for one in later if _faults(one)]
    return Suggestion(row.name, joined("; ", (why, _of_later(spoilt, rows))) if spoilt else why)


def _faults(row: Row) -> list[str]:
    """What is wrong with a checkpoint; where mirror images are trained, too, nothing tells what it knows by heart."""
    found, figures = list[str](), row.figures
    if figures.get("gap", 0.0) > BY_HEART:
        found.append(say("it knows the pictures by heart ({gap:.0%} beyond others)", gap=figures["gap"]))
    if figures["reaction"] < OBEYS:
        found.append(say("words change only {share:.0%} of what they should", share=figures["reaction"]))
    return found


def _of_later(spoilt: Sequence[Row], rows: Sequence[Row]) -> str:
    """What is wrong with later ones."""
    first, last = called(spoilt[0], rows), called(spoilt[-1], rows)
    if first == last:
        return say("{which} knows pictures by heart or obeys words less", which=first)
    return say("some from {first} to {last} know pictures by heart or obey words less", first=first, last=last)


def _why_none(row: Row, rows: Sequence[Row]) -> str:
    """Of the first that has learned."""
    return say("none fits: {which} is the first that has learned, but {why}; name in captions what should not be "
               "learned, or take an earlier one by its pictures",
               which=called(row, rows), why=joined(", ", _faults(row)))  # fmt: skip


def called(row: Row, rows: Sequence[Row]) -> str:
    """By epoch, or by step where an epoch has several, or by name where no log names it."""
    if row.step is None or row.epoch is None:
        return row.name
    if sum(other.epoch == row.epoch for other in rows) > 1:
        return say("step {step}", step=row.step)
    return say("epoch {epoch}", epoch=row.epoch)
