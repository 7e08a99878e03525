from pathlib import Path

from lib_train.config.dataset import DatasetConfig
from lib_train.pictures.doctor.case import WARNING, Case, Finding
from lib_train.pictures.doctor.examine import examine
from lib_train.pictures.doctor.worst import entries_in, unsaid, worst_of
from lib_train.pictures.records import Picture, Scan


def finding(text):
    return Finding(code=text, severity=WARNING, text=text, ids=(1,))


def test_worst_is_the_first_and_counts_the_others():
    assert worst_of([]) is None
    alone, worst = worst_of([finding("small: 3")]), worst_of([finding("small: 3"), finding("blurred: 1"), finding("x")])
    assert alone is not None
    assert alone.line == "small: 3"
    assert worst is not None
    assert (worst.line, worst.more) == ("small: 3; 2 more: train-tools doctor", 2)
    assert worst.finding.filter == "problem:small: 3"


def test_notes_that_findings_say_too_go():
    assert unsaid(["small: 3", "y"], [finding("small: 3"), finding("x")]) == ("y",)


def test_scan_is_examined_by_sizes_and_captions():
    pictures = tuple(
        Picture(path=Path(f"10_x/{n}.png"), caption=caption, width=side, height=side, repeats=10, folder="10_x")
        for n, (caption, side) in enumerate((("x, hat", 512), ("x, hat, hat", 512), ("x, sea", 100)))
    )
    found = examine(Case(entries=entries_in(Scan(pictures=pictures, problems=())), config=DatasetConfig()))
    assert [one.code for one in found] == ["small", "tag_twice"]
