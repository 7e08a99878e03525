import pytest

from lib_train.errors import FileError
from lib_train.pictures.journal import Change, Journal
from lib_train.pictures.places import Places


def test_version_that_is_gone_is_not_made_anew_to_be_edited(tmp_path):
    journal = Journal(Places.of_version(tmp_path / "v1"))
    with pytest.raises(FileError, match="cannot be written"):
        journal.apply("edit", [Change(tmp_path / "v1" / "a.txt", None, b"x")])
    assert not (tmp_path / "v1").exists()
