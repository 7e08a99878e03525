import shutil

import pytest


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
