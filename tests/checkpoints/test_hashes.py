"""Marks of large files."""

import hashlib
from random import Random

import pytest

from lib_train.checkpoints.hashes import content_mark

MIB = 2**20


def large(path, mebibytes=200):
    with path.open("wb") as file:
        file.truncate(mebibytes * MIB)
    return path


@pytest.mark.parametrize("size", [0, 1, 5 * MIB, 6 * MIB])
def test_mark_of_a_small_file_changes_with_every_byte(tmp_path, size):
    path = tmp_path / "a"
    path.write_bytes(bytes(size))
    before = content_mark(path)
    assert content_mark(path) == before
    for place in {0, size // 3, size - 1} if size else ():
        content = bytearray(size)
        content[place] = 1
        path.write_bytes(content)
        assert content_mark(path) != before
    path.write_bytes(bytes(size + 1))
    assert content_mark(path) != before


@pytest.mark.parametrize(
    ("start", "length"),
    [(1000, 1), (200 * MIB - 1, 1), (30 * MIB, 5 * MIB), (120 * MIB, 5 * MIB), (190 * MIB, 5 * MIB)],
    ids=["header", "end", "early", "middle", "late"],
)
def test_mark_of_a_large_file_changes_with_its_ends_and_with_any_part_as_large_as_a_vae(tmp_path, start, length):
    path = large(tmp_path / "a")
    before = content_mark(path)
    with path.open("r+b") as file:
        file.seek(start)
        file.write(b"x" * length)
    assert content_mark(path) != before


def test_mark_reads_a_small_share_of_a_large_file(tmp_path):
    read, path = [], large(tmp_path / "a", 6000)

    class Counted:
        def __init__(self, file):
            self.file = file

        def __enter__(self):
            return self

        def __exit__(self, *error):
            self.file.close()

        def seek(self, place):
            self.file.seek(place)

        def read(self, length):
            read.append(length)
            return self.file.read(length)

    class Path(type(path)):  # type: ignore[misc]
        def open(self, *mode):
            return Counted(super().open(*mode))

    content_mark(Path(path))
    assert sum(read) <= 6 * MIB


@pytest.mark.parametrize("size", [0, 3 * MIB, 5 * MIB, 6 * MIB, 6 * MIB + 1, 6 * MIB + 2**19, 20 * MIB + 77])
def test_mark_stays_what_it_was_for_earlier_runs(tmp_path, size):
    """The size, the first MiB, 128 blocks of 32 KiB spread evenly, and the last MiB; a file up to 6 MiB whole."""
    content = Random(size).randbytes(size)
    (tmp_path / "a").write_bytes(content)
    read = content
    if size > 6 * MIB:
        starts = [MIB + place * (size - 2 * MIB) // 128 for place in range(128)]
        read = content[:MIB] + b"".join(content[start : start + 2**15] for start in starts) + content[-MIB:]
    assert content_mark(tmp_path / "a") == hashlib.sha256(str(size).encode() + read).hexdigest()
