"""The stand-in of the WebUI, with a model loaded."""

from collections.abc import Iterator

import pytest

from lib_train.vocabulary import FAMILIES
from tests.fake_webui import inside_webui
from tests.host.hosts import CASES, HOSTS, Place
from tests.host.inside import load


@pytest.fixture(params=CASES, ids=lambda case: "-".join(case))
def place(request, checkpoints) -> Iterator[Place]:
    """A host of its own, with nothing lent."""
    name, family = request.param
    with HOSTS[name](checkpoints[family], family) as found:
        yield found


@pytest.fixture
def adapter():
    with inside_webui() as found:
        yield found


@pytest.fixture(params=FAMILIES)
def any_model(request, adapter, checkpoints):
    """Each family's model as the WebUI has loaded it."""
    return load(checkpoints, request.param)


@pytest.fixture
def sd_model(adapter, checkpoints):
    return load(checkpoints, "sd1")


@pytest.fixture
def host(adapter):
    return adapter.WebuiHost()
