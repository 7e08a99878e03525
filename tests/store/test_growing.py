import pytest

from lib_train.store.growing import GrowingFile


def fail(*args, **how):
    raise PermissionError(13, "Permission denied")


@pytest.fixture
def now():
    return [0.0]


@pytest.fixture
def file(tmp_path, now):
    return GrowingFile(tmp_path / "a.txt", lambda: now[0])


def test_what_is_added_is_on_the_disk_a_second_later(file, now):
    file.begin(b"0")
    file.add(b"1")
    assert file.path.read_bytes() == b"0"
    now[0] = 1.0
    file.add(b"2")
    assert file.path.read_bytes() == b"012"
    file.add(b"3")
    file.write()
    assert file.path.read_bytes() == b"0123"


def test_nothing_is_lost_while_another_program_has_the_file_open(file, monkeypatch):
    file.begin(b"0")
    for one in (b"1", b"2"):
        file.add(one)
        with monkeypatch.context() as there, pytest.raises(PermissionError):
            there.setattr(type(file.path), "open", fail)
            file.write()
    file.write()
    assert file.path.read_bytes() == b"012"


def test_file_that_could_not_be_begun_is_begun_later(file, monkeypatch):
    with monkeypatch.context() as there, pytest.raises(PermissionError):
        there.setattr("lib_train.store.growing.write_whole", fail)
        file.begin(b"0")
    file.add(b"1")
    file.write()
    assert file.path.read_bytes() == b"01"


def test_what_a_full_disk_tore_is_written_over(file):
    file.begin(b"0")
    with file.path.open("ab") as torn:
        torn.write(b"half of a long row")
    file.add(b"1")
    file.write()
    assert file.path.read_bytes() == b"01"
