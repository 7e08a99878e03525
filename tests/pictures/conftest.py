import shutil

import pytest

from lib_train.pictures import catalog as catalog_module


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
        for name in ("looked", "measured", "read_words"):
            monkeypatch.setattr(catalog_module, name, lambda *args: pytest.fail(f"{args} was read"))

    return begin
