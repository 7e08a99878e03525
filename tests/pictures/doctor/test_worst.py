from pathlib import Path

from lib_train.config.dataset import DatasetConfig
from lib_train.pictures.doctor.case import WARNING, Case, Finding
from lib_train.pictures.doctor.examine import examine
from lib_train.pictures.doctor.worst import entries_in, worst_line
from lib_train.pictures.records import Picture, Scan


def finding(text):
    return Finding(code=text, severity=WARNING, text=text, ids=(1,))


def test_worst_line_names_the_first_and_counts_the_others():
    assert worst_line([]) == ""
    assert worst_line([finding("small: 3")]) == "small: 3"
    assert (
        worst_line([finding("small: 3"), finding("blurred: 1"), finding("x")]) == "small: 3; 2 more: train-tools doctor"
    )


def test_worst_line_leaves_out_what_is_read_anyway():
    assert worst_line([finding("small: 3"), finding("blurred: 1")], ["small: 3", "y"]) == "blurred: 1"
    assert worst_line([finding("small: 3")], ["small: 3"]) == ""


def test_scan_is_examined_by_sizes_and_captions():
    pictures = tuple(
        Picture(path=Path(f"10_x/{n}.png"), caption=caption, width=side, height=side, repeats=10, folder="10_x")
        for n, (caption, side) in enumerate((("x, hat", 512), ("x, hat, hat", 512), ("x, sea", 100)))
    )
    found = examine(Case(entries=entries_in(Scan(pictures=pictures, problems=())), config=DatasetConfig()))
    assert [one.code for one in found] == ["small", "tag_twice"]
