"""The worst finding in one line, for plans."""

from collections.abc import Iterator, Sequence

from lib_train.pictures.doctor.case import Finding
from lib_train.pictures.entry import Entry
from lib_train.pictures.records import Scan
from lib_train.texts import say

COMMAND = "train-tools doctor"


def worst_line(findings: Sequence[Finding], told: Sequence[str] = ()) -> str:
    """The worst finding, and how many others there are; empty where all of them were told.

    Args:
        findings: the worst first.
        told: lines that somebody reads anyway.
    """
    new = [one for one in findings if one.text not in told]
    if not new:
        return ""
    if len(new) == 1:
        return new[0].text
    return say("{text}; {count} more: {command}", text=new[0].text, count=len(new) - 1, command=COMMAND)


def entries_in(scan: Scan) -> list[Entry]:
    """The usable pictures of a scan, which knows their sizes and captions alone."""
    return list(_entries(scan))


def _entries(scan: Scan) -> Iterator[Entry]:
    for number, one in enumerate(scan.pictures, start=1):
        yield Entry(
            id=number, path=one.path, folder=one.folder, repeats=one.repeats, is_reg=one.is_reg, width=one.width,
            height=one.height, caption=one.caption, caption_file=one.path.with_suffix(".txt"),
        )  # fmt: skip
