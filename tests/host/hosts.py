"""The hosts that pass the contract."""

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path

from lib_train.host.protocol import BaseModelRef, Host
from lib_train.host.standalone.host import StandaloneHost
from tests.fake_webui import inside_webui
from tests.fakes import FakeHost

Place = tuple[Host, BaseModelRef]
FAMILIES = ("sd1", "sd2", "sdxl")


@contextmanager
def standalone(file: Path, family: str) -> Iterator[Place]:
    host = StandaloneHost(device="cpu")
    yield host, host.find(str(file))


@contextmanager
def webui(file: Path, family: str) -> Iterator[Place]:
    with inside_webui() as adapter:
        from modules import deepbooru, interrogate, paths, sd_models

        models = file.parent / "models"
        paths.models_path = str(models)
        for tagger in (deepbooru, interrogate):
            tagger.write_tiny(models)
        sd_models.load_model(file, family)
        host = adapter.WebuiHost()
        yield host, host.find(str(file))


@contextmanager
def fake(file: Path, family: str) -> Iterator[Place]:
    host = FakeHost(file)
    yield host, host.find(str(file))


HOSTS: dict[str, Callable[[Path, str], AbstractContextManager[Place]]] = {
    "standalone": standalone, "webui": webui, "fake": fake,
}  # fmt: skip
"""Name -> a host and its reference to a tiny checkpoint file."""
CASES = [*((host, family) for host in ("standalone", "webui") for family in FAMILIES), ("fake", "sd1")]
