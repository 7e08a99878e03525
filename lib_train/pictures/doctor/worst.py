"""The worst finding in one line, for plans."""

from collections.abc import Iterable, Iterator, Sequence
from typing import NamedTuple

from lib_train.pictures.doctor.case import Finding
from lib_train.pictures.entry import Entry
from lib_train.pictures.records import Scan
from lib_train.texts import say

COMMAND = "train-tools doctor"


class Worst(NamedTuple):
    """The worst finding, and how many others there are."""

    finding: Finding
    more: int

    @property
    def line(self) -> str:
        """In words."""
        if not self.more:
            return self.finding.text
        return say("{text}; {count} more: {command}", text=self.finding.text, count=self.more, command=COMMAND)


def worst_of(findings: Sequence[Finding]) -> Worst | None:
    """The worst; None where nothing is found.

    Args:
        findings: the worst first.
    """
    return Worst(findings[0], len(findings) - 1) if findings else None


def unsaid(notes: Iterable[str], findings: Iterable[Finding]) -> tuple[str, ...]:
    """Notes that no finding says too."""
    said = {one.text for one in findings}
    return tuple(note for note in notes if note not in said)


def entries_in(scan: Scan) -> list[Entry]:
    """The usable pictures of a scan, which knows their sizes and captions alone."""
    return list(_entries(scan))


def _entries(scan: Scan) -> Iterator[Entry]:
    for number, one in enumerate(scan.pictures, start=1):
        yield Entry(
            id=number, path=one.path, folder=one.folder, repeats=one.repeats, is_reg=one.is_reg, width=one.width,
            height=one.height, caption=one.caption, caption_file=one.path.with_suffix(".txt"),
        )  # fmt: skip
