"""Which checkpoint figures speak for, and why."""

from collections.abc import Mapping, Sequence
from typing import NamedTuple

from lib_train.texts import joined, say

LEARNED = 0.98
"""Of the highest gain."""
BY_HEART, OBEYS = 0.08, 0.5
"""The gap that is allowed, and the reaction that is asked for."""
HARDLY = 0.02
"""Where no gap is larger, the run may have learned too little. doc/choosing.md says on what these four were set."""


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


class _Fault(NamedTuple):
    """What is wrong with a checkpoint, and what helps in another training."""

    what: str
    way: str


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
    why = say("try {which} first: it has learned {share:.0%} of the most that any checkpoint of this run has, it does "
              "not know the training pictures by heart, and other words of the prompt still work",
              which=called(row, rows), share=row.figures["gain"] / most)  # fmt: skip
    if spoilt := [one for one in later if _faults(one)]:
        return Suggestion(row.name, joined("; ", (why, _of_later(spoilt, rows))))
    little = all(one.figures.get("gap", BY_HEART) < HARDLY for one in rows)
    return Suggestion(row.name, joined("; ", (why, _too_little())) if little else why)


def _faults(row: Row) -> list[_Fault]:
    """What is wrong with a checkpoint; where mirror images are trained, too, nothing tells what it knows by heart."""
    found, figures = list[_Fault](), row.figures
    if figures.get("gap", 0.0) > BY_HEART:
        what = say("it knows the training pictures by heart (it is {gap:.0%} better on them than on others)",
                   gap=figures["gap"])  # fmt: skip
        found.append(_Fault(what, say("name in captions what should not be learned, such as backgrounds")))
    if figures["reaction"] < OBEYS:
        what = say(
            "other words of the prompt do only {share:.0%} of what they do without it", share=figures["reaction"]
        )
        found.append(_Fault(what, say("train with a lower learning rate, or with regularisation pictures")))
    return found


def _too_little() -> str:
    """Of a run that knows nothing by heart, not even in part."""
    return say("it may have learned too little: if its pictures do not show what was trained, train longer or with a "
               "higher learning rate")  # fmt: skip


def _of_later(spoilt: Sequence[Row], rows: Sequence[Row]) -> str:
    """What is wrong with later ones."""
    first, last = called(spoilt[0], rows), called(spoilt[-1], rows)
    if first == last:
        return say("{which} knows pictures by heart or obeys words less", which=first)
    return say("some from {first} to {last} know pictures by heart or obey words less", first=first, last=last)


def _why_none(row: Row, rows: Sequence[Row]) -> str:
    """Of the first that has learned."""
    faults = _faults(row)
    return say("none fits: {which} is the first that has learned, but {why}; compare its pictures with those of "
               "earlier ones, or {ways}",
               which=called(row, rows), why=joined(", ", [fault.what for fault in faults]),
               ways=joined(", ", [fault.way for fault in faults]))  # fmt: skip


def called(row: Row, rows: Sequence[Row]) -> str:
    """By epoch, or by step where an epoch has several, or by name where no log names it."""
    if row.step is None or row.epoch is None:
        return row.name
    if sum(other.epoch == row.epoch for other in rows) > 1:
        return say("step {step}", step=row.step)
    return say("epoch {epoch}", epoch=row.epoch)
