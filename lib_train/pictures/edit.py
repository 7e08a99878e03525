"""An edit as people see it, and what came of taking it back."""

from collections.abc import Sequence
from dataclasses import dataclass

from lib_train.pictures.edit_log import Record


@dataclass(frozen=True, kw_only=True)
class Edit:
    """What was done in one step of a person."""

    number: int
    """0 where there was nothing to do."""
    label: str
    time: float
    """Seconds since 1970."""
    counts: dict[str, int]
    """Files changed, moved, made."""
    undone: bool = False
    half: bool = False
    """Its process ended in the middle of it, or in the middle of taking it back; undo or redo completes it."""
    left: tuple[str, ...] = ()
    """Files that were left as they are, each with the reason."""


@dataclass(frozen=True, kw_only=True)
class Undone:
    """An edit that was taken back, or done again."""

    edit: Edit
    files: int
    """So many came back."""
    left: tuple[str, ...] = ()
    """Files that were left as they are, each with the reason."""


def edit_of(record: Record, left: Sequence[str] = (), going_on: bool = False) -> Edit:
    """What a log says of an edit, for people.

    Args:
        going_on: whether somebody may be in the middle of it.
    """
    return Edit(
        number=record.number,
        label=record.label,
        time=record.time,
        counts=record.counts,
        undone=record.state in ("undone", "redoing"),
        half=record.half and not going_on,
        left=tuple(left),
    )
