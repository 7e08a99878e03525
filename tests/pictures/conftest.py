import shutil

import pytest

from lib_train.pictures.journal import Journal
from lib_train.pictures.places import Places
from tests.pictures.trees import made_tree


@pytest.fixture
def base(tmp_path, pictures):
    """A version's folder with three captioned pictures of its own."""
    shutil.copytree(pictures, tmp_path / "v1" / "dataset" / "train")
    return tmp_path / "v1"


@pytest.fixture
def inner(base):
    return base / "dataset" / "train" / "2_mochi"


@pytest.fixture
def nothing_read(monkeypatch):
    """From its call on, reading a picture fails the test."""

    def begin():
        for name in ("catalog.looked", "catalog.measured", "memory.read_words"):
            monkeypatch.setattr(f"lib_train.pictures.{name}", lambda *args: pytest.fail(f"{args} was read"))

    return begin


@pytest.fixture
def folder(tmp_path):
    """Of a version's training pictures; see ``made_tree``."""
    return made_tree(tmp_path)


@pytest.fixture
def edits(tmp_path, folder):
    """The journal of the version that ``folder`` is of."""
    return Journal(Places.of_version(tmp_path))
