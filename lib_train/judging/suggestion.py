"""Which checkpoint figures speak for, and why."""

from collections.abc import Mapping, Sequence
from typing import NamedTuple

from lib_train.texts import joined, say

LEARNED, OBEYS, LEAKS = 0.95, 0.9, 1.5
"""Of the highest gain; of the best obedience; of the least leak."""


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


def called(row: Row, rows: Sequence[Row]) -> str:
    """By epoch, or by step where an epoch has several, or by name where no log names it."""
    if row.step is None or row.epoch is None:
        return row.name
    if sum(other.epoch == row.epoch for other in rows) > 1:
        return say("step {step}", step=row.step)
    return say("epoch {epoch}", epoch=row.epoch)


def suggested(rows: Sequence[Row]) -> Suggestion | None:
    """The earliest checkpoint that has learned and neither ignores words nor changes other prompts more than it must;
    None for fewer than two.

    Args:
        rows: of one run, oldest first.
    """
    if len(rows) < 2:
        return None
    best = {name: max(row.figures[name] for row in rows) for name in ("gain", "obedience")}
    least = min(row.figures["leak"] for row in rows)
    learned = [row for row in rows if row.figures["gain"] >= LEARNED * best["gain"]]
    fitting = [
        row for row in learned
        if row.figures["obedience"] >= OBEYS * best["obedience"] and row.figures["leak"] <= LEAKS * least
    ]  # fmt: skip
    if fitting:
        row = fitting[0]
        share = row.figures["gain"] / best["gain"]
        return Suggestion(row.name, say("{which}: learned {share:.0%}", which=called(row, rows), share=share))
    return Suggestion("", joined("", [say("none of them fits")]))
