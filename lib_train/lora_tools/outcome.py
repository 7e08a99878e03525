"""What a tool has done: the files before and after it, side by side."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from math import isnan, sqrt
from pathlib import Path

from lib_train.checkpoints.inspect import NetworkFile, inspected
from lib_train.texts import Text, joined, say

Tell = Callable[[int, int], None]
"""Told how many of how many layers are done. What it raises ends the tool; nothing is written then."""


def nobody(done: int, total: int) -> None:
    """A ``Tell`` that hears nothing."""


@dataclass(frozen=True, kw_only=True)
class Summary:
    """A file in numbers."""

    path: Path
    size_bytes: int
    kind: str
    layers: int
    dims: Mapping[int, int]
    """Rank -> number of layers that have it."""
    precision: str
    norm: float | None
    """Frobenius norm of all that the file adds to the weights; None where that depends on a base model's that are not
    known."""


@dataclass(frozen=True, kw_only=True)
class Outcome:
    """What a tool made of which files."""

    before: tuple[Summary, ...]
    after: Summary
    error: float | None
    """Norm of what the new file adds less or more than it should, as a share of the norm of what it should; before the
    rounding to the file's precision. None where there is nothing to compare with, or that is not known."""
    notes: tuple[str, ...]
    """What else a person should know."""

    @property
    def path(self) -> Path:
        """The file that was made."""
        return self.after.path


@dataclass
class Squares:
    """Sums of squares over layers, as they come."""

    before: float = 0.0
    after: float = 0.0
    lost: float = 0.0
    notes: list[Text] = field(default_factory=list)

    def add(self, whole: float, lost: float) -> None:
        """A layer's, of which the best approximation lost some."""
        self.before, self.after, self.lost = self.before + whole, self.after + whole - lost, self.lost + lost

    @property
    def error(self) -> float | None:
        """``Outcome.error``."""
        if isnan(self.lost) or isnan(self.before):
            return None
        return sqrt(self.lost / self.before) if self.before else 0.0


def summary_of(path: Path, square: float, found: NetworkFile | None = None) -> Summary:
    """The file in numbers.

    Args:
        square: of its norm.
        found: what was in it when it was read, for it may be gone since; None looks.
    """
    found = found or inspected(path)
    return Summary(
        path=path, size_bytes=found.size_bytes, kind=found.kind, layers=sum(found.modules.values()), dims=found.dims,
        precision=found.precision, norm=None if isnan(square) else sqrt(square),
    )  # fmt: skip


def told(outcome: Outcome) -> list[str]:
    """Lines for a person."""
    lines: list[str] = [_line(one) for one in (*outcome.before, outcome.after)]
    if outcome.error is not None:
        lines.append(say("relative error of what is added to the weights: {error:.2g}", error=outcome.error))
    return [*lines, *(say("note: {note}", note=note) for note in outcome.notes)]


def _line(one: Summary) -> Text:
    return say(
        "{name}: {size:.1f} MiB, {precision}, {kind}, {layers} layers, rank {ranks}, norm {norm}",
        name=one.path.name, size=one.size_bytes / 2**20, precision=one.precision, kind=one.kind, layers=one.layers,
        ranks=_ranks(one.dims), norm=say("not known") if one.norm is None else f"{one.norm:.4g}",
    )  # fmt: skip


def _ranks(dims: Mapping[int, int]) -> str:
    if not dims:
        return say("none")
    low, high = min(dims), max(dims)
    mean = sum(rank * count for rank, count in dims.items()) / sum(dims.values())
    return str(low) if low == high else say("{low} to {high} (mean {mean:.1f})", low=low, high=high, mean=mean)


def lines_of(outcomes: Sequence[Outcome]) -> Text:
    """All lines of several outcomes, with an empty one between."""
    return joined("\n\n", [joined("\n", told(outcome)) for outcome in outcomes])
