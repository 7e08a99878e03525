"""diffusers and transformers without their caches, their migrations and their advice: nothing is downloaded here."""

import atexit
import os
import shutil
import sys
import tempfile
from functools import cache
from importlib.util import find_spec
from pathlib import Path

from lib_train.commands import make_command
from lib_train.errors import MissingPackage
from lib_train.texts import say

_CACHES = (
    "HF_HUB_CACHE", "HUGGINGFACE_HUB_CACHE", "HF_ASSETS_CACHE", "HF_MODULES_CACHE", "TRANSFORMERS_CACHE",
    "PYTORCH_TRANSFORMERS_CACHE", "PYTORCH_PRETRAINED_BERT_CACHE",
)  # fmt: skip
_VERSIONS = ("version.txt", "version_diffusers_cache.txt")
"""By which transformers and diffusers know that their cache is of today."""
_LIBRARIES = ("huggingface_hub", "transformers", "diffusers")


def require_libraries() -> None:
    """Check that what models are built of is installed. In a WebUI's environment diffusers is not, and should not be.

    Raises:
        MissingPackage: it is not.
    """
    for name in ("diffusers", "transformers"):
        if find_spec(name) is None:
            raise MissingPackage(name, say("a model without a WebUI"), make_command("demo"))


@cache
def quiet() -> None:
    """Call before the first import of either library.

    Both look into the person's cache of models when they are imported, move an older one to its new place, and write
    there. They get an empty folder instead, which goes when the process ends.
    """
    os.environ.setdefault("HF_HUB_OFFLINE", "1")
    os.environ.setdefault("TRANSFORMERS_NO_ADVISORY_WARNINGS", "1")
    if any(name in sys.modules for name in _LIBRARIES):
        return
    for name in _CACHES:
        os.environ.pop(name, None)
    os.environ["HF_HOME"] = folder = tempfile.mkdtemp(prefix="train-tools-")
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    for name in _VERSIONS:  # or each takes the other's file for an older cache, and moves it
        path = Path(folder, "hub", name)
        path.parent.mkdir(exist_ok=True)
        path.write_text("1")
