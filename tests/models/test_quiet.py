import os
import shutil
import tempfile

from transformers.utils.hub import TRANSFORMERS_CACHE

from lib_train.models import quiet as module
from lib_train.models.quiet import quiet


def test_libraries_get_an_empty_cache_of_their_own(monkeypatch):
    monkeypatch.setattr(module, "_LIBRARIES", ("not_imported_yet",))
    monkeypatch.setenv("HF_HOME", "/the/person/s/own")
    monkeypatch.setenv("TRANSFORMERS_CACHE", "/the/person/s/own/older")
    quiet.__wrapped__()
    assert os.environ["HF_HOME"].startswith(tempfile.gettempdir())
    assert "TRANSFORMERS_CACHE" not in os.environ
    shutil.rmtree(os.environ["HF_HOME"])


def test_libraries_that_are_there_already_are_left_alone(monkeypatch):
    monkeypatch.setattr(module, "_LIBRARIES", ("os",))
    monkeypatch.setenv("HF_HOME", "/the/person/s/own")
    quiet.__wrapped__()
    assert os.environ["HF_HOME"] == "/the/person/s/own"


def test_no_test_looks_into_the_person_s_cache():
    assert TRANSFORMERS_CACHE.startswith(tempfile.gettempdir())
