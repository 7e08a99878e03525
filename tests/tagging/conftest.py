"""timm is there, and each family's tagger in miniature."""

import pytest

from tests.timm_alone import import_timm
from tests.tiny_taggers import tiny_timm


@pytest.fixture(scope="session")
def timm():
    return import_timm()


@pytest.fixture
def wd_file(timm, tmp_path):
    return tiny_timm(tmp_path / "wd-tiny-tagger-v3")
