import os
from pathlib import Path

import pytest

from lib_train import marks
from lib_train.marks import glance_at, mark_of


def rewritten(file: Path, content: bytes) -> None:
    """With the date that it had."""
    before = file.stat()
    file.write_bytes(content)
    os.utime(file, ns=(before.st_atime_ns, before.st_mtime_ns))


@pytest.mark.parametrize("by_system", [True, False])
@pytest.mark.parametrize(("size", "place"), [(1, 0), (5000, 2500), (5000, 4999), (1_000_000, 0), (1_000_000, 500_000),
                                             (1_000_000, 999_999)])  # fmt: skip
def test_mark_changes_with_first_middle_and_last_block_whatever_size_and_date(
    tmp_path, monkeypatch, size, place, by_system
):
    monkeypatch.setattr(marks, "_TIME_OF_STATUS", by_system)
    file, content = tmp_path / "a", bytearray(size)
    file.write_bytes(content)
    mark, glance = mark_of(file), glance_at(str(file))
    assert (mark_of(file), glance_at(str(file))) == (mark, glance)
    content[place] = 1
    rewritten(file, content)  # type: ignore[arg-type]
    assert mark_of(file)[:2] == mark[:2]
    assert mark_of(file)[3] != mark[3]
    assert glance_at(str(file)) != glance


def test_mark_of_an_empty_file_and_of_none(tmp_path):
    (tmp_path / "a").touch()
    assert mark_of(tmp_path / "a")[0] == 0
    for look in (mark_of, lambda path: glance_at(str(path))):
        with pytest.raises(OSError, match="b"):
            look(tmp_path / "b")
