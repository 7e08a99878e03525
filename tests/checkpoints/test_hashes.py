"""Marks of large files."""

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

    class Path(type(path)):
        def open(self, *mode):
            return Counted(super().open(*mode))

    content_mark(Path(path))
    assert sum(read) <= 6 * MIB
